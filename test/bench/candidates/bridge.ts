import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { brokerDevices, driveBounded, withMosquitto } from '../behind-broker.ts';
import { compound, registerGates } from '../bench-devices.ts';
import { type HubOptions, startHubProcess, temporaryFolder } from '../hub-process.ts';
import { steadyAfterSeconds } from '../options.ts';
import { cpuMicrosOf } from '../process-cpu.ts';
import { headOf, watchLag } from '../projection-lag.ts';
import { connectLoad } from './hub.ts';

const gateway = 'bench-broker';
const aheadMax = 8_000;

/** Registers what speaks through the broker, in a hub that doesn't know of a broker yet. */
const prepareHub = async (dataDir: string, connections: number): Promise<void> => {
  const hub = await startHubProcess({ dataDir });
  try {
    await registerGates(hub, connections);
    await hub.api.post('/api/devices', { id: gateway, compound, kind: 'gateway', dialect: 'auto', name: 'broker' });
  } finally {
    await hub.stop();
  }
};

/** Devices at an outside Mosquitto, the hub as its client: the rate at which events come into the log. */
export const bridge = async (connections: number, seconds: number, options: HubOptions = {}) => {
  const devices = brokerDevices(connections);
  const dataDir = await temporaryFolder();
  try {
    await prepareHub(dataDir, connections);
    return await withMosquitto(devices, async (broker, { username, password }) => {
      const env = {
        ...{ HUB_BRIDGE_URL: broker.url, HUB_BRIDGE_GATEWAY: gateway, HUB_BRIDGE_TOPICS: 'xy/v1/#' },
        ...{ HUB_BRIDGE_USERNAME: username, HUB_BRIDGE_PASSWORD: password },
        ...options.env,
      };
      const hub = await startHubProcess({ ...options, dataDir, env });
      try {
        // What the start itself records, the gateway's connection among it, is not of the load.
        await sleep(1000);
        const load = await connectLoad(broker.port, devices, 4);
        const lag = watchLag(hub.sql);
        try {
          const before = { ...(await hub.cpu()), mosquitto: await cpuMicrosOf(broker.pid()) };
          const run = await driveBounded(load, { seconds, warmUpSeconds: steadyAfterSeconds, aheadMax }, () =>
            headOf(hub.sql),
          );
          const after = { ...(await hub.cpu()), mosquitto: await cpuMicrosOf(broker.pid()) };
          const { lagSeconds } = await lag.look();
          if (run.stored < run.sent) throw new Error(`${run.sent} messages were sent and ${run.stored} are in the log`);
          const perEvent = (name: keyof typeof after): number =>
            Number(((after[name] - before[name]) / run.stored).toFixed(2));
          const cpuMicrosPerEvent = {
            ...{ hub: perEvent('hub'), postgres: perEvent('postgres'), mosquitto: perEvent('mosquitto') },
          };
          return {
            ratePerSecond: run.ratePerSecond,
            details: { ...run, cpuMicrosPerEvent, lagAtEndSeconds: lagSeconds, worstLag: lag.worst() },
          };
        } finally {
          await lag.stop();
          await load.stop();
        }
      } finally {
        await hub.stop();
      }
    });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
};
