import { answered, type Decoded, type Dialect, type DialectMessage, facts, noOp, refused } from '../dialect.ts';
import { decodeAnswer, sayCommand } from './facegate/commands.ts';
import { aboutOf, onlineAck, type Push, pushAck, readPush } from './facegate/envelope.ts';
import { decodeRecord, decodeStranger } from './facegate/records.ts';
import { decodeSnap, isSnap } from './facegate/snaps.ts';

const siteRoot = 'mqtt/device/face';

/** Topics that all devices share; a device may not be called so. */
const sharedTopics = new Set(['basic', 'heartbeat']);

const decodeOwnState = (push: Push): Decoded => {
  const about = aboutOf(push);
  if (!about.ok) return about.refusal;
  // Said and heard at once, so it stands at our time like the will, which has none: a gate whose clock is behind would
  // otherwise come back before it had gone.
  const { timeText: _text, replayed: _replayed, time: _time, ...shared } = about.value;
  const fact = { ...shared, kind: 'access-gate' };
  switch (push.operator.toLowerCase()) {
    // Repeated until the platform answers with Online-Ack, hence a level.
    case 'online':
      return answered(
        facts({
          ...fact,
          type: 'device.connected',
          data: { reason: 'reported' },
          level: { channel: 'availability', value: 'online' },
        }),
        onlineAck(push),
      );
    // The device's MQTT will; it is not retained.
    case 'offline':
      return facts({
        ...fact,
        type: 'device.disconnected',
        data: { reason: 'will' },
        level: { channel: 'availability', value: 'offline' },
      });
    default:
      return facts({ ...fact, type: 'device.seen', data: {} });
  }
};

const decodePush = (push: Push): Decoded => {
  switch (push.operator) {
    case 'RecPush':
    case 'VerifyPush':
      return answered(decodeRecord(push), ...pushAck(push, 2));
    case 'StrSnapPush':
      return answered(decodeStranger(push), ...pushAck(push, 1));
    default:
      if (isSnap(push.operator)) return answered(decodeSnap(push), ...pushAck(push, 3));
      if (/^(online|offline|heartbeat)$/i.test(push.operator)) return decodeOwnState(push);
      return refused('unknown-type', `"${push.operator.slice(0, 100)}" is no push of this protocol.`, 'operator');
  }
};

const decodeMessage = (message: DialectMessage): Decoded => {
  const root = message.topic.startsWith(`${siteRoot}/`) ? siteRoot : 'mqtt/face';
  const [id, ...channel] = message.topic.slice(root.length + 1).split('/');
  if (id === undefined || id === '' || channel.length > 1) {
    return refused('wrong-topic', 'Publish on mqtt/face/<device>/Rec, …/Snap, …/Ack, mqtt/face/basic or …/heartbeat.');
  }
  const shared = root === 'mqtt/face' && channel.length === 0 && sharedTopics.has(id);
  const push = readPush(message, root, shared ? undefined : id);
  // A command names no device in its payload, and what it says is ours.
  if (channel.length === 0 && !shared) return push.ok ? noOp('downlink-echo') : push.refusal;
  if (!push.ok) return push.refusal;
  // Other platforms acknowledge on the shared topic; the device's own answers come on …/Ack.
  if (push.value.operator.endsWith('-Ack')) return shared ? noOp('downlink-echo') : decodeAnswer(push.value);
  // There every heartbeat calls itself Basic.
  return decodePush(channel[0] === 'heartbeat' ? { ...push.value, operator: 'HeartBeat' } : push.value);
};

/** The face terminals and cameras that speak `mqtt/face` (HFSecurity and Huifan V1.25, and many that are built alike). */
export const dialect: Dialect = {
  name: 'facegate',
  title: { zh: '人脸门禁（mqtt/face）', en: 'Face gates (mqtt/face)' },
  kinds: ['access-gate', 'camera', 'sensor'],
  topics: ['mqtt/face/#', 'mqtt/device/face/#'],
  decode: decodeMessage,
  command: sayCommand,
};
