import { createHash } from 'node:crypto';
import type { Decoded, DeviceFact, Dialect } from '../../devices/dialect.ts';
import { refused } from '../../devices/dialect.ts';
import { topicMatcher } from '../../devices/topic-filter.ts';
import type { Device } from '../registry/registry.ts';
import type { RegisteredDevice, RegistryIndex } from '../registry/registry-index.ts';

export type Refused = Extract<Decoded, { outcome: 'refused' }>;
export const refusal = (...parts: Parameters<typeof refused>): Refused => refused(...parts) as Refused;

const matchers = new WeakMap<Dialect, (topic: string) => boolean>();

const claims = (dialect: Dialect, topic: string): boolean => {
  let matches = matchers.get(dialect);
  if (matches === undefined) {
    matches = topicMatcher(dialect.topics);
    matchers.set(dialect, matches);
  }
  return matches(topic);
};

/**
 * Which dialect reads a topic. Canonical topics are open to every credential; a credential bound to a dialect may use
 * that dialect's topics; `auto` asks all of them and takes none where two could be meant.
 */
export const dialectFor = (
  dialects: ReadonlyMap<string, Dialect>,
  sender: Pick<Device, 'id' | 'compound' | 'dialect'>,
  topic: string,
): Dialect | Refused => {
  const canonical = dialects.get('canonical')!;
  const own = dialects.get(sender.dialect);
  if (topic.startsWith('xy/')) {
    if (claims(canonical, topic)) return canonical;
    return refusal(
      'wrong-topic',
      `${topic} is no topic of the hub. Publish on xy/v1/${sender.compound}/${sender.id}/events, /telemetry or /status.`,
    );
  }
  if (sender.dialect !== 'auto') {
    if (own !== undefined && claims(own, topic)) return own;
    const filters = (own?.topics ?? []).join(', ');
    return refusal(
      'wrong-topic',
      `The credential ${sender.id} speaks ${sender.dialect}, whose topics are ${filters}; ${topic} is none of them.`,
    );
  }
  const found = [...dialects.values()].filter((dialect) => claims(dialect, topic));
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    const known = [...dialects.keys()].join(', ');
    return refusal('no-dialect', `No dialect reads ${topic}. The hub speaks ${known}; map the payload to one of them.`);
  }
  return refusal(
    'ambiguous-dialect',
    `${found.map((dialect) => dialect.name).join(' and ')} could both read ${topic}. Bind the gateway to one dialect.`,
  );
};

/**
 * A device's id from its id in its own ecosystem: readable, with a hash where letters had to go. `exact` always hashes,
 * for an id that another device has already: `gw-a` with `b` and `gw` with `a-b` read alike.
 */
export const adoptedId = (gateway: string, externalId: string, exact = false): string => {
  const slug = externalId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const plain = `${gateway}-${slug}`;
  if (!exact && slug === externalId && plain.length <= 64) return plain;
  const hash = createHash('sha256')
    .update(JSON.stringify([gateway, externalId]))
    .digest('hex')
    .slice(0, 12);
  return `${plain.slice(0, 51).replace(/-+$/, '')}-${hash}`;
};

export type Resolved = { device: RegisteredDevice; adopted: boolean } | Refused;

const ofOtherIdentity = (sender: Device, externalId: string): Refused =>
  refusal(
    'identity-mismatch',
    `The message says it is of ${externalId}, but the credential ${sender.id} is of ${sender.externalId}. Use that device's own credential, or a gateway's.`,
  );

const adopt = (sender: Device, fact: DeviceFact, dialect: Dialect, id: string, receivedAt: string): Resolved => {
  const kind = fact.kind ?? dialect.kinds[0] ?? 'sensor';
  const device: RegisteredDevice = {
    id,
    compound: sender.compound,
    kind: kind as Device['kind'],
    dialect: dialect.name,
    name: fact.name ?? fact.externalId ?? id,
    externalId: fact.externalId!,
    gateway: sender.id,
    covers: [],
    features: [],
    adopted: true,
    registeredAt: receivedAt,
    retiredAt: null,
  };
  return { device, adopted: true };
};

interface Beneath {
  id: string;
  known: RegisteredDevice | undefined;
}

const byId = (index: RegistryIndex, pending: ReadonlyMap<string, RegisteredDevice>, id: string): Beneath => ({
  id,
  known: index.device(id) ?? pending.get(id),
});

/** Who that is beneath a gateway: the device, when it is known, and the id that it has or would be adopted under. */
const beneath = (
  index: RegistryIndex,
  pending: ReadonlyMap<string, RegisteredDevice>,
  sender: RegisteredDevice,
  externalId: string,
  dialect: Dialect,
): Beneath => {
  if (dialect.name === 'canonical') return byId(index, pending, externalId);
  const outside = { compound: sender.compound, dialect: dialect.name, externalId };
  const registered = index.deviceByExternalId({ ...outside, gateway: sender.id }) ?? index.deviceByExternalId(outside);
  if (registered !== undefined) return { id: registered.id, known: registered };
  const readable = byId(index, pending, adoptedId(sender.id, externalId));
  const { known } = readable;
  const isTaken = known !== undefined && (known.gateway !== sender.id || known.externalId !== externalId);
  return isTaken ? byId(index, pending, adoptedId(sender.id, externalId, true)) : readable;
};

/** The device that a fact is of: the sender itself, one beneath a gateway, or one heard for the first time. */
export const deviceOf = (
  index: RegistryIndex,
  pending: ReadonlyMap<string, RegisteredDevice>,
  sender: RegisteredDevice,
  fact: DeviceFact,
  dialect: Dialect,
  receivedAt: string,
): Resolved => {
  const { externalId } = fact;
  if (externalId === undefined || (dialect.name === 'canonical' && externalId === sender.id)) {
    return { device: sender, adopted: false };
  }
  if (sender.kind !== 'gateway') {
    if (dialect.name === 'canonical') {
      return refusal(
        'not-your-address',
        `The credential ${sender.id} may publish for itself only, not for ${externalId}.`,
      );
    }
    return sender.externalId === undefined || sender.externalId === externalId
      ? { device: sender, adopted: false }
      : ofOtherIdentity(sender, externalId);
  }
  const { id, known } = beneath(index, pending, sender, externalId, dialect);
  if (known === undefined) {
    return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(id) && id.length <= 64
      ? adopt(sender, fact, dialect, id, receivedAt)
      : refusal('unknown-device', `${externalId} is no device id: use lower-case letters, digits and single hyphens.`);
  }
  if (known.retiredAt !== null)
    return refusal('unknown-device', `The device ${known.id} was retired; register it anew.`);
  // In a dialect a device of its own may stand behind the gateway; a canonical topic is its owner's alone.
  const isOwn = known.gateway === sender.id || (known.gateway === undefined && dialect.name !== 'canonical');
  if (known.compound !== sender.compound || !isOwn) {
    return refusal('not-your-address', `The device ${known.id} does not stand beneath the gateway ${sender.id}.`);
  }
  return { device: known, adopted: false };
};
