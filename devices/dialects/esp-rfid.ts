import { z } from 'zod';
import { defined } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { looseNumber, parseJson } from '../payload.ts';
import { timeFromEpochSeconds } from '../time.ts';

const text = z.string().max(500).optional();
const loose = z
  .union([z.string(), z.number().transform(String), z.boolean().transform(String)])
  .optional()
  .catch(undefined);

const message = z.looseObject({
  type: text,
  hostname: z.string().max(200).optional(),
  time: looseNumber.optional(),
  uid: loose,
  isKnown: loose,
  /** One word, or one for each door of a board with several. */
  access: z.union([z.string().max(100), z.array(z.string().max(100)).max(20)]).optional(),
  doorName: z.union([loose, z.array(z.unknown())]).optional(),
  src: text,
  desc: text,
  command: loose,
});
type Message = z.infer<typeof message>;

const openingWords = ['always', 'admin'];
const deniedWords = new Map<string, string>([
  ['disabled', 'blocked'],
  ['expired', 'expired'],
]);

const deniedReason = (word: string, isKnown: boolean): string | undefined =>
  word === 'denied' ? (isKnown ? 'refused' : 'unknown-credential') : deniedWords.get(word);

/** The name of whom the token belongs to stays out; its number stands in the credential alone. */
const decodeAccess = ({ access, uid, isKnown, doorName }: Message): DeviceFact | Decoded => {
  const words = [access ?? []].flat().map((word) => word.trim());
  if (words.length === 0 || words[0] === '') {
    return refused('contract-violated', 'access: what was decided, e.g. Always or Denied', 'access');
  }
  const reference = uid?.trim().slice(0, 200) || undefined;
  const door = typeof doorName === 'string' && doorName !== '' ? doorName.slice(0, 100) : undefined;
  const shared = { credential: { method: 'card', ...defined({ reference }) }, ...defined({ door }) };
  if (words.some((word) => openingWords.includes(word.toLowerCase()))) return { type: 'gate.passed', data: shared };
  const [word = ''] = words;
  const reason = deniedReason(word.toLowerCase(), isKnown?.toLowerCase() === 'true');
  if (reason !== undefined) return { type: 'gate.denied', data: { ...shared, reason } };
  // A word that the firmware's own list doesn't have decides nothing.
  const credential = { ...shared.credential, vendorCode: word };
  return { type: 'gate.credential-seen', data: { ...shared, credential } };
};

const decodeWarning = ({ src = '', desc = '' }: Message): DeviceFact | Decoded => {
  if (src === 'tamper' && /tampered/i.test(desc)) return { type: 'gate.forced-open', data: { text: desc } };
  if (/max(imum)? open time/i.test(desc)) return { type: 'gate.held-open', data: { text: desc } };
  return noOp('device-log');
};

const factOf = (body: Message): DeviceFact | Decoded => {
  switch (body.type?.toLowerCase()) {
    case 'access':
      return decodeAccess(body);
    case 'boot':
      return { type: 'device.connected', data: { reason: 'reported' } };
    case 'heartbeat':
      return { type: 'device.seen', data: {} };
    case 'warn':
      return decodeWarning(body);
    case 'info':
    case 'erro':
      return noOp('device-log');
    default:
      if (body.command !== undefined) return noOp('command-reply');
      return refused('unknown-type', 'type: boot, heartbeat, access, INFO, WARN or ERRO is due here.', 'type');
  }
};

/** `esp-rfid/<hostname>/send`: a board of its own topic; on the others all share one and only the payload names it. */
const hostOfTopic = (topic: string): string | undefined => {
  const levels = topic.split('/');
  return levels[0] === 'esp-rfid' && levels.length === 3 ? levels[1] : undefined;
};

/** Door openers with the free firmware esp-rfid. */
export const dialect: Dialect = {
  name: 'esp-rfid',
  title: { zh: 'esp-rfid 门禁', en: 'esp-rfid doors' },
  kinds: ['access-gate'],
  topics: ['/rfid/+', 'rfid/+', 'esp-rfid/+', 'esp-rfid/+/+'],
  decode({ topic, payload }) {
    const last = topic.split('/').at(-1);
    if (last === 'cmd') return noOp('downlink-echo');
    if (payload.length === 0) return noOp('nothing-said');
    if (last !== 'send' && last !== 'tag') return refused('wrong-topic', 'esp-rfid publishes on <topic>/send.');
    const parsed = parseJson(payload, message);
    if (!parsed.ok) return parsed.refusal;
    const { hostname = '', time: seconds = 0 } = parsed.value;
    const ofTopic = hostOfTopic(topic);
    if (ofTopic && hostname !== '' && ofTopic !== hostname) {
      const reason = `The payload says it is ${hostname.slice(0, 100)}, the topic ${ofTopic.slice(0, 100)}: give both the same name.`;
      return refused('identity-mismatch', reason, 'hostname');
    }
    const externalId = hostname || ofTopic;
    if (!externalId) return refused('contract-violated', 'hostname: the name of the board is due here', 'hostname');
    const fact = factOf(parsed.value);
    if ('outcome' in fact) return fact;
    const time = seconds > 0 ? timeFromEpochSeconds(seconds) : undefined;
    return facts({ ...fact, externalId, kind: 'access-gate', ...defined({ time }) });
  },
};
