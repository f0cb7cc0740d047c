import type { Answer, Dialect, RefusalCode } from '../../devices/dialect.ts';
import { topicMatches } from '../../devices/topic-filter.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import type { IssuedCertificate, IssuedCredential } from '../registry/events.ts';
import type { DeviceMove } from '../registry/registry.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { tell, type Waiting } from '../runtime/waiting.ts';
import type { Ingest } from './ingest.ts';
import type { Levels } from './levels.ts';
import type {
  DismissReason,
  MqttApplication,
  MqttDisconnectReason,
  MqttOutcome,
  MqttPrincipal,
  MqttPublish,
  MqttRetained,
} from './mqtt/application.ts';
import { type AuthenticationParts, createAuthentication } from './mqtt-authentication.ts';
import type { Outcome } from './outcome.ts';
import type { Quotas } from './quota.ts';
import { answerFilter, commandedCompound, type createTopicCommands } from './work-order-commands.ts';

/** MQTT 5 reason codes of a PUBACK (MQTT 5.0, 3.4.2.1) by what the hub refused. */
const reasonCodes: Record<RefusalCode, number> = {
  'broken-json': 0x99,
  'binary-payload': 0x99,
  'payload-too-large': 0x97,
  'wrong-topic': 0x90,
  'not-your-address': 0x87,
  'no-dialect': 0x90,
  'ambiguous-dialect': 0x90,
  'unknown-type': 0x99,
  'contract-violated': 0x99,
  'time-out-of-range': 0x99,
  'unknown-device': 0x87,
  'identity-mismatch': 0x87,
  'no-codec': 0x99,
};

const answerOf = (outcome: Outcome): MqttOutcome => {
  switch (outcome.outcome) {
    case 'recorded':
      return { outcome: 'recorded', position: outcome.position, ...(outcome.stored === 0 ? { duplicate: true } : {}) };
    case 'no-op':
      return outcome;
    case 'refused':
      return { ...outcome, reasonCode: reasonCodes[outcome.code] };
  }
};

export interface MqttApplicationParts extends AuthenticationParts {
  ingest: Ingest;
  dialects: ReadonlyMap<string, Dialect>;
  levels: Pick<Levels, 'value'>;
  quotas: Quotas;
  /** The newest head of the log that was told to whoever keeps heads, as JSON. */
  newestHead?(): string | undefined;
  /** Carries out what property systems command of work orders; left out, nobody commands any here. */
  command?: ReturnType<typeof createTopicCommands>;
  /** Sends to whoever has subscribed. */
  deliver(topic: string, payload: string): void;
  /** Sends to the sessions of that device's credential only, as far as they have subscribed. */
  answer(device: string, answer: Answer): void;
  logger: Logger;
  metrics: Metrics;
}

/** Where a device reads what concerns it alone. */
const ownTopic = (compound: string, device: string, leaf: string): string => `xy/v1/${compound}/${device}/${leaf}`;

/** Open connections by device, which may have several under different client ids: it is gone with the last of them. */
const createConnections = ({ ingest, clock, metrics }: Pick<MqttApplicationParts, 'ingest' | 'clock' | 'metrics'>) => {
  const open = new Map<string, number>();
  const leave = (device: string): { left: number } => {
    const left = (open.get(device) ?? 1) - 1;
    if (left > 0) open.set(device, left);
    else open.delete(device);
    return { left };
  };
  return {
    devices: (): string[] => [...open.keys()],
    has: (device: string): boolean => open.has(device),
    async connected({ kind, id }: MqttPrincipal): Promise<void> {
      metrics.connections.inc();
      if (kind === 'user') return;
      open.set(id, (open.get(id) ?? 0) + 1);
      try {
        await ingest.connection(id, 'online', undefined, clock.now());
      } catch (error) {
        // The endpoint turns the client away, and no goodbye will follow.
        metrics.connections.dec();
        leave(id);
        throw error;
      }
    },
    async disconnected({ kind, id }: MqttPrincipal, reason: MqttDisconnectReason): Promise<void> {
      metrics.connections.dec();
      if (kind === 'user') return;
      const { left } = leave(id);
      if (left > 0 || reason === 'taken-over' || reason === 'hub-failed') return;
      // Sent away, it comes back with its new password; only if it stays silent is something the matter.
      await ingest.connection(id, 'offline', reason === 'dismissed' ? 'goodbye' : reason, clock.now());
    },
  };
};

/** Where whoever keeps heads of the log is told them. */
export const headTopic = 'xy/v1/log/head';
const statusFilter = /^xy\/v1\/[^/#]+\/[^/#]+\/status$/;
const commandsFilter = /^xy\/v1\/([^/#+]+)\/[^/#]+\/commands$/;
const toldFilter = /^xy\/v1\/[^/#]+\/(work-orders|notices)$/;

/** Who may subscribe to what, and what stands there for a new subscriber. */
const createSubscribing = ({
  index,
  levels,
  dialects,
  newestHead,
  clock,
}: Pick<MqttApplicationParts, 'index' | 'levels' | 'dialects' | 'newestHead' | 'clock'>) => {
  const sinceMs = clock.now();
  const hosts = [...dialects.values()].flatMap(({ hostState }) => hostState ?? []);
  return {
    maySubscribe(principal: MqttPrincipal, filter: string): boolean {
      if (principal.kind === 'user') {
        return [toldFilter, answerFilter, statusFilter].some((known) => known.test(filter)) || filter === headTopic;
      }
      const own = ['commands', 'refusals', 'status'].map((leaf) => ownTopic(principal.compound!, principal.id, leaf));
      if (own.includes(filter)) return true;
      const device = index.device(principal.id);
      if (device?.kind === 'gateway' && commandsFilter.exec(filter)?.[1] === principal.compound) return true;
      // Devices of a dialect subscribe to their own downlinks and may give up when that is refused. They may ask for more
      // than is theirs: answers and commands go to the sessions of one credential.
      const dialect = device?.dialect;
      const spoken = dialect === 'auto' ? [...dialects.values()] : [dialects.get(dialect ?? '')];
      const open = spoken.flatMap((each) => [...(each?.topics ?? []), ...(each?.downlinks ?? [])]);
      return !filter.startsWith('xy/') && open.some((claimed) => topicMatches(claimed, filter));
    },
    /** Whether devices are there, as the hub knows it; a device that was never heard has no status. */
    *retained(_principal: MqttPrincipal, filter: string): Generator<MqttRetained> {
      const head = filter === headTopic ? newestHead?.() : undefined;
      if (head !== undefined) yield { topic: headTopic, payload: head };
      for (const { topic, payload } of hosts) {
        if (topicMatches(filter, topic)) yield { topic, payload: payload(true, sinceMs) };
      }
      if (!statusFilter.test(filter)) return;
      for (const { id, compound, retiredAt } of index.devices()) {
        const topic = ownTopic(compound, id, 'status');
        if (retiredAt !== null || !topicMatches(filter, topic)) continue;
        const availability = levels.value(id, 'availability');
        if (availability !== undefined) yield { topic, payload: statusOf(availability) };
      }
    },
  };
};

const statusOf = (availability: string): string => (availability === 'online' ? 'online' : 'offline');

/** Says to a sender what there is to say beside the acknowledgement. */
type Telling = (principal: MqttPrincipal, topic: string, outcome: Outcome) => void;

/** Of the message only its topic is kept until the commit: the payload holds on to all that came with it. */
class Answered implements Waiting<Outcome> {
  readonly #telling: Telling;
  readonly #principal: MqttPrincipal;
  readonly #topic: string;
  readonly #waiting: Waiting<MqttOutcome>;

  constructor(telling: Telling, principal: MqttPrincipal, topic: string, waiting: Waiting<MqttOutcome>) {
    this.#telling = telling;
    this.#principal = principal;
    this.#topic = topic;
    this.#waiting = waiting;
  }

  done(outcome: Outcome): void {
    this.#telling(this.#principal, this.#topic, outcome);
    this.#waiting.done(answerOf(outcome));
  }

  failed(error: unknown): void {
    this.#waiting.failed(error);
  }
}

/** What the MQTT endpoint asks of the rest of the hub: who may, and what became of it. */
export const createMqttApplication = (
  parts: MqttApplicationParts,
): MqttApplication & { connectedDevices(): string[]; isConnected(device: string): boolean } => {
  const { ingest, index, quotas, metrics, logger } = parts;
  const connections = createConnections(parts);
  const { authenticate, stillCounts } = createAuthentication(parts);
  const telling: Telling = (principal, topic, outcome) => {
    for (const answer of outcome.answers ?? []) parts.answer(principal.id, answer);
    if (outcome.outcome !== 'refused' || principal.compound === undefined) return;
    const { code, reason, field, deadLetter } = outcome;
    parts.deliver(
      ownTopic(principal.compound, principal.id, 'refusals'),
      JSON.stringify({ topic, code, reason, field, deadLetter }),
    );
  };

  const publishOfUser = async (principal: MqttPrincipal, message: MqttPublish): Promise<MqttOutcome> => {
    const commanded = commandedCompound(message.topic);
    if (commanded !== undefined && parts.command !== undefined) return parts.command(principal, commanded, message);
    const reason = `${principal.id} is a person's account and may only subscribe and command work orders; publish with a device's credential.`;
    return { outcome: 'refused', code: 'not-your-address', reason, reasonCode: 0x87 };
  };

  return {
    authenticate,
    ...createSubscribing(parts),
    quotaOf({ kind, id }) {
      const device = kind === 'device' ? index.device(id) : undefined;
      return device && quotas.quotaOf(device);
    },
    publish(principal, message, waiting) {
      if (principal.kind === 'user') {
        tell(publishOfUser(principal, message), waiting);
        return;
      }
      const device = index.device(principal.id);
      if (device === undefined || device.retiredAt !== null) {
        const reason = `The device ${principal.id} was retired; register it anew.`;
        waiting.done({ outcome: 'refused', code: 'unknown-device', reason, reasonCode: reasonCodes['unknown-device'] });
        return;
      }
      ingest.take(principal.id, message, new Answered(telling, principal, message.topic, waiting));
    },
    async connected(principal) {
      if (!stillCounts(principal)) throw new Error(`the credential of ${principal.id} was changed while it connected`);
      await connections.connected(principal);
    },
    disconnected: connections.disconnected,
    connectedDevices: connections.devices,
    isConnected: connections.has,
    async rejected(principal, code, rejection) {
      metrics.connectionsRefused.inc({ reason: code });
      logger.warn({ device: principal?.id, code, ...rejection }, 'MQTT refused');
    },
  };
};

interface FollowerParts {
  levels: Pick<Levels, 'value'>;
  deliver(topic: string, payload: string, options: { retain: boolean }): void;
  dismiss(principal: { kind: 'device'; id: string }, why: DismissReason, text: string): void;
  devicesOf: RegistryIndex['devicesOf'];
}

/** What the log's events mean for open connections: a status to tell, a credential that counts no longer. */
export const createMqttFollower =
  ({ levels, deliver, dismiss, devicesOf }: FollowerParts) =>
  ({ type, meta: { device, compound, level }, data }: Pick<RecordedEvent, 'type' | 'meta' | 'data'>): void => {
    if (type === 'compound.authority-removed') {
      const text = 'an authority of the compound was removed: connect again, with a credential that counts';
      for (const { id } of devicesOf(compound!)) dismiss({ kind: 'device', id }, 'new-password', text);
    }
    if (device === undefined) return;
    // An older state that came late is no news.
    if (level?.channel === 'availability' && levels.value(device, 'availability') === level.value) {
      deliver(ownTopic(compound!, device, 'status'), statusOf(level.value), { retain: true });
    } else if (type === 'device.credential-issued' && (data as IssuedCredential).formerUntil === undefined) {
      dismiss({ kind: 'device', id: device }, 'new-password', `${device} has a new password: connect with that one`);
    } else if (type === 'device.credential-revoked') {
      dismiss(
        { kind: 'device', id: device },
        'new-password',
        `the password of ${device} was revoked: ask for a new one`,
      );
    } else if (type === 'device.certificate-revoked') {
      const { serial } = data as Pick<IssuedCertificate, 'serial'>;
      dismiss({ kind: 'device', id: device }, 'new-password', `the certificate ${serial} of ${device} was revoked`);
    } else if (type === 'device.retired') {
      dismiss({ kind: 'device', id: device }, 'retired', `${device} was retired: register it anew`);
    } else if (type === 'device.changed' && (data as Partial<DeviceMove>).compound !== undefined) {
      const now = (data as DeviceMove).compound;
      dismiss(
        { kind: 'device', id: device },
        'moved',
        `${device} is of ${now} now: use the topics xy/v1/${now}/${device}/…`,
      );
    }
  };
