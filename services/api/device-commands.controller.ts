import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { type CommandName, commandNames, deviceCommands as known } from '../../devices/commands.ts';
import { requestCommand, type StandingCommand, stepCommand } from '../device-commands/carry-out.ts';
import { deviceCommands, shownCommand, shownStates } from '../device-commands/read-model.ts';
import { registryId } from '../registry/registry.ts';
import { isoTime } from '../runtime/clock.ts';
import { page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { idParams, paging } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';

const shared = {
  reason: z.string().trim().min(1).max(500),
  /** It is sent within this time or never, and answered within it or late. */
  expiresInSeconds: z.int().min(1).max(3600).default(30),
  /** The caller's own: the same one again is the same command, and is not sent twice. */
  idempotencyKey: z.string().min(1).max(100).optional(),
};
const wishOf = <Name extends CommandName>(name: Name) =>
  z.strictObject({ command: z.literal(name), arguments: known[name].arguments, ...shared });
const wish = z.discriminatedUnion('command', [
  wishOf('open-gate'),
  wishOf('restart'),
  wishOf('start-charging'),
  wishOf('stop-charging'),
  wishOf('unlock-connector'),
  wishOf('switch'),
]);
const standing = z.object({ id: z.uuid(), state: z.enum(shownStates), needsApproval: z.boolean() });

const send = operation({
  method: 'post',
  path: '/api/devices/{id}/commands',
  summary:
    'Send a command to a device: once, within its time, and never again by itself; see /api/commands for its end',
  role: 'operator',
  status: 201,
  params: idParams,
  body: wish,
  answer: standing,
});
const approve = operation({
  method: 'post',
  path: '/api/commands/{id}/approval',
  summary: 'Agree to a command that needs a second person; not by the one who asked for it',
  role: 'operator',
  params: z.strictObject({ id: z.uuid() }),
  answer: standing,
});
const list = operation({
  method: 'get',
  path: '/api/commands',
  summary: 'Commands to devices and what became of each, newest first',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    cursor: z.uuid().optional(),
    device: registryId.optional(),
    compound: registryId.optional(),
    state: z.enum(shownStates).optional(),
  }),
  answer: page(shownCommand),
});
const kinds = operation({
  method: 'get',
  path: '/api/command-kinds',
  summary: 'What can be asked of which kinds of device',
  role: 'viewer',
  answer: z.object({
    items: z.array(
      z.object({
        command: z.enum(commandNames),
        title: z.object({ zh: z.string(), en: z.string() }),
        kinds: z.array(z.string()),
      }),
    ),
  }),
});

const shown = ({ id, state, request }: StandingCommand): z.infer<typeof standing> => ({
  ...{ id, state, needsApproval: request.needsApproval },
});

@Controller()
export class DeviceCommandsController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(send)
  async send(@Input() { params, body, account }: InputOf<typeof send>) {
    const { reason, expiresInSeconds, idempotencyKey, ...asked } = body;
    const command = { device: params.id, wish: asked, reason, expiresInSeconds, idempotencyKey };
    return shown(await requestCommand(this.parts, command, account.user));
  }

  @Operation(approve)
  async approve(@Input() { params, account }: InputOf<typeof approve>) {
    const step = { type: 'approve' as const, by: account.user, now: isoTime(this.parts.clock.now()) };
    return shown(await stepCommand(this.parts, params.id, step, `user:${account.user}`));
  }

  @Operation(list)
  list(@Input() { query }: InputOf<typeof list>) {
    return deviceCommands(this.parts.sql, query);
  }

  @Operation(kinds)
  kinds() {
    const items = commandNames.map((command) => {
      const { title, kinds: of } = known[command];
      return { command, title, kinds: [...of] };
    });
    return { items };
  }
}
