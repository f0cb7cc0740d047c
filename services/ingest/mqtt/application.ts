import type { ClientCertificate } from '../../registry/device-certificate.ts';
import type { Waiting } from '../../runtime/waiting.ts';

/** Who speaks on a connection: a device's or gateway's credential, or a user. */
export interface MqttPrincipal {
  kind: 'device' | 'user';
  /** The credential's user name, or the user's name. */
  id: string;
  compound?: string;
  role?: string;
}

/** A device and a person may have one name. */
export const principalKey = ({ kind, id }: Pick<MqttPrincipal, 'kind' | 'id'>): string => `${kind} ${id}`;

export interface MqttConnectionInfo {
  remoteAddress: string;
  /** The client's own, or the one that the endpoint assigned. */
  clientId: string;
  /** 3 is MQTT 3.1, 4 is 3.1.1. */
  protocolVersion: 3 | 4 | 5;
  /** Not judged yet. */
  certificate?: ClientCertificate;
}

/** Why a client whose certificate doesn't count is not let in. */
export interface MqttTurnedAway {
  turnedAway: string;
}

/** How much a client may send. Over it a message is refused (MQTT 5) or waits (3.1.1), and the connection stays. */
export interface MqttQuota {
  /** Takes one message now and answers 0, or takes nothing and answers how many milliseconds are to be waited. */
  take(nowMs: number): number;
  /** Told of each message over the quota; answers why, in a sentence for the sender. */
  exceeded(nowMs: number, answer: 'refused' | 'delayed'): string;
}

/** What a topic keeps for later subscribers. */
export interface MqttRetained {
  topic: string;
  payload: string;
}

export interface MqttPublish {
  topic: string;
  /** A view of the socket's buffer: copy it if it is to be kept beyond the commit. */
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** The sender's DUP flag: it believes to have sent this before. */
  duplicate: boolean;
  packetId?: number;
  contentType?: string;
  userProperties?: Record<string, string | string[]>;
  receivedAtMs: number;
}

/** What became of a message, once that is durable. */
export type MqttOutcome =
  | { outcome: 'recorded'; position: string; duplicate?: boolean }
  | { outcome: 'no-op'; reason: string }
  /** `reasonCode` is one that MQTT 5 allows in a PUBACK: 0x80, 0x83, 0x87, 0x90, 0x97, 0x99. */
  | { outcome: 'refused'; code: string; reason: string; reasonCode: number; deadLetter?: string };

/**
 * Why a connection ended. The first four tell of the device. `taken-over`: the same client is here again, on a newer
 * connection. `hub-failed`: the hub dropped it because the log could not take a message. `dismissed`: its credential
 * counts no longer, or it was moved. None of these is the device's fault.
 */
export type MqttDisconnectReason =
  | 'will'
  | 'keepalive'
  | 'connection-lost'
  | 'goodbye'
  | 'taken-over'
  | 'hub-failed'
  | 'dismissed';

/** Why the hub sends a device away. */
export type DismissReason = 'new-password' | 'retired' | 'moved';

/** Why the endpoint refused something by itself, before the application saw it. */
export type MqttRejectionCode =
  | 'connect-timeout'
  | 'not-mqtt'
  | 'unsupported-version'
  | 'connect-refused'
  | 'malformed-packet'
  | 'packet-too-large'
  | 'protocol-error'
  | 'topic-invalid'
  | 'receive-maximum-exceeded'
  | 'slow-subscriber';

export interface MqttRejection {
  topic?: string;
  sizeBytes?: number;
  remoteAddress: string;
  /** A sentence that an integrator can act on. */
  reason: string;
}

/** The endpoint's only way into the rest of the hub. */
export interface MqttApplication {
  /** `undefined`: user name or password is wrong. Rejects when it can't be told now: the client is asked to come back. */
  authenticate(
    username: string | undefined,
    password: Uint8Array | undefined,
    connection: MqttConnectionInfo,
  ): Promise<MqttPrincipal | MqttTurnedAway | undefined>;
  /**
   * Done when durable. Failed when the log could not take it: the endpoint then drops the connection without
   * acknowledging. Called in receive order, without waiting for earlier messages. Wills come this way too. Never throws.
   */
  publish(principal: MqttPrincipal, message: MqttPublish, waiting: Waiting<MqttOutcome>): void;
  /** Before the CONNACK, which waits for it. Rejects: the client is asked to come back. */
  connected(principal: MqttPrincipal, info: MqttConnectionInfo & { keepaliveSeconds: number }): Promise<void>;
  /**
   * Once for each `connected`, except when the endpoint itself shuts down. With `will`, the will has gone through
   * `publish` before.
   */
  disconnected(
    principal: MqttPrincipal,
    reason: MqttDisconnectReason,
    info: MqttConnectionInfo,
    will?: MqttPublish,
  ): Promise<void>;
  maySubscribe(principal: MqttPrincipal, filter: string): boolean;
  /** What a new subscriber finds under a filter that it may subscribe to: each as it is when it is read. */
  retained(principal: MqttPrincipal, filter: string): Iterable<MqttRetained>;
  /** Asked once for a connection; `undefined`: it may send as much as it likes. */
  quotaOf(principal: MqttPrincipal): MqttQuota | undefined;
  /** For counting and recording. The principal is known only once the client has proved who it is. */
  rejected(principal: MqttPrincipal | undefined, code: MqttRejectionCode, rejection: MqttRejection): Promise<void>;
}
