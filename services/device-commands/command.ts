import type { CommandWish } from '../../devices/commands.ts';
import { type Decider, Refusal } from '../event-log/decider.ts';

/** Why a command never went out. Closed list: whoever shows it has words for each. */
export const notSentReasons = ['not-connected', 'not-listening', 'impossible', 'expired'] as const;
export type NotSentReason = (typeof notSentReasons)[number];

export type CommandRequest = CommandWish & {
  device: string;
  reason: string;
  /** It is sent before this or never, and answered before this or late. */
  expiresAt: string;
  /** A second person must agree (four-eyes rule). */
  needsApproval: boolean;
  requestedBy: string;
};

export type CommandEvent =
  | { type: 'command.requested'; data: CommandRequest }
  | { type: 'command.approved'; data: { by: string } }
  | { type: 'device.command-sent'; data: { command: string; commandId: string; unanswered?: true } }
  | { type: 'command.not-sent'; data: { reason: NotSentReason; text: string } }
  | { type: 'command.timed-out'; data: Record<string, never> };

/**
 * `waiting` for the second person, `ready` to be sent, `told`: sent by a protocol that has no answer. An answer isn't of
 * this stream but of the device's.
 */
export type CommandState = 'waiting' | 'ready' | 'sent' | 'told' | 'not-sent' | 'timed-out';

export interface StoredCommand {
  request: CommandRequest | null;
  state: CommandState | null;
}

export type CommandStep =
  | { type: 'request'; data: CommandRequest }
  | { type: 'approve'; by: string; now: string }
  /** Once only: whoever gets it into the log first sends it, and nobody sends it again. */
  | { type: 'send'; commandId: string; now: string; unanswered?: true }
  | { type: 'give-up'; reason: NotSentReason; text: string }
  | { type: 'expire'; now: string };

export const commandStream = (id: string): string => `command-${id}`;

const isSame = (left: CommandRequest, right: CommandRequest): boolean =>
  (['device', 'command', 'reason', 'requestedBy'] as const).every((field) => left[field] === right[field]) &&
  JSON.stringify(left.arguments) === JSON.stringify(right.arguments);

const decideRequest = (data: CommandRequest, { request }: StoredCommand): CommandEvent[] => {
  if (request === null) return [{ type: 'command.requested', data }];
  if (isSame(request, data)) return [];
  throw new Refusal('command.key-used', 'idempotencyKey: it stands for another command already', {
    field: 'idempotencyKey',
  });
};

const decideApproval = (by: string, now: string, { request, state }: StoredCommand): CommandEvent[] => {
  if (request === null) throw new Refusal('command.unknown', 'there is no such command');
  if (request.requestedBy === by) throw new Refusal('command.own', 'another person must agree');
  if (state !== 'waiting') throw new Refusal('command.over', `the command waits for nobody: it is ${state}`);
  if (request.expiresAt <= now) throw new Refusal('command.over', `the command expired at ${request.expiresAt}`);
  return [{ type: 'command.approved', data: { by } }];
};

const isOpen = (state: CommandState | null): boolean => state === 'waiting' || state === 'ready';

const decide = (step: CommandStep, stored: StoredCommand): CommandEvent[] => {
  const { request, state } = stored;
  if (step.type === 'request') return decideRequest(step.data, stored);
  if (step.type === 'approve') return decideApproval(step.by, step.now, stored);
  if (request === null) return [];
  switch (step.type) {
    case 'send': {
      if (state !== 'ready' || request.expiresAt <= step.now) return [];
      const { commandId, unanswered } = step;
      const data = { command: request.command, commandId, ...(unanswered ? { unanswered } : {}) };
      return [{ type: 'device.command-sent', data }];
    }
    case 'give-up':
      return isOpen(state) || state === 'sent' || state === 'told'
        ? [{ type: 'command.not-sent', data: { reason: step.reason, text: step.text } }]
        : [];
    case 'expire':
      if (request.expiresAt > step.now) return [];
      if (state === 'sent') return [{ type: 'command.timed-out', data: {} }];
      return isOpen(state)
        ? [{ type: 'command.not-sent', data: { reason: 'expired', text: `It expired at ${request.expiresAt}.` } }]
        : [];
  }
};

const evolve = (stored: StoredCommand, event: CommandEvent): StoredCommand => {
  switch (event.type) {
    case 'command.requested':
      return { request: event.data, state: event.data.needsApproval ? 'waiting' : 'ready' };
    case 'command.approved':
      return { ...stored, state: 'ready' };
    case 'device.command-sent':
      return { ...stored, state: event.data.unanswered ? 'told' : 'sent' };
    case 'command.not-sent':
      return { ...stored, state: 'not-sent' };
    case 'command.timed-out':
      return { ...stored, state: 'timed-out' };
  }
};

/** A command to a device, from the wish to its end. Nothing here repeats one: who wants it again asks again. */
export const deviceCommand: Decider<StoredCommand, CommandStep, CommandEvent> = {
  initial: { request: null, state: null },
  evolve,
  decide,
};
