import { connect } from 'node:net';
import { connectPacket, subscribePacket } from './packet-writer.ts';

/** A subscriber that acknowledges at once and only counts: the most that a broker can bring to one client. */
const [port, username, password, filter] = process.argv.slice(2);
const ackBytes = 4;
let received = 0;
let rest: Buffer = Buffer.alloc(0);

const socket = connect({ port: Number(port), host: '127.0.0.1' }, () => {
  socket.write(
    connectPacket({ clientId: 'bench-subscriber', username, password, mqttVersion: 4, keepaliveSeconds: 60 }),
  );
});
socket.setNoDelay(true);

/** Where a packet's body begins and the next packet; nothing while it is incomplete. */
const frameAt = (bytes: Buffer, at: number): { bodyAt: number; next: number } | undefined => {
  let length = 0;
  for (let place = at + 1, factor = 1; place < bytes.length; place += 1, factor *= 128) {
    length += (bytes[place]! & 0x7f) * factor;
    if ((bytes[place]! & 0x80) !== 0) continue;
    const next = place + 1 + length;
    return next > bytes.length ? undefined : { bodyAt: place + 1, next };
  }
  return undefined;
};

socket.on('data', (chunk: Buffer) => {
  const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  const acks: number[] = [];
  let at = 0;
  for (let frame = frameAt(bytes, at); frame !== undefined; frame = frameAt(bytes, at)) {
    const kind = bytes[at]! & 0xf0;
    if (kind === 0x20) socket.write(subscribePacket(filter!));
    else if (kind === 0x90) process.send!({ ready: true });
    else if (kind === 0x30) {
      received += 1;
      const idAt = frame.bodyAt + 2 + bytes.readUInt16BE(frame.bodyAt);
      if ((bytes[at]! & 0x06) === 0x02) acks.push(0x40, ackBytes - 2, bytes[idAt]!, bytes[idAt + 1]!);
    }
    at = frame.next;
  }
  rest = bytes.subarray(at);
  if (acks.length > 0) socket.write(Buffer.from(acks));
});
setInterval(() => process.send!({ received }), 5);
process.on('disconnect', () => process.exit(0));
