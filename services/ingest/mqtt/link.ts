import type { ClientCertificate } from '../../registry/device-certificate.ts';
import type { Clock } from '../../runtime/clock.ts';
import type {
  MqttApplication,
  MqttConnectionInfo,
  MqttDisconnectReason,
  MqttPrincipal,
  MqttPublish,
  MqttRejectionCode,
} from './application.ts';
import type { MqttCounters } from './counters.ts';
import type { MqttLimits } from './limits.ts';
import type { UnderWay } from './under-way.ts';

/** What all connections of an endpoint share. */
export interface MqttContext {
  application: MqttApplication;
  limits: MqttLimits;
  clock: Clock;
  counters: MqttCounters;
  underWay: UnderWay;
  /** Messages of all connections that are over their senders' quotas and wait. */
  throttled: { messages: number; bytes: number };
  /** Told of an application call that rejected, and of a defect; the connection in question is already being closed. */
  failed(error: unknown, doing: string): void;
}

/** The other end of a stream. */
export interface Peer {
  remoteAddress: string;
  /** Of a TLS client that has one. */
  certificate?: ClientCertificate;
}

/** What a client agreed on with its CONNECT. */
export interface MqttSession {
  principal: MqttPrincipal;
  info: MqttConnectionInfo;
  /** 0 is none. */
  keepaliveSeconds: number;
  /** False: reason strings and user properties only on CONNACK and DISCONNECT [MQTT-3.1.2-29]. */
  wantsProblems: boolean;
  /** How long the session is kept after the connection; 0 ends it with it. */
  expirySeconds: number;
  /** The client wants none of what was before [MQTT-3.1.2-4]. */
  clean: boolean;
  /** The largest packet that the client takes [MQTT-3.1.2-24]. */
  clientPacketBytesMax: number;
  /** QoS 1 messages that the client takes in flight. */
  clientReceiveMaximum: number;
  will?: { message: Omit<MqttPublish, 'receivedAtMs'>; delaySeconds: number };
}

/** How a connection is to end. */
export interface Ending {
  reason: MqttDisconnectReason;
  /** For the DISCONNECT of MQTT 5; left out, none is sent. */
  reasonCode?: number;
  text: string;
  rejection?: { code: MqttRejectionCode; topic?: string; sizeBytes?: number };
}

/** A rule of the protocol that the client broke; whoever handles packets throws it, the connection ends on it. */
export class MqttViolation extends Error {
  constructor(
    readonly code: MqttRejectionCode,
    readonly reasonCode: number,
    message: string,
    readonly topic?: string,
  ) {
    super(message);
  }
}

/** What the parts of one connection may ask of it. */
export interface Link {
  /** Bytes sent that the client has not taken yet. */
  readonly bufferedBytes: number;
  send(bytes: Uint8Array): void;
  end(ending: Ending): void;
  /** Messages were answered: there may be room to read on. */
  answered(): void;
}
