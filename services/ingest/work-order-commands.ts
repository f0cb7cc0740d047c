import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import type { CarryOutParts, OrderWish } from '../work-orders/carry-out.ts';
import { carryOutOnce } from '../work-orders/carry-out-once.ts';
import { workOrderCommands } from '../work-orders/commands.ts';
import { foldOrder, readOrder } from '../work-orders/order-stream.ts';
import type { MqttOutcome, MqttPrincipal, MqttPublish } from './mqtt/application.ts';

const commandTopic = /^xy\/v1\/([^/]+)\/work-orders\/commands$/;
export const answerFilter = /^xy\/v1\/[^/#]+\/work-orders\/commands\/answers$/;

const commandNames = Object.keys(workOrderCommands) as [
  keyof typeof workOrderCommands,
  ...(keyof typeof workOrderCommands)[],
];
/** What a property system publishes; `data` is what `POST /api/work-orders/{id}/{command}` takes. */
export const topicCommand = z.strictObject({
  /** The sender's own: the same id is carried out once. */
  id: z.string().min(1).max(100),
  order: z.string().min(1).max(100),
  command: z.enum(commandNames),
  data: z.looseObject({}).default({}),
});
export const topicAnswer = z.strictObject({
  id: z.string().nullable(),
  order: z.string().nullable(),
  outcome: z.enum(['done', 'refused']),
  /** The command of this id was carried out before. */
  repeat: z.boolean().optional(),
  state: z.string().optional(),
  code: z.string().optional(),
  reason: z.string().optional(),
});
type TopicAnswer = z.infer<typeof topicAnswer>;

const payloadMax = 64 * 1024;
/** MQTT 5.0, 3.4.2.1: not authorized, payload format invalid, implementation specific error. */
const reasonCodes = { notAllowed: 0x87, unreadable: 0x99, refused: 0x83 };

export interface TopicCommandParts extends CarryOutParts {
  /** Sends to whoever has subscribed. */
  deliver(topic: string, payload: string): void;
}

/** Which compound's command topic this is; `undefined` for any other topic. */
export const commandedCompound = (topic: string): string | undefined => commandTopic.exec(topic)?.[1];

const read = (payload: Uint8Array): z.infer<typeof topicCommand> => {
  if (payload.length > payloadMax) throw new Refusal('input.too-large', `at most ${payloadMax} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(payload).toString());
  } catch {
    throw new Refusal('input.broken-json', 'the payload is no JSON');
  }
  const parsed = topicCommand.safeParse(json);
  const complaint = (error: z.ZodError): string =>
    error.issues.map(({ path, message }) => `${path.join('.') || 'payload'}: ${message}`).join('; ');
  if (!parsed.success) throw new Refusal('input.invalid', complaint(parsed.error));
  const data = workOrderCommands[parsed.data.command].safeParse(parsed.data.data);
  if (!data.success) throw new Refusal('input.invalid', `data: ${complaint(data.error)}`);
  return { ...parsed.data, data: data.data };
};

const mayCommand = ({ kind, role }: MqttPrincipal): boolean =>
  kind === 'user' && (role === 'operator' || role === 'admin');

/**
 * Work-order commands of property systems, by the same rules as over HTTP: an account of the role operator publishes
 * them on its compound's topic, and reads what became of each on the topic of answers.
 */
export const createTopicCommands =
  (parts: TopicCommandParts) =>
  async (
    principal: MqttPrincipal,
    compound: string,
    { payload }: Pick<MqttPublish, 'payload'>,
  ): Promise<MqttOutcome> => {
    if (!mayCommand(principal)) {
      const reason = `${principal.id} is ${principal.role}; commands of work orders need the role operator.`;
      return { outcome: 'refused', code: 'login.role-too-low', reason, reasonCode: reasonCodes.notAllowed };
    }
    const tell = (answer: TopicAnswer): void =>
      parts.deliver(`xy/v1/${compound}/work-orders/commands/answers`, JSON.stringify(answer));
    let command: z.infer<typeof topicCommand> | undefined;
    try {
      command = read(payload);
      const { id, order, command: type, data } = command;
      const { belongsTo } = await readOrder(parts.log, order);
      if (belongsTo.compound !== compound) {
        throw new Refusal('work-order.unknown', `the compound ${compound} has no work order ${order}`);
      }
      const wish = { type, data } as OrderWish;
      const wisher = { actor: `user:${principal.id}`, person: principal.id };
      const { events, isRepeat } = await carryOutOnce(parts, { order, commandId: id, wish }, wisher);
      const { state } = foldOrder(order, events).state;
      tell({ id, order, outcome: 'done', state, ...(isRepeat ? { repeat: true } : {}) });
      const { position } = events.at(-1)!;
      return { outcome: 'recorded', position, ...(isRepeat ? { duplicate: true } : {}) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, message: reason } = error;
      tell({ id: command?.id ?? null, order: command?.order ?? null, outcome: 'refused', code, reason });
      const reasonCode = command === undefined ? reasonCodes.unreadable : reasonCodes.refused;
      return { outcome: 'refused', code, reason, reasonCode };
    }
  };
