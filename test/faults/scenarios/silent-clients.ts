import { connect, type Socket } from 'node:net';
import { generate, type Packet } from 'mqtt-packet';
import { registerWithCredential } from '../../../services/client/hub-client.ts';
import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { compound, startFleet } from '../fleet.ts';
import { littleMemory } from '../outage.ts';
import { byLength, type Scenario, type ScenarioContext } from '../scenario.ts';
import { type SupervisedHub, superviseHub } from '../supervised-hub.ts';
import { startTcpProxy } from '../tcp-proxy.ts';
import { foundWithin, seconds } from '../wait.ts';

const growthMbMax = 512;
const refusalsAWrite = 50;

const open = (context: ScenarioContext, port: number): Socket => {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  context.atEnd(() => void socket.destroy());
  return socket;
};
const packet = (content: Packet): Buffer => generate(content, { protocolVersion: 5 });

/** Subscribes to its own refusals, makes as many of them as it may, and reads neither them nor its acknowledgements. */
const neverReads = async (context: ScenarioContext, hub: SupervisedHub, number: number) => {
  const id = `sensor-deaf-${number}`;
  const credential = await registerWithCredential(await hub.client(), {
    ...{ id, compound, kind: 'sensor', dialect: 'canonical', name: id },
  } as { id: string });
  const socket = open(context, hub.mqttPort).pause();
  const { username, password } = credential;
  const hello = { protocolId: 'MQTT', protocolVersion: 5, clientId: id, clean: true, keepalive: 60 } as const;
  socket.write(packet({ cmd: 'connect', ...hello, username, password: Buffer.from(password) }));
  const topic = `xy/v1/${compound}/${id}`;
  socket.write(packet({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `${topic}/refusals`, qos: 1 }] }));
  let sent = 0;
  const timer = setInterval(() => {
    for (let count = 0; count < refusalsAWrite && !socket.destroyed && !socket.writableNeedDrain; count += 1) {
      sent += 1;
      const payload = JSON.stringify({ type: `gate.flew-away-${'x'.repeat(400)}`, seq: sent });
      // QoS 0, so that no receive maximum holds it back.
      const said = { topic: `${topic}/events`, payload, qos: 0, dup: false, retain: false } as const;
      socket.write(packet({ cmd: 'publish', ...said }));
    }
  }, 10);
  context.atEnd(() => clearInterval(timer));
  return { sent: (): number => sent, stop: (): void => clearInterval(timer) };
};

/** Subscribers that never read, strangers that never say anything, and devices whose connections are gone at one end only. */
export const silentClients: Scenario = {
  name: 'silent-clients',
  async run(context) {
    const lasting = byLength(context, { short: 6, default: 60, long: 600 });
    const database = await startFaultDatabase(context);
    const hub = await superviseHub(context, { environment: { ...littleMemory, DATABASE_URL: database.directUrl() } });
    const wire = await startTcpProxy(() => hub.mqttPort);
    context.atEnd(wire.close);
    let port = wire.port;
    const fleet = await startFleet(context, hub, { keepaliveSeconds: 3, port: () => port });
    fleet.talk(true);
    await seconds(1);
    const found: string[] = [];
    const before = (await hub.residentMb()) ?? 0;

    for (let count = 0; count < 300; count += 1) open(context, hub.mqttPort);
    const deaf = await Promise.all(Array.from({ length: 5 }, (_, number) => neverReads(context, hub, number)));
    // The devices' old connections stay open at the hub; each device comes back over another wire.
    port = hub.mqttPort;
    wire.mute(true);
    let peak = 0;
    for (let waited = 0; waited < lasting; waited += 0.5) {
      await seconds(0.5);
      peak = Math.max(peak, (await hub.residentMb()) ?? 0);
    }
    for (const one of deaf) one.stop();
    if (peak > before + growthMbMax) found.push(`memory grew from ${before.toFixed(0)} to ${peak.toFixed(0)} MiB`);
    const refusals = deaf.reduce((sum, { sent }) => sum + sent(), 0);
    const acknowledged = fleet.ledger.counts().acknowledged;
    const goesOn = await foundWithin(60, () => fleet.ledger.counts().acknowledged > acknowledged);
    if (!goesOn) found.push('devices that came back over another wire are not acknowledged');
    found.push(...(await fleet.settle(60)));
    const closed = await foundWithin(60, async () => {
      const connections = await hub.metric('hub_mqtt_connections');
      return connections !== undefined && connections <= fleet.devices.length + deaf.length && connections;
    });
    if (closed === undefined) {
      found.push(`dead connections are still counted: ${await hub.metric('hub_mqtt_connections')}`);
    }
    found.push(...hub.unexpectedEnds(), ...(await hub.stop()));
    const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
    const done =
      `${deaf.length} subscribers that never read (${refusals} refusals made), 300 mute strangers, ` +
      `${fleet.devices.length} half-open connections; hub ${before.toFixed(0)} → at most ${peak.toFixed(0)} MiB; ${audited.summary}`;
    return { done, found: [...found, ...audited.found] };
  },
};
