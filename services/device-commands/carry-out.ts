import { randomUUID } from 'node:crypto';
import { deviceCommands } from '../../devices/commands.ts';
import { Refusal } from '../event-log/decider.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import {
  type CommandEvent,
  type CommandRequest,
  type CommandState,
  type CommandStep,
  commandStream,
  deviceCommand,
  type StoredCommand,
} from './command.ts';

export interface CommandParts {
  log: Pick<EventLog, 'readStream' | 'append'>;
  index: Pick<RegistryIndex, 'device' | 'compound'>;
  clock: Clock;
}

export interface StandingCommand {
  id: string;
  request: CommandRequest;
  state: CommandState;
}

export const readCommand = async (log: Pick<EventLog, 'readStream'>, id: string): Promise<StoredCommand> => {
  const events = await log.readStream(commandStream(id));
  return events.reduce(
    (state, { type, data }) => deviceCommand.evolve(state, { type, data } as CommandEvent),
    deviceCommand.initial,
  );
};

/** One step of a command's life, in the name of whoever takes it; answers how the command stands then. */
export const stepCommand = async (
  { log, index, clock }: CommandParts,
  id: string,
  step: CommandStep,
  actor: string,
): Promise<StandingCommand & { isNew: boolean }> => {
  const stream = commandStream(id);
  const { request } = step.type === 'request' ? { request: step.data } : await readCommand(log, id);
  const device = index.device(request?.device ?? '');
  const { state, events } = await handleCommand(log, {
    ...{ stream, decider: deviceCommand, newId: randomUUID, command: step },
    meta: {
      ...{ occurredAt: isoTime(clock.now()), actor },
      ...(device === undefined ? {} : { device: device.id, compound: device.compound }),
    },
  });
  if (state.request === null || state.state === null) {
    throw new Refusal('command.unknown', `there is no command ${id}`);
  }
  return { id, request: state.request, state: state.state, isNew: events.length > 0 };
};

export interface CommandAsked {
  device: string;
  wish: Pick<CommandRequest, 'command' | 'arguments'>;
  reason: string;
  expiresInSeconds: number;
  /** The asker's own: the same one asks for the same command. */
  idempotencyKey?: string | undefined;
}

/** Puts a wish on record; the process that the device is connected to sends it. */
export const requestCommand = (
  parts: CommandParts,
  { device: id, wish, reason, expiresInSeconds, idempotencyKey }: CommandAsked,
  user: string,
): Promise<StandingCommand> => {
  const device = parts.index.device(id);
  if (device === undefined) throw new Refusal('device.unknown', `no device ${id} is registered`);
  if (device.retiredAt !== null) throw new Refusal('device.retired', `the device ${id} was retired`);
  const { kinds } = deviceCommands[wish.command];
  if (!(kinds as readonly string[]).includes(device.kind)) {
    throw new Refusal('command.wrong-kind', `command: ${wish.command} is for ${kinds.join(', ')}`, {
      field: 'command',
    });
  }
  const nowMs = parts.clock.now();
  const source = `command|${user}|${idempotencyKey}`;
  const command = idempotencyKey === undefined ? randomUUID() : eventId({ occurredAtMs: 0, device: id, source });
  const needsApproval =
    wish.command === 'open-gate' && parts.index.compound(device.compound)?.gateOpening === 'two-people';
  const data = {
    ...{ ...wish, device: id, reason, needsApproval, requestedBy: user },
    expiresAt: isoTime(nowMs + expiresInSeconds * 1000),
  } as CommandRequest;
  return stepCommand(parts, command, { type: 'request', data }, `user:${user}`);
};

/** The command that may be sent now that this event is in the log. */
export const readyBy = ({
  type,
  stream,
  data,
}: Pick<RecordedEvent, 'type' | 'stream' | 'data'>): string | undefined => {
  const isReady =
    type === 'command.approved' || (type === 'command.requested' && !(data as CommandRequest).needsApproval);
  return isReady ? stream.slice(commandStream('').length) : undefined;
};
