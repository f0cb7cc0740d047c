import { type CommandOptions, loggedIn, required, type Say } from './command.ts';

interface Registered {
  id: string;
  compound: string;
  credential?: { username: string; password: string };
}

/** Registers a device and says how it is to connect. */
export const addDevice = async ([id]: string[], options: CommandOptions, say: Say): Promise<number> => {
  const { dialect, model, gateway, position } = options;
  const device = {
    id: required(id, 'The id'),
    compound: required(options.compound, '--compound'),
    kind: required(options.kind, '--kind'),
    name: options.name ?? id,
    ...(dialect === undefined ? {} : { dialect }),
    ...(model === undefined ? {} : { model }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(position === undefined ? {} : { position }),
  };
  const hub = await loggedIn(options);
  const { compound, credential } = await hub.post<Registered>('/api/devices', device);
  if (credential === undefined) {
    say(`${id} is registered beneath ${gateway}: it speaks through that gateway.`);
    return 0;
  }
  const { hostname, port } = new URL(options.mqtt);
  say(`User name  ${credential.username}`);
  say(`Password   ${credential.password}   (told this once)`);
  say('');
  say('A line to try it:');
  say(
    `  mosquitto_pub -h ${hostname} -p ${port || '1883'} -q 1 -u ${credential.username} -P ${credential.password} \\\n` +
      `    -t xy/v1/${compound}/${id}/status -m online`,
  );
  return 0;
};
