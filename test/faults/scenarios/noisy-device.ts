import { registerWithCredential } from '../../../services/client/hub-client.ts';
import { createRandom } from '../../../services/demo/random.ts';
import { audit } from '../audit.ts';
import { quotaExceeded } from '../audit-log.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { createFaultDevice } from '../fault-device.ts';
import { compound, type Fleet, startFleet } from '../fleet.ts';
import { byLength, type Scenario, type ScenarioContext } from '../scenario.ts';
import { createSpeech } from '../speech.ts';
import { type SupervisedHub, superviseHub } from '../supervised-hub.ts';
import { seconds } from '../wait.ts';

const noisePerSecond = 600;
/** Generous, since a machine under other load drifts; a neighbour that waits for the noise passes it by far. */
const slowerMax = 5;
const slowerMsMax = 100;
const turns = 3;

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * share)] ?? Number.NaN;

interface Watched {
  perSecond: number;
  p99Ms: number;
}

const middle = (watched: readonly Watched[]): Watched => ({
  perSecond: percentile(
    watched.map(({ perSecond }) => perSecond),
    0.5,
  ),
  p99Ms: percentile(
    watched.map(({ p99Ms }) => p99Ms),
    0.5,
  ),
});

/** The others' acknowledgements over some seconds. */
const watch = async (fleet: Fleet, lasting: number): Promise<Watched> => {
  const latencies = fleet.devices.map((device) => device.measure());
  await seconds(lasting);
  const all = latencies.flat();
  return { perSecond: all.length / lasting, p99Ms: percentile(all, 0.99) };
};

const startNoise = async (context: ScenarioContext, hub: SupervisedHub, { ledger }: Fleet) => {
  const id = 'sensor-noisy';
  const credential = await registerWithCredential(await hub.client(), {
    ...{ id, compound, kind: 'sensor', dialect: 'canonical', name: '噪声' },
  } as { id: string });
  const random = createRandom(context.seed);
  const device = createFaultDevice({
    ...{ id, credential, ledger, random, protocolVersion: 5, port: () => hub.mqttPort },
    inFlightMax: 500,
    messagesPerSecond: noisePerSecond,
    next: createSpeech({ compound, device: id, kind: 'sensor', random }),
  });
  context.atEnd(() => device.close());
  device.open();
  return device;
};

/** One device sends 600 messages a second, and the others must not notice. */
export const noisyDevice: Scenario = {
  name: 'noisy-device',
  alone: true,
  async run(context) {
    const lasting = byLength(context, { short: 9, default: 300, long: 1_800 });
    const database = await startFaultDatabase(context);
    const hub = await superviseHub(context, { environment: { DATABASE_URL: database.directUrl() } });
    const fleet = await startFleet(context, hub, { messagesPerSecond: 200 });
    const noise = await startNoise(context, hub, fleet);
    fleet.talk(true);
    await seconds(2);
    const quiet: Watched[] = [];
    const loud: Watched[] = [];
    // In turns, since a machine's speed changes from minute to minute.
    for (let turn = 0; turn < turns; turn += 1) {
      quiet.push(await watch(fleet, Math.min(lasting / turns, 20)));
      noise.talk(true);
      loud.push(await watch(fleet, lasting / turns));
      noise.talk(false);
    }
    const [before, during] = [middle(quiet), middle(loud)];
    const found = await fleet.settle(60);
    const noisy = fleet.ledger.entries.get(noise.id) ?? [];
    const turnedAway = noisy.filter(({ acknowledged }) => acknowledged?.reasonCode === quotaExceeded).length;
    const ratio = during.p99Ms / before.p99Ms;
    if (ratio > slowerMax && during.p99Ms - before.p99Ms > slowerMsMax) {
      found.push(`the others' PUBACK p99 rose from ${before.p99Ms.toFixed(1)} to ${during.p99Ms.toFixed(1)} ms`);
    }
    if (during.perSecond < before.perSecond * 0.75) {
      found.push(`the others got ${during.perSecond.toFixed(0)}/s through, before ${before.perSecond.toFixed(0)}/s`);
    }
    const ends = fleet.devices.reduce((sum, { counts }) => sum + counts.ends, 0) + noise.counts.ends;
    if (ends > 0) found.push(`${ends} connections were ended`);
    found.push(...hub.unexpectedEnds(), ...(await hub.stop()));
    const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
    const done =
      `${(noisy.length / lasting).toFixed(0)}/s of one device for ${lasting} s (${turnedAway} turned away); the others' ` +
      `PUBACK p99 ${before.p99Ms.toFixed(1)} → ${during.p99Ms.toFixed(1)} ms (× ${ratio.toFixed(2)}), ` +
      `${before.perSecond.toFixed(0)} → ${during.perSecond.toFixed(0)}/s; ${audited.summary}`;
    return { done, found: [...found, ...audited.found] };
  },
};
