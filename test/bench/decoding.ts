import { join } from 'node:path';
import { decodeChecked } from '../../devices/decode-checked.ts';
import type { Dialect } from '../../devices/dialect.ts';
import { dialects } from '../../devices/dialects/registry.ts';
import { exampleMessage, loadExamples } from '../../devices/example-file.ts';
import { devicesFolder } from '../../devices/generate-registries.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';

const messages = 5_000;

/** Processor time of a message of the dialect, over its own examples of what is recorded: decoding and contract. */
const microsPerMessage = (dialect: Dialect): (() => number) => {
  const said = loadExamples(join(devicesFolder, 'dialects', `${dialect.name}.examples.yaml`))
    .map((example) => ({ message: exampleMessage(example), recall: (key: string) => example.recall[key] }))
    .filter(({ message, recall }) => decodeChecked(dialect, message, recall).outcome === 'facts');
  return () => {
    const before = process.cpuUsage();
    for (let nth = 0; nth < messages; nth += 1) {
      const { message, recall } = said[nth % said.length]!;
      decodeChecked(dialect, message, recall);
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / messages;
  };
};

/** What each dialect costs a message, so that a dear one shows. */
export const decoding = async (
  { rounds }: Pick<BenchOptions, 'rounds'>,
  emit: (result: BenchResult) => void,
): Promise<void> => {
  for (const dialect of dialects) {
    const once = microsPerMessage(dialect);
    // The first round is for the compiler.
    once();
    const micros = Array.from({ length: rounds }, once);
    emit(resultOf(`decoding: ${dialect.name}`, 'CPU µs/message', micros));
  }
};
