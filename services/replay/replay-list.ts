import { z } from 'zod';

/** An entry of a payload folder's `index.json`; what it says beside these is for people. */
export const replayEntry = z.looseObject({
  ecosystem: z.string().min(1),
  file: z.string().min(1),
  topic: z.string(),
  retain: z.unknown().optional(),
  qos: z.unknown().optional(),
});
export const replayIndex = z.array(replayEntry);
export type ReplayEntry = z.infer<typeof replayEntry>;

/** Ecosystems that are called otherwise than the dialect that reads them. */
const dialectNames: Record<string, string> = { 'lpr-vzenith': 'vzenith', 'ocpp-bridges': 'ocpp16' };
export const dialectOf = (ecosystem: string): string => dialectNames[ecosystem] ?? ecosystem;

export const gatewayOf = (ecosystem: string): string =>
  `replay-${ecosystem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')}`;

/** Where a placeholder's value stands in a payload under another name. */
const aliases: Record<string, string[]> = { deviceid: ['facesluiceid', 'deviceid'], clientid: ['chargeboxidentity'] };

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const findValue = (json: unknown, names: string[]): string | undefined => {
  if (typeof json !== 'object' || json === null) return undefined;
  for (const [key, value] of Object.entries(json)) {
    if (names.includes(plain(key)) && (typeof value === 'string' || typeof value === 'number')) return String(value);
  }
  for (const value of Object.values(json)) {
    const found = findValue(value, names);
    if (found !== undefined) return found;
  }
  return undefined;
};

/**
 * The topic to publish an entry on. Indexes write topics for people: with placeholders (`{devEui}`, `<door>`), remarks
 * behind them, or only a remark where the payload does not come over MQTT by itself. Placeholders are filled from the
 * payload; a remark alone becomes the raw-frame topic for OCPP and a topic of its own for the rest.
 */
export const topicOf = (entry: Pick<ReplayEntry, 'ecosystem' | 'file' | 'topic'>, payload: unknown): string => {
  const topic = entry.topic.split(/\s+[(;]|\s{2,}/)[0]!.trim();
  if (topic === '' || topic.startsWith('(')) {
    const name = entry.file.replace(/^.*\//, '').replace(/\.\w+$/, '');
    // Frames of one vendor are of one post; those of two vendors must not clear each other's faults.
    const post = `${entry.ecosystem}-${name.split('_')[0]}`;
    return entry.ecosystem.startsWith('ocpp') ? `ocpp/${post}/up` : `replay/${entry.ecosystem}/${name}`;
  }
  return topic.replace(/\$?\{(.+?)\}|<(.+?)>/g, (_whole, braces?: string, angles?: string) => {
    const name = plain((braces ?? angles)!.split('|')[0]!);
    return findValue(payload, aliases[name] ?? [name]) ?? `replay-${name}`;
  });
};

/** QoS as the index says; 1 where it says none, so that the hub's acknowledgement can be read. */
export const qosOf = ({ qos }: Pick<ReplayEntry, 'qos'>): 0 | 1 | 2 => (qos === 0 || qos === 2 ? qos : 1);
export const retainOf = ({ retain }: Pick<ReplayEntry, 'retain'>): boolean => retain === true;
