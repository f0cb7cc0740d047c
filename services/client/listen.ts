import { type CommandOptions, loggedIn, required, type Say, secondsOf } from './command.ts';
import type { WatchedMessage } from './conformance.ts';
import type { HubClient } from './hub-client.ts';
import { type ServerEvent, serverEvents } from './server-events.ts';

export interface HeardMessage extends WatchedMessage {
  dialect: string | null;
  payload: { sizeBytes: number; text: string | null; hex: string | null };
}

/** What the hub tells of a device's messages, until the signal aborts or the hub ends the stream. */
export async function* messageStream(hub: HubClient, path: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  try {
    yield* serverEvents(await hub.stream(path, signal));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A day, where nobody says how long. */
const secondsDefault = 86_400;

export const linesOf = ({
  at,
  topic,
  outcome,
  dialect,
  reason,
  code,
  field,
  payload,
  events,
}: HeardMessage): string[] => [
  `${at} ${outcome.toUpperCase().padEnd(8)} ${topic} (${dialect ?? 'no dialect'}, ${payload.sizeBytes} bytes)`,
  `    ${payload.text ?? payload.hex ?? ''}`,
  ...(reason === null ? [] : [`    ${[code, field, reason].filter((part) => part !== null).join(' · ')}`]),
  ...events.map(({ type, data }) => `    → ${type} ${JSON.stringify(data)}`),
];

/** Shows a device's messages, each with what became of it. */
export const listen = async ([device]: string[], options: CommandOptions, say: Say): Promise<number> => {
  const { outcome, topic, seconds, json } = options;
  const id = required(device, 'The device');
  const hub = await loggedIn(options);
  const wanted = new URLSearchParams({
    ...(outcome === undefined ? {} : { outcome }),
    ...(topic === undefined ? {} : { topic }),
  });
  const signal = AbortSignal.timeout(secondsOf(seconds, secondsDefault) * 1000);
  for await (const { event, data } of messageStream(hub, `/api/devices/${id}/messages?${wanted}`, signal)) {
    if (event !== 'message') continue;
    const heard = data as HeardMessage;
    if (json) say(JSON.stringify(heard));
    else for (const line of linesOf(heard)) say(line);
  }
  return 0;
};
