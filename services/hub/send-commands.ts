import type { CommandDownlink, DeviceCommand } from '../../devices/commands.ts';
import type { Dialect } from '../../devices/dialect.ts';
import { isTopicName } from '../../devices/topic-filter.ts';
import { type CommandParts, readCommand, readyBy, stepCommand } from '../device-commands/carry-out.ts';
import type { CommandRequest, NotSentReason } from '../device-commands/command.ts';
import { commandsDue } from '../device-commands/read-model.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import type { RegisteredDevice } from '../registry/registry-index.ts';
import { isoTime } from '../runtime/clock.ts';
import { type Keeper, keepLooking } from '../runtime/keep-looking.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';

type Downlink = Exclude<CommandDownlink, { impossible: string }>;

/** A way from the hub to devices. */
export interface Line {
  /** Whether the device, or the gateway that it stands beneath, is connected here now. */
  reaches(device: RegisteredDevice): boolean;
  /** `false`: connected, and nobody took it. */
  send(device: RegisteredDevice, downlink: Downlink): boolean;
}

export interface SenderParts extends CommandParts {
  dialects: ReadonlyMap<string, Dialect>;
  /** What a dialect remembers of a credential's messages. */
  recall(sender: string, key: string): string | undefined;
  /** What the hub last heard of a device's own connection, beneath a gateway too. */
  availability(device: string): string | undefined;
  lines: readonly Line[];
  /** No other process may have the device connected. */
  isOnlySender: boolean;
}

const actor = 'policy:device-commands';
const lookEveryMs = 1_000;
const dueMax = 200;

const downlinkOf = (parts: SenderParts, id: string, device: RegisteredDevice, request: CommandRequest) => {
  const { dialects, recall, clock } = parts;
  const dialect = dialects.get(device.dialect);
  if (dialect?.command === undefined) return { impossible: `The dialect ${device.dialect} takes no commands.` };
  const { command, arguments: given } = request;
  const said = { id, command, arguments: given, device, at: isoTime(clock.now()) } as DeviceCommand;
  const downlink = dialect.command(said, (key) => recall(device.gateway ?? device.id, key));
  if ('impossible' in downlink || isTopicName(downlink.topic)) return downlink;
  return { impossible: `${downlink.topic} is no topic: the device's own id has a character that none may have.` };
};

/**
 * Sends a command that may be sent. Its sending goes on record before it goes out: when the hub falls between the two,
 * a gate stays shut, rather than opening twice.
 */
export const sendCommand = async (parts: SenderParts, id: string): Promise<void> => {
  const { log, index, lines, clock, availability, isOnlySender } = parts;
  const { request } = await readCommand(log, id);
  const device = request === null ? undefined : index.device(request.device);
  if (request === null || device === undefined) return;
  const giveUp = (reason: NotSentReason, text: string) =>
    stepCommand(parts, id, { type: 'give-up', reason, text }, actor);
  const isAway = device.gateway !== undefined && availability(device.id) === 'offline';
  const line = isAway ? undefined : lines.find((candidate) => candidate.reaches(device));
  if (line === undefined) {
    if (isOnlySender) await giveUp('not-connected', `${device.id} is not connected.`);
    return;
  }
  const downlink = downlinkOf(parts, id, device, request);
  if ('impossible' in downlink) {
    await giveUp('impossible', downlink.impossible);
    return;
  }
  const unanswered = downlink.unanswered ? { unanswered: true as const } : {};
  const step = { type: 'send' as const, commandId: id, now: isoTime(clock.now()), ...unanswered };
  const { isNew } = await stepCommand(parts, id, step, actor);
  if (!isNew || line.send(device, downlink)) return;
  await giveUp('not-listening', `${device.id} is connected and has not subscribed to ${downlink.topic}.`);
};

/** Looks once for commands whose time is over. */
const endCommands = async (parts: CommandParts, sql: Sql): Promise<undefined> => {
  const now = isoTime(parts.clock.now());
  for (const id of await commandsDue(sql, now, dueMax)) await stepCommand(parts, id, { type: 'expire', now }, actor);
  return undefined;
};

interface KeeperParts extends SenderParts {
  sql: Sql;
  logger: Logger;
  /** Told every event of the log's. */
  listeners: Set<(event: RecordedEvent) => void>;
}

/** Sends commands as they become ready, and says of each that got no answer that its time is over. */
export const sendCommands = ({ sql, logger, listeners, ...parts }: KeeperParts): Keeper => {
  const hear = (event: RecordedEvent): void => {
    const id = readyBy(event);
    if (id === undefined) return;
    // It is not tried again: it expires, and whoever asked for it sees so.
    sendCommand(parts, id).catch((error) => logger.error({ err: error, command: id }, 'a command was not sent'));
  };
  listeners.add(hear);
  const ending = keepLooking({
    look: () => endCommands(parts, sql),
    everyMs: lookEveryMs,
    failure: 'commands to devices are not being ended',
    logger,
  });
  return {
    trouble: ending.trouble,
    async stop() {
      listeners.delete(hear);
      await ending.stop();
    },
  };
};
