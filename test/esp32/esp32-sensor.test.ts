import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeChecked } from '../../devices/decode-checked.ts';
import { dialect as canonical } from '../../devices/dialects/canonical.ts';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));

test('the sketch for the ESP32 compiles, and the hub understands what it publishes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'esp32-'));
  try {
    const program = join(folder, 'sketch');
    await run('g++', [
      '-std=gnu++17',
      '-Wall',
      '-Wextra',
      '-Werror',
      `-I${here}`,
      '-o',
      program,
      join(here, 'run.cpp'),
    ]);
    const { stdout } = await run(program);
    const said = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(said.map(([what, topic, qos, retain]) => [what, topic, qos, retain].join(' '))).toEqual([
      'will xy/v1/harbour-view/plant-room-1/status 1 1',
      'publish xy/v1/harbour-view/plant-room-1/status 0 1',
      'publish xy/v1/harbour-view/plant-room-1/telemetry 0 0',
      'publish xy/v1/harbour-view/plant-room-1/telemetry 0 0',
    ]);
    const heard = said.map(([, topic = '', , , payload = '']) => {
      const message = { topic, payload: Buffer.from(payload), retain: false, timeZone: 'Asia/Shanghai' };
      return decodeChecked(canonical, message, () => undefined);
    });
    const measured = { type: 'sensor.measured', data: { values: { temperatureC: 21.5 } } };
    expect(heard).toMatchObject([
      { facts: [{ type: 'device.disconnected' }] },
      { facts: [{ type: 'device.connected' }] },
      { facts: [measured] },
      { facts: [{ ...measured, time: { at: '2026-03-02T00:15:30.000Z' } }] },
    ]);
    // The hub would refuse a time of 1970.
    expect(heard[2]).not.toHaveProperty('facts.0.time');
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);
