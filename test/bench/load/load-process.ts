import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ConnectResult, RunOptions, RunResult } from './generator.ts';
import type { Endpoint, LoadDevice } from './load-connection.ts';
import type { LoadCommand, LoadReply, LoadRequest, StoredNotice } from './main.ts';

/** Starts the load generator in a process of its own, so that the bench's own work doesn't slow it. */
export const startLoad = async (endpoint: Endpoint, devices: LoadDevice[]) => {
  const child = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), [], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const waiting = new Map<number, (reply: LoadReply) => void>();
  let lastNumber = 0;
  child.on('message', (reply: LoadReply) => {
    waiting.get(reply.number)?.(reply);
    waiting.delete(reply.number);
  });
  const ask = async (command: LoadCommand): Promise<unknown> => {
    lastNumber += 1;
    const number = lastNumber;
    const answered = new Promise<LoadReply>((resolve) => waiting.set(number, resolve));
    child.send({ number, command } satisfies LoadRequest);
    const reply = await Promise.race([answered, ended.then(() => undefined)]);
    if (reply === undefined) throw new Error('the load generator ended');
    if (reply.failure !== undefined) throw new Error(`the load generator failed: ${reply.failure}`);
    return reply.answer;
  };
  await ask({ do: 'prepare', endpoint, devices });
  return {
    pid: child.pid!,
    connect: async (atOnce = 200): Promise<ConnectResult> => (await ask({ do: 'connect', atOnce })) as ConnectResult,
    run: async (options: RunOptions): Promise<RunResult> => (await ask({ do: 'run', options })) as RunResult,
    /** While a bounded run is under way: so many of its messages are stored. */
    stored: (count: number): void => void child.send({ stored: count } satisfies StoredNotice),
    disconnect: async (abruptly = false): Promise<void> => void (await ask({ do: 'disconnect', abruptly })),
    stop: async (): Promise<void> => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
};

export type Load = Awaited<ReturnType<typeof startLoad>>;
