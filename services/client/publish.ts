import { text } from 'node:stream/consumers';
import { type CommandOptions, loggedIn, required, type Say } from './command.ts';
import { connectMqtt } from './hub-client.ts';
import type { HeardMessage } from './listen.ts';

/** What the hub would make of it, by word of its API. */
const tryOut = async (topic: string, payload: string, options: CommandOptions, say: Say): Promise<number> => {
  const { retain, dialect, username } = options;
  const hub = await loggedIn(options);
  const tried = await hub.post<Omit<HeardMessage, 'at' | 'topic'>>('/api/dialects/try', {
    ...{ topic, payload, retain },
    ...(dialect === undefined ? {} : { dialect }),
    ...(username === undefined ? {} : { device: username }),
  });
  say(`${tried.outcome} by ${tried.dialect ?? 'no dialect'}`);
  if (tried.reason !== null) say([tried.code, tried.field, tried.reason].filter((part) => part !== null).join(' · '));
  for (const { type, data } of tried.events) say(`→ ${type} ${JSON.stringify(data)}`);
  return tried.outcome === 'refused' ? 1 : 0;
};

interface Acknowledgement {
  reasonString?: string;
  userProperties?: Record<string, string | string[]>;
}

/** Publishes as a device. MQTT 5 tells in the PUBACK what became of it. */
export const publish = async ([topic, given]: string[], options: CommandOptions, say: Say): Promise<number> => {
  const to = required(topic, 'The topic');
  const payload = given === '-' ? await text(process.stdin) : required(given, 'The payload');
  if (options.try) return tryOut(to, payload, options, say);
  const username = required(options.username, '--username');
  const password = required(options.secret, '--secret');
  const client = await connectMqtt(options.mqtt, { username, password });
  let told: Acknowledgement = {};
  client.on('packetreceive', (packet) => {
    if (packet.cmd === 'puback') told = packet.properties ?? {};
  });
  try {
    await client.publishAsync(to, payload, { qos: 1, retain: options.retain });
    say(
      Object.entries(told.userProperties ?? {})
        .map(([name, value]) => `${name}: ${value}`)
        .join(', '),
    );
    return 0;
  } catch (error) {
    say(`refused: ${told.reasonString ?? (error as Error).message}`);
    return 1;
  } finally {
    await client.endAsync();
  }
};
