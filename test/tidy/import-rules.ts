import { type Finding, isTest, resolveImport, type Source } from './source.ts';

/** The floors, lowest first: a file imports from its own folder here and from any lower floor. */
const floors: readonly (readonly string[])[] = [
  ['services/runtime'],
  ['services/event-log'],
  ['devices'],
  ['services/registry', 'services/work-orders'],
  ['services/device-commands'],
  ['services/ingest', 'services/outbound', 'services/projections', 'services/evidence'],
  ['services/ocpp'],
  ['services/api'],
  ['services/hub'],
  ['services/client'],
  ['services/demo', 'services/replay', 'services/log'],
];

/** Folders that may take less from below than their floor allows. */
const narrowed: Readonly<Record<string, { from: readonly string[]; remedy: string }>> = {
  devices: {
    from: ['services/event-log/event.ts'],
    remedy: 'devices are pure: of services they know only event-log/event.ts',
  },
  'services/evidence': {
    from: [
      'services/event-log/proof-lines.ts',
      'services/event-log/check-proof.ts',
      'services/runtime/signing-key.ts',
      'services/runtime/schema.ts',
    ],
    remedy: 'a bundle is checked by nothing but itself: of the log it takes the lines of a proof and their check',
  },
  'services/client': {
    from: ['services/runtime/'],
    remedy: 'the client knows the hub only by its wire: of services it takes only runtime',
  },
};

/** Values (types are free) that the page takes from services. */
const valuesOfThePage: Readonly<Record<string, string>> = {
  'services/runtime/clock.ts': 'the one place that reads a clock, in the browser too; it imports nothing',
};

const isIn = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);
const floorOf = (path: string): number => floors.findIndex((rooms) => rooms.some((room) => isIn(path, room)));
const roomOf = (path: string): string | undefined => floors.flat().find((room) => isIn(path, room));

function whyNot(from: string, to: string, typeOnly: boolean): string | undefined {
  if (isTest(from)) {
    if (from.startsWith('test/') || to.startsWith('test/')) return undefined;
  } else if (isTest(to)) {
    return 'only tests import tests; move what both need to its own file beside the code';
  }
  if (isIn(from, 'dashboards')) {
    if (!isIn(to, 'services') || typeOnly || to in valuesOfThePage) return undefined;
    return 'the page takes only types from services: `import type`, or ask the API';
  }
  const room = roomOf(from);
  if (room === undefined) {
    return isIn(from, 'services') ? `give its folder a floor in test/tidy/import-rules.ts` : undefined;
  }
  if (isIn(to, room)) return undefined;
  const narrow = narrowed[room];
  if (narrow) return narrow.from.some((allowed) => to.startsWith(allowed)) ? undefined : narrow.remedy;
  if (floorOf(to) === -1) return `${room} may not import ${to}; services import only services and devices`;
  if (floorOf(to) < floorOf(from)) return undefined;
  return `${room} stands on a floor below or beside ${roomOf(to)}; move what both need to a lower floor, or join the two in a higher one`;
}

export function importDirection(sources: readonly Source[]): Finding[] {
  return sources.flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier, typeOnly, line }) => {
      const target = resolveImport(path, specifier);
      const reason = target === undefined ? undefined : whyNot(path, target, typeOnly);
      return reason === undefined ? [] : [{ path, line, message: `imports ${specifier}: ${reason}` }];
    }),
  );
}

/** One finding per circle of files, over value and type imports alike. */
export function importCircles(sources: readonly Source[]): Finding[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const findings: Finding[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (done.has(path)) return;
    for (const { specifier, line } of byPath.get(path)?.imports ?? []) {
      const target = resolveImport(path, specifier);
      if (target === undefined || !byPath.has(target)) continue;
      const start = [...way, path].indexOf(target);
      if (start === -1) {
        visit(target, [...way, path]);
      } else {
        const circle = [...way.slice(start), path, target].join(' → ');
        findings.push({ path, line, message: `closes a circle of imports: ${circle}; move what both need to a third` });
      }
    }
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return findings;
}

/** Packages that only some places know, so that they can be exchanged there. */
const packagePlaces: readonly { packages: RegExp; places: RegExp; remedy: string }[] = [
  {
    packages: /^@nestjs\//,
    places:
      /\.(module|controller|guard)\.ts$|^services\/api\/(operation|problem)\.ts$|^services\/hub\/|^services\/ingest\/mqtt\/mqtt-endpoint(\.test)?\.ts$/,
    remedy: 'Nest stays at the door: *.module.ts, *.controller.ts, *.guard.ts, services/hub/; write a plain function',
  },
  {
    packages: /^pg(-|\/|$)/,
    places: /^services\/event-log\/postgres\/|^services\/runtime\/postgres\.ts$/,
    remedy:
      'the driver stays in services/event-log/postgres/ and services/runtime/postgres.ts; take `Sql` of services/runtime/sql.ts',
  },
  {
    packages: /^@(eventstore|kurrent)\//,
    places: /^services\/event-log\/kurrentdb\/|^test\/kurrentdb\//,
    remedy:
      'the clients stay in services/event-log/kurrentdb/, which loads only the one that the URL names; take the EventLog port',
  },
];

export function packagesInTheirPlace(sources: readonly Source[]): Finding[] {
  return sources
    .filter(({ path }) => !path.startsWith('test/'))
    .flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier, line }) =>
        packagePlaces
          .filter(({ packages, places }) => packages.test(specifier) && !places.test(path))
          .map(({ remedy }) => ({ path, line, message: `imports ${specifier}: ${remedy}` })),
      ),
    );
}
