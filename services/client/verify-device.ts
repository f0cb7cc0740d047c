import { type CommandOptions, loggedIn, required, type Say, secondsOf } from './command.ts';
import { conformanceOf, type WatchedMessage } from './conformance.ts';
import type { HubClient } from './hub-client.ts';
import { messageStream } from './listen.ts';

const secondsDefault = 60;

interface DeviceEvents {
  items: { type: string; data: { reason?: string }; meta: { receivedAt: string } }[];
}

/** Why the device's connections ended since then. */
const departuresSince = async (hub: HubClient, device: string, from: string): Promise<string[]> => {
  const { items } = await hub.get<DeviceEvents>(`/api/devices/${device}/events?limit=500`);
  return items
    .filter(({ type, meta }) => type === 'device.disconnected' && meta.receivedAt >= from)
    .map(({ data }) => data.reason ?? 'reported');
};

/** Watches a device for a while and reports on it. */
export const verifyDevice = async ([device]: string[], options: CommandOptions, say: Say): Promise<number> => {
  const id = required(device, 'The device');
  const seconds = secondsOf(options.seconds, secondsDefault);
  const hub = await loggedIn(options);
  const { silentAfterSeconds, name } = await hub.get<{ silentAfterSeconds: number; name: string }>(
    `/api/devices/${id}`,
  );
  say(`Watching ${id} (${name}) for ${seconds} s …`);
  const messages: WatchedMessage[] = [];
  let from: string | undefined;
  const signal = AbortSignal.timeout(seconds * 1000);
  for await (const { event, data } of messageStream(hub, `/api/devices/${id}/messages`, signal)) {
    if (event === 'message') messages.push(data as WatchedMessage);
    // The hub's own time, which may be another one than ours.
    else if (event === 'heartbeat') from ??= (data as { at: string }).at;
    else if (event === 'scope') say((data as { text: { en: string } }).text.en);
  }
  const departures = from === undefined ? [] : await departuresSince(hub, id, from);
  const findings = conformanceOf({ seconds, silentAfterSeconds, messages, departures });
  for (const { check, verdict, text } of findings) say(`${verdict.padEnd(6)} ${check.padEnd(10)} ${text}`);
  const isBad = findings.some(({ verdict }) => verdict === 'fail' || (options.strict && verdict === 'warn'));
  say(isBad ? 'It does not conform.' : 'Nothing speaks against it.');
  return isBad ? 1 : 0;
};
