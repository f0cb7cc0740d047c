import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';

let server: PostgresForTests;
beforeAll(async () => {
  server = await postgresForTests();
});
afterAll(() => server?.stop());

/** Says something to its log's writer that nobody can read, which ends the thread in the midst of its work. */
const program = (url: string): string => `
  import { Worker } from 'node:worker_threads';
  import { openPostgresEventLog } from '${import.meta.resolve('./postgres-event-log.ts')}';
  import { systemClock } from '${import.meta.resolve('../../runtime/clock.ts')}';
  const log = await openPostgresEventLog({ url: '${url}', clock: systemClock, writerInThread: true });
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function () { postMessage.call(this, null); };
  setInterval(() => {}, 1000);
  const event = { id: '01900000-0000-7000-8000-000000000000', type: 'gate.passed', data: {}, meta: {} };
  await log.append([{ stream: 'device-a', expectedRevision: 'any', events: [event] }]);
  console.log('it goes on');`;

test("an error that nobody foresaw in the writer's thread ends the process, in words that name it", async () => {
  const words = ['--import', 'tsx', '--input-type=module', '--eval', program(await server.newDatabase())];
  const child = spawn(process.execPath, words, { cwd: join(import.meta.dirname, '../../..') });
  const [said, complained, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect({ code, said }).toEqual({ code: 1, said: '' });
  expect(complained).toContain("the thread of the log's writer failed");
  expect(complained).toContain('TypeError');
});
