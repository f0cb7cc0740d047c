// A sensor with MQTT.js (npm install mqtt): a will, a counter by which lost messages show, and what the hub made of it.
import { connectAsync } from 'mqtt';

const { HUB_HOST = 'localhost', HUB_MQTT_PORT = '1883', COMPOUND, DEVICE, SECRET, COUNT = '3' } = process.env;
const topic = (leaf) => `xy/v1/${COMPOUND}/${DEVICE}/${leaf}`;

const client = await connectAsync(`mqtt://${HUB_HOST}:${HUB_MQTT_PORT}`, {
  protocolVersion: 5,
  clientId: DEVICE,
  username: DEVICE,
  password: SECRET,
  // Keeps what was not acknowledged over a reconnect.
  clean: false,
  properties: { sessionExpiryInterval: 3600 },
  // The hub tells everybody who asks that the device is gone.
  will: { topic: topic('status'), payload: Buffer.from('offline'), qos: 1, retain: true },
});
client.on('packetreceive', ({ cmd, properties }) => {
  if (cmd === 'puback') process.stdout.write(`${properties?.reasonString ?? properties?.userProperties?.outcome}\n`);
});
await client.publishAsync(topic('status'), 'online', { qos: 1, retain: true });

for (let seq = 1; seq <= Number(COUNT); seq += 1) {
  const event = {
    type: 'sensor.measured',
    time: new Date().toISOString(),
    seq,
    data: { values: { temperatureC: 20 + seq / 10 } },
  };
  // Rejects where the hub refuses; its PUBACK says why.
  await client.publishAsync(topic('events'), JSON.stringify(event), { qos: 1 }).catch(() => undefined);
}
await client.endAsync();
