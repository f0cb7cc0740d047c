import { setTimeout as sleep } from 'node:timers/promises';
import { registerGates } from './bench-devices.ts';
import { type HubProcess, startHubProcess } from './hub-process.ts';
import type { RunResult } from './load/generator.ts';
import type { LoadDevice } from './load/load-connection.ts';
import { type Load, startLoad } from './load/load-process.ts';
import type { BenchOptions } from './options.ts';
import { memoryMebibytes } from './process-cpu.ts';
import { type BenchResult, resultOf } from './result.ts';

const devices = 10_000;
/** One source address has some 28,000 ports, of which those of a connection just closed rest for a minute. */
const sourceAddresses = 8;
const connectAtOnce = 500;

const takenOf = ({ byReasonCode }: RunResult): number =>
  Object.entries(byReasonCode).reduce((sum, [code, count]) => sum + (Number(code) < 0x80 ? count : 0), 0);

/** Passages in the log; what connecting and parting adds would hide a loss. */
const passages = async (hub: HubProcess): Promise<number> => {
  const { rows } = await hub.sql.query<{ count: string }>(`SELECT count(*) FROM hub.event WHERE type = 'gate.passed'`);
  return Number(rows[0]!.count);
};

/** One message per second each, and how many of those acknowledged are not in the log. */
const oncePerSecond = async (hub: HubProcess, load: Load, seconds: number) => {
  const before = await passages(hub);
  const run = await load.run({ seconds, warmUpSeconds: 1, ratePerSecond: devices });
  return { run, missing: Math.max(0, takenOf(run) - ((await passages(hub)) - before)) };
};

/** All are cut off in the midst of their messages, and come back at once. */
const storm = async (hub: HubProcess, load: Load) => {
  const before = await passages(hub);
  const running = load.run({ seconds: 3, warmUpSeconds: 0, drainSeconds: 0, ratePerSecond: devices });
  await sleep(2000);
  await load.disconnect(true);
  const back = await load.connect(devices);
  const taken = takenOf(await running);
  return { back, taken, missing: Math.max(0, taken - ((await passages(hub)) - before)) };
};

const spread = (registered: LoadDevice[]): LoadDevice[] =>
  registered.map((device, nth) => ({ ...device, localAddress: `127.0.0.${2 + (nth % sourceAddresses)}` }));

/** Ten thousand devices that are connected, speak once a second, and are all cut off at the same time. */
export const connections = async (options: BenchOptions, emit: (result: BenchResult) => void): Promise<void> => {
  const hub = await startHubProcess();
  try {
    const registered = await registerGates(hub, devices);
    const endpoint = { host: '127.0.0.1', port: hub.mqttPort, mqttVersion: options.mqttVersion, keepaliveSeconds: 300 };
    const load = await startLoad(endpoint, spread(registered));
    try {
      const opened = await load.connect(connectAtOnce);
      if (opened.connected < devices) throw new Error(`${opened.connected} connected: ${opened.refused.join(', ')}`);
      const idle = await memoryMebibytes(hub.pid);
      const { run, missing } = await oncePerSecond(hub, load, options.seconds);
      const busy = await memoryMebibytes(hub.pid);
      const details = { idleMebibytes: Math.round(idle.now), connectSeconds: opened.seconds, run };
      emit(
        resultOf('10,000 connections: memory of the hub', 'MiB', [busy.peak], { target: { atMost: 1024 }, details }),
      );
      emit(resultOf('10,000 connections: lost', 'connections', [run.lostConnections], { target: { atMost: 0 } }));
      const { back, taken, missing: missingThen } = await storm(hub, load);
      const seconds = back.connected === devices ? back.seconds : Number.POSITIVE_INFINITY;
      emit(
        resultOf('reconnect storm of 10,000: all back', 's', [seconds], {
          target: { atMost: 20 },
          details: { ...back, taken },
        }),
      );
      const lost = missing + missingThen;
      emit(resultOf('reconnect storm: acknowledged and not in the log', 'events', [lost], { target: { atMost: 0 } }));
    } finally {
      await load.stop();
    }
  } finally {
    await hub.stop();
  }
};
