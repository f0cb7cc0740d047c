import { randomUUID } from 'node:crypto';
import { generate, type IConnackPacket, type IConnectPacket } from 'mqtt-packet';
import { isTopicName } from '../../../devices/topic-filter.ts';
import type { MqttPrincipal } from './application.ts';
import type { MqttLimits } from './limits.ts';
import { type MqttContext, type MqttSession, MqttViolation, type Peer } from './link.ts';
import { isWellFormed } from './publish-check.ts';
import { reasonCode, returnCode } from './reason-codes.ts';

/** A CONNECT that is answered by no, in the words of both versions. */
export interface ConnectRefusal {
  returnCode: number;
  reasonCode: number;
  text: string;
  /** No CONNACK at all: the packet itself breaks the protocol and, in 3.1.1, the connection is just closed. */
  malformed?: boolean;
}

const refusal = (returned: number, reason: number, text: string): ConnectRefusal => ({
  returnCode: returned,
  reasonCode: reason,
  text,
});
const malformed = (reason: number, text: string): ConnectRefusal => ({
  ...refusal(returnCode.unacceptableProtocolVersion, reason, text),
  malformed: true,
});

const noCredentials = refusal(
  returnCode.notAuthorized,
  reasonCode.notAuthorized,
  "connect with the device's user name and password",
);
const badCredentials = refusal(
  returnCode.badUserNameOrPassword,
  reasonCode.badUserNameOrPassword,
  'user name or password is wrong',
);
export const notNow = refusal(
  returnCode.serverUnavailable,
  reasonCode.serverUnavailable,
  "the hub can't take connections now: come back in a moment",
);

export const tooManyConnections = refusal(
  returnCode.serverUnavailable,
  reasonCode.quotaExceeded,
  'this credential has too many connections open: close some, or give every client its own credential',
);

/** The first byte of a TLS handshake, the commonest stranger on a port without. */
const tlsHandshake = 0x16;

/** The level of a CONNECT, whether or not the parser knows it; `undefined` when this is no CONNECT of MQTT. */
const protocolLevelOf = (frame: Buffer): number | undefined => {
  if (frame[0] !== 0x10) return undefined;
  let at = 1;
  while (((frame[at] ?? 0) & 0x80) !== 0) at += 1;
  at += 1;
  if (at + 2 > frame.length) return undefined;
  const nameEnd = at + 2 + frame.readUInt16BE(at);
  const name = frame.toString('latin1', at + 2, Math.min(nameEnd, at + 8));
  if (name !== 'MQTT' && name !== 'MQIsdp') return undefined;
  const level = frame[nameEnd];
  // The top bit is how bridges introduce themselves.
  return level === undefined ? undefined : level & 0x7f;
};

/** The version that the first packet speaks, or why it can't be spoken here. Throws `MqttViolation` for a stranger. */
export const versionOf = (frame: Buffer): { level: number; refused: ConnectRefusal | undefined } => {
  const level = protocolLevelOf(frame);
  if (level === undefined) {
    const text = frame[0] === tlsHandshake ? 'TLS on a port without TLS' : 'the first packet is no MQTT CONNECT';
    throw new MqttViolation('not-mqtt', reasonCode.protocolError, `${text} [MQTT-3.1.0-1]`);
  }
  if (level >= 3 && level <= 5) return { level, refused: undefined };
  const text = `protocol level ${level} is not spoken here, but 3, 4 and 5 are`;
  return {
    level,
    refused: refusal(returnCode.unacceptableProtocolVersion, reasonCode.unsupportedProtocolVersion, text),
  };
};

const judgeWill = (will: NonNullable<IConnectPacket['will']>): ConnectRefusal | undefined => {
  // The parser's type says 0 to 2, its code lets 3 through [MQTT-3.1.2-12].
  if ((will.qos ?? 0) > 2) return malformed(reasonCode.malformedPacket, 'the QoS of the will is 3 [MQTT-3.1.2-12]');
  if (!isTopicName(will.topic) || !isWellFormed(will.topic)) {
    return malformed(reasonCode.topicNameInvalid, "the will's topic is empty or has wildcards");
  }
  return undefined;
};

/** Why a CONNECT can't be taken, before anybody is asked for a password. */
const judgeConnect = (packet: IConnectPacket, limits: MqttLimits): ConnectRefusal | undefined => {
  const { clientId, protocolVersion, properties } = packet;
  if ((packet.protocolId === 'MQIsdp') !== (protocolVersion === 3)) {
    const text = 'protocol name and level do not belong together';
    return refusal(returnCode.unacceptableProtocolVersion, reasonCode.unsupportedProtocolVersion, text);
  }
  if (!isWellFormed(clientId) || !isWellFormed(packet.username ?? '')) {
    return malformed(reasonCode.malformedPacket, 'client identifier or user name is no UTF-8 [MQTT-1.5.4-1]');
  }
  if (clientId === '' && protocolVersion !== 5 && (protocolVersion === 3 || packet.clean !== true)) {
    // [MQTT-3.1.3-8] of 3.1.1; 3.1 knows no empty identifier at all.
    const text = 'an empty client identifier needs a clean session';
    return refusal(returnCode.identifierRejected, reasonCode.clientIdentifierNotValid, text);
  }
  if (Buffer.byteLength(clientId) > limits.clientIdBytesMax) {
    const text = `the client identifier takes more than ${limits.clientIdBytesMax} bytes`;
    return refusal(returnCode.identifierRejected, reasonCode.clientIdentifierNotValid, text);
  }
  if (protocolVersion !== 5 && packet.username === undefined && packet.password !== undefined) {
    return malformed(reasonCode.malformedPacket, 'a password without a user name [MQTT-3.1.2-22]');
  }
  if (properties?.authenticationMethod !== undefined) {
    const text = 'only user name and password are taken, no enhanced authentication';
    return refusal(returnCode.notAuthorized, reasonCode.badAuthenticationMethod, text);
  }
  if (properties?.receiveMaximum === 0 || properties?.maximumPacketSize === 0) {
    return malformed(reasonCode.protocolError, 'Receive Maximum and Maximum Packet Size are not 0 (3.1.2.11)');
  }
  return packet.will === undefined ? undefined : judgeWill(packet.will);
};

/** A property sent twice comes as an array and one cut short as -1: neither is a number to go by. */
const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && value > 0 ? value : otherwise;

/** 3.1.1 knows only "with the connection" and "for good". */
const expiryOf = ({ clean, properties }: IConnectPacket, protocolVersion: number, limits: MqttLimits): number => {
  const forGood = clean === true ? 0 : limits.sessionExpirySecondsMax;
  const wanted = protocolVersion === 5 ? numberOr(properties?.sessionExpiryInterval, 0) : forGood;
  return Math.min(wanted, limits.sessionExpirySecondsMax);
};

/** What a client that was let in agreed on. */
const sessionOf = (
  packet: IConnectPacket,
  principal: MqttPrincipal,
  info: MqttSession['info'],
  limits: MqttLimits,
): MqttSession => {
  const asked = packet.keepalive ?? 0;
  const shortened = info.protocolVersion === 5 && (asked === 0 || asked > limits.keepaliveSecondsMax);
  const session: MqttSession = {
    principal,
    info,
    keepaliveSeconds: shortened ? limits.keepaliveSecondsMax : asked,
    wantsProblems: packet.properties?.requestProblemInformation !== false,
    expirySeconds: expiryOf(packet, info.protocolVersion, limits),
    clean: packet.clean === true,
    clientPacketBytesMax: numberOr(packet.properties?.maximumPacketSize, Number.POSITIVE_INFINITY),
    clientReceiveMaximum: numberOr(packet.properties?.receiveMaximum, 65_535),
  };
  const { will } = packet;
  if (will !== undefined) {
    session.will = {
      // It is due when the session ends, at the latest (3.1.3.2.2).
      delaySeconds: Math.min(
        numberOr(will.properties?.willDelayInterval, 0),
        limits.willDelaySecondsMax,
        session.expirySeconds,
      ),
      message: {
        topic: will.topic,
        // The packet's buffer is a socket's chunk, and a will is kept for long.
        payload: Buffer.from(will.payload),
        qos: will.qos ?? 0,
        retain: will.retain ?? false,
        duplicate: false,
        ...(typeof will.properties?.contentType === 'string' ? { contentType: will.properties.contentType } : {}),
        ...(will.properties?.userProperties ? { userProperties: will.properties.userProperties } : {}),
      },
    };
  }
  return session;
};

/** Checks the CONNECT and who sent it. Rejects when the application can't tell. */
export const admit = async (
  packet: IConnectPacket,
  { remoteAddress, certificate }: Peer,
  { application, limits }: MqttContext,
): Promise<MqttSession | ConnectRefusal> => {
  const refused = judgeConnect(packet, limits);
  if (refused !== undefined) return refused;
  const clientId = packet.clientId === '' ? `hub-${randomUUID()}` : packet.clientId;
  const info: MqttSession['info'] = { remoteAddress, clientId, protocolVersion: packet.protocolVersion ?? 4 };
  if (certificate !== undefined) info.certificate = certificate;
  const principal = await application.authenticate(packet.username, packet.password, info);
  if (principal !== undefined && 'turnedAway' in principal) {
    return refusal(returnCode.notAuthorized, reasonCode.notAuthorized, principal.turnedAway);
  }
  if (principal !== undefined) return sessionOf(packet, principal, info, limits);
  return packet.username === undefined ? noCredentials : badCredentials;
};

/** The CONNACK that lets a client in. */
export const acceptance = (
  packet: IConnectPacket,
  session: MqttSession,
  sessionPresent: boolean,
  limits: MqttLimits,
): Buffer => {
  const { protocolVersion, clientId } = session.info;
  // 3.1 has no bit for it; in 3.1.1 and 5 the client learns whether its session is still here [MQTT-3.2.2-2] [MQTT-3.2.2-3].
  const connack: IConnackPacket = {
    cmd: 'connack',
    sessionPresent: sessionPresent && protocolVersion > 3,
    returnCode: 0,
    reasonCode: 0,
  };
  if (protocolVersion === 5) {
    const asked = packet.properties?.sessionExpiryInterval ?? 0;
    connack.properties = {
      receiveMaximum: limits.receiveMaximum,
      retainAvailable: true,
      maximumPacketSize: limits.packetBytesMax,
      topicAliasMaximum: limits.topicAliasMax,
      wildcardSubscriptionAvailable: true,
      subscriptionIdentifiersAvailable: true,
      sharedSubscriptionAvailable: false,
      ...(session.expirySeconds === asked ? {} : { sessionExpiryInterval: session.expirySeconds }),
      ...(packet.clientId === '' ? { assignedClientIdentifier: clientId } : {}),
      ...(session.keepaliveSeconds === (packet.keepalive ?? 0) ? {} : { serverKeepAlive: session.keepaliveSeconds }),
    };
  }
  return generate(connack, { protocolVersion });
};

/** The CONNACK that says no; `undefined` where the protocol wants the connection closed without one. */
export const refusalPacket = (refused: ConnectRefusal, protocolVersion: number): Buffer | undefined => {
  if (protocolVersion < 5 && refused.malformed === true) return undefined;
  const properties = { reasonString: refused.text };
  return generate(
    protocolVersion >= 5
      ? { cmd: 'connack', sessionPresent: false, reasonCode: refused.reasonCode, properties }
      : { cmd: 'connack', sessionPresent: false, returnCode: refused.returnCode },
    { protocolVersion: protocolVersion >= 5 ? 5 : 4 },
  );
};
