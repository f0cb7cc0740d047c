import { createGenerator, type Generator, type RunOptions } from './generator.ts';
import type { Endpoint, LoadDevice } from './load-connection.ts';

/** What the bench asks of its load generator, which runs in a process of its own; each is answered by one message. */
export type LoadCommand =
  | { do: 'prepare'; endpoint: Endpoint; devices: LoadDevice[] }
  | { do: 'connect'; atOnce: number }
  | { do: 'run'; options: RunOptions }
  | { do: 'disconnect'; abruptly: boolean };

export interface LoadRequest {
  number: number;
  command: LoadCommand;
}

export interface LoadReply {
  number: number;
  answer?: unknown;
  failure?: string;
}

/** Told while a run is under way, and not answered. */
export interface StoredNotice {
  stored: number;
}

let generator: Generator | undefined;

const obey = async (command: LoadCommand): Promise<unknown> => {
  switch (command.do) {
    case 'prepare':
      generator?.end();
      generator = createGenerator(command.endpoint, command.devices);
      return null;
    case 'connect':
      return generator!.connect(command.atOnce);
    case 'run':
      return generator!.run(command.options);
    case 'disconnect':
      generator!.close(command.abruptly);
      return null;
  }
};

process.on('message', (message: LoadRequest | StoredNotice) => {
  if ('stored' in message) {
    generator?.stored(message.stored);
    return;
  }
  const { number, command } = message;
  const reply = (said: Omit<LoadReply, 'number'>): void => void process.send!({ number, ...said } satisfies LoadReply);
  obey(command).then(
    (answer) => reply({ answer }),
    (error: Error) => reply({ failure: error.message }),
  );
});
// The bench has gone: so does its load.
process.on('disconnect', () => process.exit(0));
