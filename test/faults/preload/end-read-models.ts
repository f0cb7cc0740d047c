/** Loaded before the hub's program: while the file is there, the thread that is handed a commit is ended instead. */
import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

const file = process.env.XINGYUAN_END_READ_MODELS!;
const { postMessage } = Worker.prototype;

const isWished = (): boolean => {
  try {
    rmSync(file);
    return true;
  } catch {
    return false;
  }
};

Worker.prototype.postMessage = function postOrEnd(this: Worker, ...words: Parameters<typeof postMessage>): void {
  const [word] = words;
  const isCommit = typeof word === 'object' && word !== null && 'commit' in word;
  if (isCommit && isWished()) void this.terminate();
  else postMessage.apply(this, words);
};
