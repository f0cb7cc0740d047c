import { connectionFact, defined } from '../codecs/state-facts.ts';
import { type Answer, answered, type Decoded, type DeviceFact, type Dialect, noOp, refused } from '../dialect.ts';
import {
  bornKey,
  devicesOf,
  forgetMetrics,
  nameMetrics,
  type Recall,
  rememberDevices,
  rememberMetrics,
  seqKey,
} from './sparkplug-b/births.ts';
import { sayCommand } from './sparkplug-b/commands.ts';
import { type Metric, metricValue, type Payload, readPayload, writeCommand } from './sparkplug-b/payload.ts';
import { factsOfMetrics } from './sparkplug-b/readings.ts';

type Remember = Record<string, string | null>;

/** Who speaks: a node, or a device of it, in one message. */
interface Speech {
  node: string;
  /** The node's or the device's id. */
  id: string;
  payload: Payload;
  recall: Recall;
  rebirth: Answer;
}

const withMemory = (facts: DeviceFact[], remember: Remember): Decoded => ({
  outcome: 'facts',
  facts,
  ...(Object.keys(remember).length === 0 ? {} : { remember }),
});
const speakerOf = ({ id }: Speech) => ({ externalId: id, kind: 'sensor' });

/** Said and heard at once, so it stands at our time, as the death does: a will is written when its node connects. */
const connected = (speech: Speech, data: Record<string, unknown> = {}): DeviceFact => {
  const fact = connectionFact(true);
  return { ...speakerOf(speech), ...fact, data: { ...fact.data, ...data } };
};
const gone = (externalId: string, reason: 'will' | 'reported'): DeviceFact => ({
  ...{ externalId, kind: 'sensor' },
  ...connectionFact(false),
  data: { reason },
});

const textOf = (metrics: readonly Metric[], name: string): string | undefined => {
  const value = metrics.find((metric) => metric.name === name)?.raw;
  return typeof value === 'string' ? value.slice(0, 200) : undefined;
};

/** Tells a death's birth (6.4.17): each connection of a node counts one further. */
const birthNumberOf = ({ metrics }: Payload): string | undefined => {
  const metric = metrics.find(({ name }) => name === 'bdSeq');
  return metric === undefined ? undefined : String(metricValue(metric, metric.type));
};

/** Messages of a node are numbered 0 to 255 and round again; the hub asks for a birth where one is missing (6.4.14). */
const isNext = ({ recall, node, payload }: Speech): boolean => {
  const before = recall(seqKey(node));
  if (before === undefined || payload.seq === undefined) return false;
  // The same once more is a repeat.
  return payload.seq === (Number(before) + 1) % 256 || payload.seq === Number(before);
};

const bornFacts = (speech: Speech): DeviceFact[] => {
  const { metrics, atMs } = speech.payload;
  const named = nameMetrics(() => undefined, speech.id, metrics).named;
  const data = defined({
    vendor: textOf(metrics, 'Properties/Hardware Make'),
    model: textOf(metrics, 'Properties/Hardware Model'),
    firmware: textOf(metrics, 'Properties/OS Version') ?? textOf(metrics, 'Properties/Firmware Version'),
  });
  return [connected(speech, data), ...factsOfMetrics(named, speakerOf(speech), atMs)];
};

const nodeBirth = (speech: Speech): Decoded => {
  const { node, payload, recall } = speech;
  return withMemory(bornFacts(speech), {
    ...Object.fromEntries(devicesOf(recall, node).map((device) => [`metrics:${device}`, null])),
    ...rememberMetrics(node, payload.metrics),
    ...rememberDevices(node, []),
    [bornKey(node)]: birthNumberOf(payload) ?? '',
    [seqKey(node)]: String(payload.seq ?? 0),
  });
};

/** An old connection's will may come after the new one's birth, and is not meant for it. */
const nodeDeath = ({ node, payload, recall }: Speech): Decoded => {
  const born = recall(bornKey(node));
  const number = birthNumberOf(payload);
  if (born !== undefined && number !== undefined && born !== '' && born !== number)
    return noOp('death-of-former-birth');
  const devices = devicesOf(recall, node);
  return withMemory([gone(node, 'will'), ...devices.map((device) => gone(device, 'reported'))], {
    ...Object.assign({}, ...[node, ...devices].map(forgetMetrics)),
    ...rememberDevices(node, []),
    [bornKey(node)]: null,
    [seqKey(node)]: null,
  });
};

const numbered = (speech: Speech, facts: DeviceFact[], remember: Remember = {}): Decoded => {
  const { node, payload, recall, rebirth } = speech;
  const seq =
    payload.seq === undefined || recall(bornKey(node)) === undefined ? {} : { [seqKey(node)]: String(payload.seq) };
  const said = withMemory(facts, { ...remember, ...seq });
  return isNext(speech) ? said : answered(said, rebirth);
};

const deviceBirth = (speech: Speech): Decoded => {
  const { node, id, payload, recall } = speech;
  return numbered(speech, bornFacts(speech), {
    ...rememberMetrics(id, payload.metrics),
    ...rememberDevices(node, [...new Set([...devicesOf(recall, node), id])]),
  });
};

const deviceDeath = (speech: Speech): Decoded => {
  const { node, id, recall } = speech;
  return numbered(speech, [gone(id, 'reported')], {
    ...forgetMetrics(id),
    ...rememberDevices(
      node,
      devicesOf(recall, node).filter((device) => device !== id),
    ),
  });
};

/** What changed. A number that nobody has named can't be read; the rest of the message can. */
const changes = (speech: Speech): Decoded => {
  const { id, payload, recall, rebirth } = speech;
  const { named, unnamed } = nameMetrics(recall, id, payload.metrics);
  const readings = factsOfMetrics(named, speakerOf(speech), payload.atMs);
  const facts = readings.length > 0 ? readings : [{ type: 'device.seen', data: {}, ...speakerOf(speech) }];
  if (unnamed === 0) return numbered(speech, facts);
  const refusal: Decoded = {
    outcome: 'refused',
    code: 'no-codec',
    reason: `No birth has named ${unnamed} of the metrics of ${id}. The hub asks for a rebirth, which says all of them again; one such message a day is kept.`,
    field: 'metrics',
    alive: facts,
    keptDailyAbout: id,
  };
  return answered(refusal, rebirth);
};

const readers: Record<string, (speech: Speech) => Decoded> = {
  NBIRTH: nodeBirth,
  NDEATH: nodeDeath,
  NDATA: changes,
  DBIRTH: deviceBirth,
  DDEATH: deviceDeath,
  DDATA: changes,
};

/** Sparkplug B 3.0: nodes and their devices tell what they have when they are born, and after that what changed. */
export const dialect: Dialect = {
  name: 'sparkplug-b',
  title: { zh: 'Sparkplug B', en: 'Sparkplug B' },
  kinds: ['sensor'],
  topics: ['spBv1.0/#'],
  // A node that names the hub as its primary host waits for this (6.4.23).
  hostState: {
    topic: 'spBv1.0/STATE/xingyuan',
    payload: (online, timestamp) => JSON.stringify({ online, timestamp }),
  },
  decode({ topic, payload }, recall) {
    const [, group = '', word = '', edge = '', device = '', ...rest] = topic.split('/');
    if (group === 'STATE') return noOp('host-state');
    if (word === 'NCMD' || word === 'DCMD') return noOp('downlink-echo');
    const read = Object.hasOwn(readers, word) ? readers[word] : undefined;
    const isOfDevice = word.startsWith('D');
    if (read === undefined || group === '' || edge === '' || (device !== '') !== isOfDevice || rest.length > 0) {
      return refused('wrong-topic', 'Publish on spBv1.0/<group>/<NBIRTH, NDATA, DBIRTH, …>/<node>[/<device>].');
    }
    const parsed = readPayload(payload);
    if (!parsed.ok) return parsed.refusal;
    const node = `${group}/${edge}`;
    const id = isOfDevice ? `${node}/${device}` : node;
    const rebirth = {
      topic: `spBv1.0/${group}/NCMD/${edge}`,
      payload: writeCommand({ name: 'Node Control/Rebirth' }, true, parsed.value.atMs),
    };
    return read({ node, id, payload: parsed.value, recall, rebirth });
  },
  command: sayCommand,
};
