/** One message of one device, ready to send but for the few bytes that differ from one sending to the next. */
export interface MessageTemplate {
  topic: string;
  /** JSON with `timeMark` where the instant and `countMark` where the running number stands; marks may be left out. */
  payload: string;
}

/** Both marks are as long as what replaces them, so that a message never changes its length. */
export const timeMark = '0000-00-00T00:00:00.000Z';
export const countMark = '#########';

export interface PacketTemplate {
  readonly bytes: Buffer;
  readonly packetIdAt: number;
  readonly timeAt: readonly number[];
  readonly countAt: readonly number[];
}

const remainingLength = (length: number): number[] => {
  const bytes: number[] = [];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest >= 128 ? (rest % 128) | 0x80 : rest);
    if (rest < 128) return bytes;
  }
};

const lengthFirst = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const packet = (firstByte: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([firstByte, ...remainingLength(body.length)]), body]);

const placesOf = (bytes: Buffer, mark: string): number[] => {
  const places: number[] = [];
  for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + mark.length)) places.push(at);
  return places;
};

/** A QoS 1 PUBLISH (MQTT 5.0, 3.3), also MQTT 3.1.1's. */
export const publishTemplate = ({ topic, payload }: MessageTemplate, mqttVersion: 4 | 5): PacketTemplate => {
  const properties = mqttVersion === 5 ? Buffer.from([0]) : Buffer.alloc(0);
  const head = lengthFirst(topic);
  const body = Buffer.concat([head, Buffer.alloc(2), properties, Buffer.from(payload, 'utf8')]);
  const bytes = packet(0x32, body);
  return {
    bytes,
    packetIdAt: bytes.length - body.length + head.length,
    timeAt: placesOf(bytes, timeMark),
    countAt: placesOf(bytes, countMark),
  };
};

/** Sets the instant of a template, once per millisecond and not once per message. */
export const setTime = ({ bytes, timeAt }: PacketTemplate, isoTime: string): void => {
  for (const at of timeAt) bytes.write(isoTime, at, 'latin1');
};

/** Copies the template into `target` at `at` with its own packet id and number; answers where the next one goes. */
export const writePublish = (
  template: PacketTemplate,
  target: Buffer,
  at: number,
  packetId: number,
  count: number,
): number => {
  template.bytes.copy(target, at);
  target[at + template.packetIdAt] = packetId >> 8;
  target[at + template.packetIdAt + 1] = packetId & 0xff;
  for (const place of template.countAt) {
    let rest = count;
    for (let digit = at + place + countMark.length - 1; digit >= at + place; digit -= 1) {
      target[digit] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
  return at + template.bytes.length;
};

export interface ConnectOptions {
  clientId: string;
  /** Left out for a broker that lets everybody in. */
  username?: string | undefined;
  password?: string | undefined;
  mqttVersion: 4 | 5;
  keepaliveSeconds: number;
}

/** A CONNECT that asks for a clean session. */
export const connectPacket = (options: ConnectOptions): Buffer => {
  const { clientId, username, password, mqttVersion, keepaliveSeconds } = options;
  const flags = 0x02 | (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40);
  const keepalive = Buffer.alloc(2);
  keepalive.writeUInt16BE(keepaliveSeconds);
  return packet(
    0x10,
    Buffer.concat([
      lengthFirst('MQTT'),
      Buffer.from([mqttVersion, flags]),
      keepalive,
      mqttVersion === 5 ? Buffer.from([0]) : Buffer.alloc(0),
      lengthFirst(clientId),
      ...[username, password].filter((text) => text !== undefined).map(lengthFirst),
    ]),
  );
};

/** MQTT 3.1.1, one filter with QoS 1. */
export const subscribePacket = (filter: string): Buffer =>
  packet(0x82, Buffer.concat([Buffer.from([0, 1]), lengthFirst(filter), Buffer.from([1])]));

export const pingPacket = Buffer.from([0xc0, 0]);
export const disconnectPacket = Buffer.from([0xe0, 0]);
