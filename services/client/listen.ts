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

interface Recorded {
  type: string;
  data: unknown;
  meta: { receivedAt: string; device: string };
}

/** What the hub's stream tells, in lines. Heartbeats say nothing to people. */
const readable: Readonly<Record<string, (data: unknown) => string[]>> = {
  message: (data) => linesOf(data as HeardMessage),
  scope: (data) => [(data as { text: { en: string } }).text.en],
  recorded: (data) => {
    const { type, data: said, meta } = data as Recorded;
    return [`${meta.receivedAt} IN LOG   ${meta.device}`, `    → ${type} ${JSON.stringify(said)}`];
  },
  missed: (data) => [`(${(data as { messages: number }).messages} not shown: they came faster than they were read)`],
};

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
    if (!json) for (const line of readable[event]?.(data) ?? []) say(line);
    else if (event === 'message') say(JSON.stringify(data));
  }
  return 0;
};
