import type { Dialect, RefusalCode } from '../../devices/dialect.ts';
import { topicMatches } from '../../devices/topic-filter.ts';
import { secretMatches } from '../registry/credential.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Ingest } from './ingest.ts';
import type {
  MqttApplication,
  MqttDisconnectReason,
  MqttOutcome,
  MqttPrincipal,
  MqttPublish,
} from './mqtt/application.ts';
import type { Outcome } from './outcome.ts';

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

export interface MqttApplicationParts {
  ingest: Ingest;
  index: RegistryIndex;
  dialects: ReadonlyMap<string, Dialect>;
  /** People, for property systems that read work orders. */
  verifyAccount(name: string, password: string, address: string): Promise<{ user: string; role: string } | undefined>;
  /** Sends to whoever has subscribed. */
  deliver(topic: string, payload: string): void;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

/** Where a device reads what concerns it alone. */
const ownTopic = (compound: string, device: string, leaf: string): string => `xy/v1/${compound}/${device}/${leaf}`;

const messageOf = (message: MqttPublish) => ({
  topic: message.topic,
  payload: message.payload,
  retain: message.retain,
  receivedAtMs: message.receivedAtMs,
  ...(message.packetId === undefined ? {} : { packetId: message.packetId }),
  duplicate: message.duplicate,
  contentType: message.contentType,
  userProperties: message.userProperties,
});

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
      await ingest.connection(id, 'offline', reason, clock.now());
    },
  };
};

/** What the MQTT endpoint asks of the rest of the hub: who may, and what became of it. */
export const createMqttApplication = (
  parts: MqttApplicationParts,
): MqttApplication & { connectedDevices(): string[] } => {
  const { ingest, index, dialects, metrics, logger } = parts;
  const connections = createConnections(parts);
  const tellRefusal = (principal: MqttPrincipal, topic: string, outcome: Outcome): void => {
    if (outcome.outcome !== 'refused' || principal.compound === undefined) return;
    const { code, reason, field, deadLetter } = outcome;
    parts.deliver(
      ownTopic(principal.compound, principal.id, 'refusals'),
      JSON.stringify({ topic, code, reason, field, deadLetter }),
    );
  };

  const maySubscribe = (principal: MqttPrincipal, filter: string): boolean => {
    if (principal.kind === 'user') return /^xy\/v1\/[^/#]+\/work-orders$/.test(filter);
    const own = ['commands', 'refusals'].map((leaf) => ownTopic(principal.compound!, principal.id, leaf));
    if (own.includes(filter)) return true;
    // Devices of a dialect subscribe to their own downlinks and may give up when that is refused.
    const dialect = dialects.get(index.device(principal.id)?.dialect ?? '');
    return !filter.startsWith('xy/') && (dialect?.topics.some((claimed) => topicMatches(claimed, filter)) ?? false);
  };

  return {
    async authenticate(username, password, connection) {
      const credential = username === undefined ? undefined : index.credential(username);
      if (credential !== undefined) {
        if (password === undefined || !secretMatches(password, credential.secretSha256)) return undefined;
        const device = index.device(credential.device)!;
        return { kind: 'device', id: device.id, compound: device.compound };
      }
      if (username === undefined || password === undefined) return undefined;
      const account = await parts.verifyAccount(username, Buffer.from(password).toString(), connection.remoteAddress);
      return account && { kind: 'user', id: account.user, role: account.role };
    },
    async publish(principal, message) {
      if (principal.kind === 'user') {
        const reason = `${principal.id} is a person's account and may only subscribe; publish with a device's credential.`;
        return { outcome: 'refused', code: 'not-your-address', reason, reasonCode: 0x87 };
      }
      const device = index.device(principal.id);
      if (device === undefined || device.retiredAt !== null) {
        const reason = `The device ${principal.id} was retired; register it anew.`;
        return { outcome: 'refused', code: 'unknown-device', reason, reasonCode: reasonCodes['unknown-device'] };
      }
      const outcome = await ingest.accept(principal.id, messageOf(message));
      tellRefusal(principal, message.topic, outcome);
      return answerOf(outcome);
    },
    connected: connections.connected,
    disconnected: connections.disconnected,
    maySubscribe,
    connectedDevices: connections.devices,
    async rejected(principal, code, rejection) {
      metrics.connectionsRefused.inc({ reason: code });
      logger.warn({ device: principal?.id, code, ...rejection }, 'MQTT refused');
    },
  };
};
