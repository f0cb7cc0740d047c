import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '../..');
const saidCharsMax = 20_000;

export interface ProgramOptions {
  program: string;
  environment: Record<string, string>;
  /** Modules that are loaded before it, paths within the project. */
  preload?: readonly string[];
  /** Put before the command, e.g. `ip netns exec <name>`. */
  prefix?: readonly string[];
  logFile: string;
}

export interface RunningProgram {
  pid: number;
  /** The last of what it printed, both streams. */
  said(): string;
  hasEnded(): boolean;
  /** Exit code, or the signal's name. */
  ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
  /** A line for its standard input. */
  tell(line: string): void;
}

/** A program of the project in a process of its own; without tsx' wrapper, so that a signal hits the program itself. */
export const startProgram = (options: ProgramOptions): RunningProgram => {
  const { program, environment, preload = [], prefix = [], logFile } = options;
  const imports = ['tsx', ...preload.map((path) => join(repository, path))].flatMap((path) => ['--import', path]);
  const [command, ...args] = [...prefix, process.execPath, ...imports, join(repository, program)];
  const child: ChildProcess = spawn(command!, args, {
    cwd: repository,
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  // Kept open: its last words may come when the scenario's folder is gone.
  const log = openSync(logFile, 'a');
  const hear = (chunk: Buffer): void => {
    said = (said + chunk).slice(-saidCharsMax);
    writeSync(log, chunk);
  };
  child.once('close', () => closeSync(log));
  // A program that ends while it is told something is no fault of ours.
  child.stdin?.on('error', () => undefined);
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  let over = false;
  const ended = new Promise<number | string>((resolve) => {
    const end = (how: number | string): void => {
      over = true;
      resolve(how);
    };
    child.once('exit', (code, signal) => end(code ?? signal ?? 'unknown'));
    child.once('error', (error) => end(error.message));
  });
  return {
    pid: child.pid ?? -1,
    said: () => said,
    hasEnded: () => over,
    ended,
    kill: (signal) => void child.kill(signal),
    tell: (line) => void child.stdin?.write(`${line}\n`),
  };
};

const statusField = async (pid: number, field: string): Promise<number | undefined> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
};

/** Memory of a process that is in the machine now, in MiB; `undefined` where the system doesn't tell. */
export const residentMb = (pid: number): Promise<number | undefined> => statusField(pid, 'VmRSS');

/** A process' children, by the system's own list. */
export const childrenOf = async (pid: number): Promise<number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
};

export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};
