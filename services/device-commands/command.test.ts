import type { Refusal } from '../event-log/decider.ts';
import { type CommandEvent, type CommandRequest, type CommandStep, deviceCommand } from './command.ts';

const request: CommandRequest = {
  ...{ device: 'gate-1', command: 'open-gate', arguments: {}, reason: 'a parcel', requestedBy: 'wang' },
  ...{ expiresAt: '2026-03-01T08:00:30.000Z', needsApproval: false },
};
const now = '2026-03-01T08:00:10.000Z';
const late = '2026-03-01T08:00:30.000Z';
const after = (...events: CommandEvent[]) => events.reduce(deviceCommand.evolve, deviceCommand.initial);
const requested = (more: Partial<CommandRequest> = {}): CommandEvent => ({
  type: 'command.requested',
  data: { ...request, ...more } as CommandRequest,
});
const approved: CommandEvent = { type: 'command.approved', data: { by: 'zhao' } };
const sent: CommandEvent = { type: 'device.command-sent', data: { command: 'open-gate', commandId: 'c' } };
const outcome = (step: CommandStep, ...past: CommandEvent[]): unknown => {
  try {
    return deviceCommand.decide(step, after(...past)).map(({ type }) => type);
  } catch (error) {
    return (error as Refusal).code;
  }
};
const send: CommandStep = { type: 'send', commandId: 'c', now };
const approve = (by: string, at = now): CommandStep => ({ type: 'approve', by, now: at });
const waiting = requested({ needsApproval: true });

test.each<[string, CommandStep, CommandEvent[], unknown]>([
  ['a request', { type: 'request', data: request }, [], ['command.requested']],
  ['the same one again', { type: 'request', data: { ...request, expiresAt: late } }, [requested(), sent], []],
  [
    'another one by the same key',
    { type: 'request', data: { ...request, reason: 'b' } },
    [requested()],
    'command.key-used',
  ],
  ['sent', send, [requested()], ['device.command-sent']],
  ['never sent twice', send, [requested(), sent], []],
  ['not before the second person agreed', send, [waiting], []],
  ['and then it is', send, [waiting, approved], ['device.command-sent']],
  ['not after it expired', { ...send, now: late }, [requested()], []],
  ['a second person agrees', approve('zhao'), [waiting], ['command.approved']],
  ['the first one may not', approve('wang'), [waiting], 'command.own'],
  ['not twice', approve('zhao'), [waiting, approved], 'command.over'],
  ['not too late', approve('zhao', late), [waiting], 'command.over'],
  ['not what nobody asked', approve('zhao'), [], 'command.unknown'],
  ['nobody there', { type: 'give-up', reason: 'not-connected', text: '' }, [requested()], ['command.not-sent']],
  [
    'nobody listened',
    { type: 'give-up', reason: 'not-listening', text: '' },
    [requested(), sent],
    ['command.not-sent'],
  ],
  ['no answer', { type: 'expire', now: late }, [requested(), sent], ['command.timed-out']],
  ['no answer yet', { type: 'expire', now }, [requested(), sent], []],
  ['nobody agreed', { type: 'expire', now: late }, [waiting], ['command.not-sent']],
])('%s', (_, step, past, expected) => {
  expect(outcome(step, ...past)).toEqual(expected);
});
