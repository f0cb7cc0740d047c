import { registerGates } from '../bench-devices.ts';
import { type HubProcess, startHubProcess } from '../hub-process.ts';
import type { RunOptions, RunResult } from '../load/generator.ts';
import type { LoadDevice } from '../load/load-connection.ts';
import { type Load, startLoad } from '../load/load-process.ts';
import { cpuMicrosOf } from '../process-cpu.ts';
import { logState, watchLag } from '../projection-lag.ts';

export interface HubRun extends RunResult {
  /** Events in the log that this run added; never fewer than were acknowledged as recorded. */
  stored: number;
  /** Of the slowest projection when the load ended, and the worst while it lasted. */
  lagAtEndSeconds: number;
  worstLag: { atSeconds: number; lagSeconds: number; who: string };
  /** From the load's end until every projection had read all of it. */
  catchUpSeconds: number;
  cpuMicrosPerEvent: { hub: number; postgres: number; load: number };
}

export interface LoadedHub {
  hub: HubProcess;
  load: Load;
}

const catchUpSecondsMax = 300;

/** Drives one load against a running hub, and sees to it that the log holds what was acknowledged. */
export const driveHub = async ({ hub, load }: LoadedHub, options: RunOptions): Promise<HubRun> => {
  const before = await logState(hub.sql);
  const cpuBefore = { ...(await hub.cpu()), load: await cpuMicrosOf(load.pid) };
  const lag = watchLag(hub.sql);
  try {
    const result = await load.run(options);
    const { lagSeconds, state } = await lag.look();
    const cpuAfter = { ...(await hub.cpu()), load: await cpuMicrosOf(load.pid) };
    await lag.stop();
    const catchUpSeconds = await lag.caughtUp(state.head, catchUpSecondsMax);
    const stored = state.head - before.head;
    const taken = Object.entries(result.byReasonCode).reduce(
      (sum, [code, n]) => sum + (Number(code) < 0x80 ? n : 0),
      0,
    );
    const refused = result.acknowledgedInAll - taken;
    if (refused > 0) throw new Error(`${refused} messages were refused: ${JSON.stringify(result.byReasonCode)}`);
    if (stored < taken) throw new Error(`${taken} messages were acknowledged and ${stored} are in the log`);
    const perEvent = (name: keyof typeof cpuAfter): number =>
      Number(((cpuAfter[name] - cpuBefore[name]) / Math.max(1, result.acknowledgedInAll)).toFixed(2));
    return {
      ...result,
      ...{ stored, lagAtEndSeconds: lagSeconds, worstLag: lag.worst(), catchUpSeconds },
      cpuMicrosPerEvent: { hub: perEvent('hub'), postgres: perEvent('postgres'), load: perEvent('load') },
    };
  } finally {
    await lag.stop();
  }
};

export interface HubBenchOptions {
  connections: number;
  mqttVersion: 4 | 5;
  nodeFlags?: readonly string[] | undefined;
  env?: Record<string, string> | undefined;
  /** Other devices than access gates with canonical topics. */
  register?: (hub: HubProcess) => Promise<LoadDevice[]>;
}

export const connectLoad = async (mqttPort: number, devices: LoadDevice[], mqttVersion: 4 | 5 = 5): Promise<Load> => {
  const load = await startLoad({ host: '127.0.0.1', port: mqttPort, mqttVersion, keepaliveSeconds: 60 }, devices);
  const { refused } = await load.connect();
  if (refused.length > 0) {
    await load.stop();
    throw new Error(`connections were refused: ${refused.join(', ')}`);
  }
  return load;
};

/** A fresh hub with its devices connected, for as long as `work` takes. */
export const withHub = async <T>(options: HubBenchOptions, work: (loaded: LoadedHub) => Promise<T>): Promise<T> => {
  const { connections, nodeFlags, env, register } = options;
  const hub = await startHubProcess({ nodeFlags, env });
  try {
    const devices = await (register ?? ((to) => registerGates(to, connections)))(hub);
    const load = await connectLoad(hub.mqttPort, devices, options.mqttVersion);
    try {
      return await work({ hub, load });
    } finally {
      await load.stop();
    }
  } finally {
    await hub.stop();
  }
};
