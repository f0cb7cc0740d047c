import { z } from 'zod';
import { commandNames } from '../../devices/commands.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import type { Projection } from '../event-log/projection.ts';
import { instant } from '../runtime/schema.ts';
import type { Sql } from '../runtime/sql.ts';
import { type CommandEvent, notSentReasons } from './command.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.device_command (
    id uuid PRIMARY KEY, compound text NOT NULL, device text NOT NULL, state text NOT NULL,
    requested_at timestamptz NOT NULL, expires_at timestamptz NOT NULL, data jsonb NOT NULL);
  CREATE INDEX IF NOT EXISTS device_command_newest ON hub.device_command (requested_at DESC, id DESC);
  CREATE INDEX IF NOT EXISTS device_command_of_device ON hub.device_command (device, requested_at DESC, id DESC);
  CREATE INDEX IF NOT EXISTS device_command_open ON hub.device_command (expires_at)
    WHERE state IN ('waiting', 'ready', 'sent')`;

export const shownStates = ['waiting', 'ready', 'sent', 'told', 'answered', 'not-sent', 'timed-out'] as const;

export const shownCommand = z.object({
  id: z.uuid(),
  compound: z.string(),
  device: z.string(),
  state: z.enum(shownStates),
  command: z.enum(commandNames),
  arguments: z.record(z.string(), z.unknown()),
  reason: z.string(),
  requestedBy: z.string(),
  requestedAt: instant,
  expiresAt: instant,
  /** A second person must agree, or had to. */
  needsApproval: z.boolean(),
  approvedBy: z.string().nullable(),
  sentAt: instant.nullable(),
  notSent: z.object({ reason: z.enum(notSentReasons), text: z.string() }).nullable(),
  /** `late`: it came after the command had expired. */
  answer: z.object({ at: instant, accepted: z.boolean(), text: z.string().nullable(), late: z.boolean() }).nullable(),
});
export type ShownCommand = z.infer<typeof shownCommand>;

interface Answered {
  commandId?: string;
  accepted: boolean;
  text?: string;
}
type Heard = CommandEvent | { type: 'device.command-answered'; data: Answered };

const isUuid = (text: string | undefined): boolean => z.uuid().safeParse(text).success;
const idOf = ({ stream }: RecordedEvent): string => stream.slice('command-'.length);

const request = async (sql: Sql, event: RecordedEvent): Promise<void> => {
  const { expiresAt, device, ...data } = event.data as Extract<CommandEvent, { type: 'command.requested' }>['data'];
  const { compound, occurredAt } = event.meta;
  const state = data.needsApproval ? 'waiting' : 'ready';
  await sql.query('INSERT INTO hub.device_command VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING', [
    ...[idOf(event), compound, device, state, occurredAt, expiresAt],
    JSON.stringify(data),
  ]);
};

/** Once it is answered it stays answered, whatever else is told. */
const move = (sql: Sql, id: string, state: string, data: object): Promise<unknown> =>
  sql.query(
    `UPDATE hub.device_command SET state = CASE WHEN state = 'answered' THEN state ELSE $2 END, data = data || $3::jsonb
     WHERE id = $1`,
    [id, state, JSON.stringify(data)],
  );

/** The device's own answer only, and the first one. */
const answer = async (sql: Sql, { data, meta }: RecordedEvent): Promise<void> => {
  const { commandId, accepted, text = null } = data as Answered;
  if (!isUuid(commandId)) return;
  await sql.query(
    `UPDATE hub.device_command SET state = 'answered',
       data = data || jsonb_build_object('answer',
         $3::jsonb || jsonb_build_object('late', state = 'timed-out' OR expires_at <= $4::timestamptz))
     WHERE id = $1 AND device = $2 AND state <> 'answered'`,
    [commandId, meta.device, JSON.stringify({ at: meta.receivedAt, accepted, text }), meta.receivedAt],
  );
};

const applyOne = async (sql: Sql, event: RecordedEvent): Promise<void> => {
  const { type, data } = event as RecordedEvent & Heard;
  switch (type) {
    case 'command.requested':
      await request(sql, event);
      return;
    case 'command.approved':
      await move(sql, idOf(event), 'ready', { approvedBy: data.by });
      return;
    case 'device.command-sent':
      // A gateway tells of commands that it sent by itself under the same type.
      if (event.stream === `command-${data.commandId}`)
        await move(sql, idOf(event), data.unanswered ? 'told' : 'sent', { sentAt: event.meta.occurredAt });
      return;
    case 'command.not-sent':
      await move(sql, idOf(event), 'not-sent', { notSent: data });
      return;
    case 'command.timed-out':
      await move(sql, idOf(event), 'timed-out', {});
      return;
    case 'device.command-answered':
      await answer(sql, event);
  }
};

/** Every command that people sent to devices, and what became of it. */
export const deviceCommandsProjection: Projection = {
  name: 'device-commands',
  version: 1,
  schema,
  tables: ['hub.device_command'],
  handles: [
    'command.requested',
    'command.approved',
    'device.command-sent',
    'command.not-sent',
    'command.timed-out',
    'device.command-answered',
  ],
  async apply(sql, events) {
    for (const event of events) await applyOne(sql, event);
  },
};

interface Row {
  id: string;
  compound: string;
  device: string;
  state: ShownCommand['state'];
  requested_at: Date;
  expires_at: Date;
  data: Omit<ShownCommand, 'id' | 'compound' | 'device' | 'state' | 'requestedAt' | 'expiresAt'>;
}

const nothingYet = { approvedBy: null, sentAt: null, notSent: null, answer: null };
const shown = ({ data, requested_at, expires_at, ...row }: Row): ShownCommand => ({
  ...nothingYet,
  ...data,
  ...row,
  requestedAt: requested_at.toISOString(),
  expiresAt: expires_at.toISOString(),
});

interface CommandFilter {
  device?: string | undefined;
  compound?: string | undefined;
  state?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Newest first; the cursor is the id of the last one read. */
export const deviceCommands = async (
  sql: Sql,
  { device, compound, state, limit, cursor }: CommandFilter,
): Promise<{ items: ShownCommand[]; next: string | null }> => {
  const { rows } = await sql.query<Row>(
    `SELECT * FROM hub.device_command
     WHERE ($1::text IS NULL OR device = $1) AND ($2::text IS NULL OR compound = $2)
       AND ($3::text IS NULL OR state = $3)
       AND ($4::uuid IS NULL OR (requested_at, id) < (SELECT requested_at, id FROM hub.device_command WHERE id = $4))
     ORDER BY requested_at DESC, id DESC LIMIT $5`,
    [device ?? null, compound ?? null, state ?? null, cursor ?? null, limit + 1],
  );
  const items = rows.slice(0, limit).map(shown);
  return { items, next: rows.length > limit ? items.at(-1)!.id : null };
};

/** Ids of commands that are neither answered nor given up, and whose time is over. */
export const commandsDue = async (sql: Sql, now: string, limit: number): Promise<string[]> => {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT id FROM hub.device_command WHERE state IN ('waiting', 'ready', 'sent') AND expires_at <= $1
     ORDER BY expires_at LIMIT $2`,
    [now, limit],
  );
  return rows.map(({ id }) => id);
};
