import type { ComposeFile, Reference, Service } from './compose-file.ts';

/** Each rule answers what is wrong, one sentence a finding. */
type Entry = readonly [name: string, service: Service];

const entries = (file: ComposeFile): Entry[] => Object.entries(file.services);
const runsOnce = ({ restart }: Service): boolean => restart === 'no';
const isOwnImage = ({ build }: Service): boolean => build !== undefined;

/** Our own image carries the version of the project; any other is pinned by a full version and by its content. */
export const unpinnedImages = (file: ComposeFile, projectVersion: string): string[] =>
  entries(file).flatMap(([name, service]) => {
    const image = service.image ?? '';
    if (isOwnImage(service)) {
      if (service.pull_policy !== 'build') return [`${name}: pull_policy must be build, or a registry may answer`];
      return image.endsWith(`:${projectVersion}`) ? [] : [`${name}: ${image} is not of version ${projectVersion}`];
    }
    return isPinned(image) ? [] : [`${name}: ${image} has no full version, or no digest`];
  });

export const isPinned = (image: string): boolean => /^[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}$/.test(image);

/** Variables of the hub's containers that the hub has no setting for. */
export const unknownSettings = (file: ComposeFile, settings: readonly string[]): string[] =>
  entries(file)
    .filter(([, service]) => isOwnImage(service))
    .flatMap(([name, { environment }]) =>
      Object.keys(environment)
        .filter((variable) => !settings.includes(variable))
        .map((variable) => `${name}: the hub has no setting ${variable}`),
    );

export const missingVariables = (references: readonly Reference[], created: readonly string[]): string[] =>
  references
    .filter(({ name, optional }) => !optional && !created.includes(name))
    .map(({ name }) => `nobody creates ${name}, and it has no default`);

/** Files that containers are given; an engine would make an empty folder in place of one that is missing. */
export const missingMounts = (file: ComposeFile, exists: (path: string) => boolean): string[] =>
  entries(file).flatMap(([name, { volumes }]) =>
    volumes.flatMap(({ source, readOnly }) => {
      if (!source.startsWith('.')) return source in file.volumes ? [] : [`${name}: no volume ${source}`];
      if (!exists(source)) return [`${name}: ${source} is not there`];
      return readOnly ? [] : [`${name}: ${source} may be written by a container`];
    }),
  );

export const withoutHealth = (file: ComposeFile): string[] =>
  entries(file)
    .filter(([, service]) => !runsOnce(service) && service.healthcheck === undefined)
    .map(([name]) => `${name}: no health check`);

export const withoutLimits = (file: ComposeFile): string[] =>
  entries(file).flatMap(([name, { deploy, logging }]) => {
    const limits = deploy?.resources.limits;
    const missing = (['cpus', 'memory', 'pids'] as const).filter((limit) => limits?.[limit] === undefined);
    const logs = logging?.options['max-size'] === undefined ? ['the size of its log'] : [];
    return [...missing, ...logs].map((limit) => `${name}: no limit for ${limit}`);
  });

/** Root is for the one container that gives files away, and it ends, has no network and three rights. */
const mayBeRoot = 'secrets';

export const openDoors = (file: ComposeFile): string[] =>
  entries(file).flatMap(([name, service]) => {
    const findings: string[] = [];
    const root = service.user === undefined || service.user.startsWith('0:');
    if (root && !(name === mayBeRoot && runsOnce(service) && service.network_mode === 'none'))
      findings.push('runs as root');
    if (!service.cap_drop?.includes('ALL')) findings.push('keeps capabilities of the engine');
    if (!service.security_opt?.includes('no-new-privileges:true')) findings.push('may gain privileges');
    if (JSON.stringify(service).match(/insecure/i)) findings.push('switches security off');
    if (service.volumes.some(({ source }) => source.includes('docker.sock'))) findings.push('governs the engine');
    return findings.map((finding) => `${name}: ${finding}`);
  });

/** Whoever opens a port says to whom: this machine, or what .env says. */
export const carelessPorts = (file: ComposeFile): string[] => {
  const addresses = ['127.0.0.1:', `\${PUBLISH_ADDRESS:-127.0.0.1}:`];
  const all = entries(file).flatMap(([name, { ports }]) => ports.map((port) => ({ name, port })));
  const open = all.filter(({ port }) => !addresses.some((address) => port.startsWith(address)));
  const hostPorts = all.map(({ port }) => /:-?(\d+)\}?:\d+$/.exec(port)?.[1] ?? port);
  return [
    ...open.map(({ name, port }) => `${name}: ${port} is open to everybody`),
    ...hostPorts
      .filter((port, index) => hostPorts.indexOf(port) !== index)
      .map((port) => `two services open port ${port}`),
  ];
};

export const brokenTies = (file: ComposeFile): string[] =>
  entries(file).flatMap(([name, service]) => [
    ...Object.entries(service.depends_on).flatMap(([other, { condition }]) => {
      const target = file.services[other];
      if (target === undefined) return [`${name}: waits for ${other}, which is not there`];
      if (condition === 'service_healthy' && target.healthcheck === undefined)
        return [`${name}: waits for the health of ${other}, which has no health check`];
      if ((condition === 'service_completed_successfully') !== runsOnce(target))
        return [`${name}: waits for the wrong thing of ${other}`];
      return [];
    }),
    ...service.networks
      .filter((network) => !(network in file.networks))
      .map((network) => `${name}: no network ${network}`),
    ...(service.restart === undefined ? [`${name}: no restart policy`] : []),
  ]);

/** Hosts in addresses that a service is given, but cannot reach: no such service, or no network in common. */
export const unreachable = (file: ComposeFile): string[] =>
  entries(file).flatMap(([name, service]) => {
    const words = JSON.stringify([service.environment, service.command ?? '']);
    const hosts = [...words.matchAll(/(?:https?|mqtts?|postgres|kurrentdb):\/\/(?:[^@/"\s]*@)?([a-z][a-z0-9-]*):\d/g)];
    return hosts.flatMap(([, host = '']) => {
      const other = file.services[host];
      if (other === undefined) return [`${name}: no service ${host}`];
      return other.networks.some((network) => service.networks.includes(network))
        ? []
        : [`${name}: shares no network with ${host}`];
    });
  });

/** Stages of a Dockerfile that are not pinned, and an image that would run as root. */
export const dockerfileFaults = (dockerfile: string): string[] => {
  const stages = [...dockerfile.matchAll(/^FROM\s+(\S+)(?:\s+AS\s+(\S+))?/gim)];
  const names = stages.map(([, , name]) => name);
  const last = dockerfile.slice(stages.at(-1)?.index ?? 0);
  return [
    ...stages
      .filter(([, image = '']) => !names.includes(image) && !isPinned(image))
      .map(([, image]) => `${image} has no full version, or no digest`),
    ...(/^USER\s+(?!root|0)\S+/m.test(last) ? [] : ['runs as root']),
    ...(/^CMD \[/m.test(last) ? [] : ['a command in a shell does not get the signal to stop']),
  ];
};
