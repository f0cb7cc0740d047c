import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectMqtt, registerOnce, registerWithCredential, until } from '../../services/client/hub-client.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { newDataDir, removeDataDir, startHubProcess } from './hub-under-test.ts';

const run = promisify(execFile);
const mebibyte = 2 ** 20;

/** A disk of its own, where the machine lets this user mount one. */
const mountDisk = async (folder: string, sizeMebibytes: number): Promise<boolean> =>
  run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMebibytes}m,mode=755`, 'tmpfs', folder]).then(
    () => true,
    () => false,
  );

test('a disk that fills up stops what devices say before PostgreSQL stands still, and it recovers by itself', async () => {
  const folder = await newDataDir();
  const disk = join(folder, 'disk');
  await mkdir(disk);
  if (!(await mountDisk(disk, 600))) {
    process.stderr.write(
      'The disk guard was not tried on a disk of its own: this user may not mount one (needs root).\n',
    );
    await removeDataDir(folder);
    return;
  }
  try {
    const hub = await startHubProcess({ dataDir: join(disk, 'hub') });
    await registerOnce(hub.client, '/api/compounds', {
      ...{ id: 'harbour-view', name: '海景苑', profile: 'retrofit', households: 1, buildings: [], positions: [] },
    });
    const device = { id: 'gate-1', compound: 'harbour-view', name: 'gate-1', kind: 'access-gate' };
    const gate = await connectMqtt(hub.mqttUrl, await registerWithCredential(hub.client, device));
    let lost = 0;
    gate.on('close', () => (lost += 1));
    const pass = () =>
      gate.publishAsync(
        'xy/v1/harbour-view/gate-1/events',
        JSON.stringify({ type: 'gate.passed', time: isoTime(systemClock.now()), data: {} }),
        { qos: 1 },
      );
    const ready = () =>
      hub.client.get<{ reasons: string[] }>('/health/ready').then(
        ({ reasons }) => reasons,
        (error: Error) => [error.message],
      );
    await pass();

    const ballast = join(disk, 'ballast');
    const { stdout } = await run('df', ['--output=avail', '-B', '1', disk]);
    await writeFile(ballast, Buffer.alloc(Number(stdout.trim().split('\n').at(-1)) - 40 * mebibyte));
    await until(30, 'the hub says so', async () => hub.said().includes('nearly full'));
    const waiting = pass();
    await until(30, 'the connection was dropped without an answer', async () => lost > 0);
    expect(await fetch(`${hub.url}/health/ready`).then((answer) => answer.text())).toMatch('is nearly full');
    expect(await hub.client.get('/api/devices')).toMatchObject({ items: [{ id: 'gate-1' }] });

    await rm(ballast);
    // The client sends again what was not acknowledged.
    await waiting;
    await until(30, 'all is well', async () => (await ready()).length === 0);
    await gate.endAsync();
    expect(await hub.stop()).toBe(0);
  } finally {
    await run('umount', [disk]);
    await removeDataDir(folder);
  }
});
