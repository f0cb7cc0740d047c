import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { brokerDevices, driveBounded, withMosquitto } from '../behind-broker.ts';
import { steadyAfterSeconds } from '../options.ts';
import { connectLoad } from './hub.ts';

/** Mosquitto alone, from all publishers to one plain subscriber that only counts. */
export const mosquittoFanIn = (connections: number, seconds: number) => {
  const devices = brokerDevices(connections);
  return withMosquitto(devices, async (broker, { username, password }) => {
    const subscriber = fork(
      fileURLToPath(new URL('../load/subscriber.ts', import.meta.url)),
      [String(broker.port), username, password, 'xy/v1/+/+/events'],
      { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    const ended = once(subscriber, 'exit');
    let received = 0;
    const ready = new Promise<void>((resolve) => {
      subscriber.on('message', (message: { ready?: true; received?: number }) => {
        if (message.ready) resolve();
        received = message.received ?? received;
      });
    });
    try {
      await Promise.race([ready, ended.then(() => Promise.reject(new Error('the subscriber ended')))]);
      const load = await connectLoad(broker.port, devices, 4);
      try {
        const options = { seconds, warmUpSeconds: steadyAfterSeconds, aheadMax: 4_000 };
        const run = await driveBounded(load, options, async () => received);
        return { ratePerSecond: run.ratePerSecond, details: run };
      } finally {
        await load.stop();
      }
    } finally {
      if (subscriber.exitCode === null) subscriber.kill('SIGKILL');
      await ended;
    }
  });
};
