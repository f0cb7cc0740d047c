import { z } from 'zod';

const connector = z.int().min(1).max(1000);

/** What people may ask of a device, whatever it speaks. Its dialect says how, or that it can't be said. */
export const deviceCommands = {
  'open-gate': {
    title: { zh: '开门', en: 'Open the gate' },
    kinds: ['access-gate'],
    /**
     * `door`: of a controller with several, as its events call it. `card`: for those that open in a card's name only, one
     * that was issued to the hub, never a person's.
     */
    arguments: z.strictObject({
      door: z.string().min(1).max(100).optional(),
      card: z
        .string()
        .regex(/^\d{1,10}$/, 'a card number')
        .optional(),
    }),
  },
  restart: {
    title: { zh: '重启', en: 'Restart' },
    kinds: ['access-gate', 'charging-post', 'camera', 'sensor'],
    arguments: z.strictObject({}),
  },
  'start-charging': {
    title: { zh: '开始充电', en: 'Start charging' },
    kinds: ['charging-post'],
    arguments: z.strictObject({ connector: connector.optional() }),
  },
  'stop-charging': {
    title: { zh: '停止充电', en: 'Stop charging' },
    kinds: ['charging-post'],
    /** As `charging.session-started` names it. */
    arguments: z.strictObject({ session: z.string().min(1).max(100) }),
  },
  'unlock-connector': {
    title: { zh: '解锁充电枪', en: 'Unlock the connector' },
    kinds: ['charging-post'],
    arguments: z.strictObject({ connector }),
  },
  switch: {
    title: { zh: '开关', en: 'Switch' },
    kinds: ['sensor'],
    arguments: z.strictObject({ on: z.boolean() }),
  },
} as const satisfies Record<
  string,
  { title: { zh: string; en: string }; kinds: readonly string[]; arguments: z.ZodType }
>;

export type CommandName = keyof typeof deviceCommands;
export const commandNames = Object.keys(deviceCommands) as [CommandName, ...CommandName[]];

type Asked<Name extends CommandName> = {
  command: Name;
  arguments: z.infer<(typeof deviceCommands)[Name]['arguments']>;
};
/** One command with its arguments as its name wants them. */
export type CommandWish = { [Name in CommandName]: Asked<Name> }[CommandName];

/** What a dialect is given to say. */
export type DeviceCommand = CommandWish & {
  /** A UUID; a device that answers gives it back. */
  id: string;
  device: {
    id: string;
    compound: string;
    /** In its own ecosystem, where it has an id there. */
    externalId?: string | undefined;
  };
  /** Instant of the sending, ISO 8601. */
  at: string;
};

/** How a command goes out; `unanswered`: the protocol has no answer to it. */
export type CommandDownlink =
  | { topic: string; payload: string | Uint8Array; unanswered?: true }
  /** Why it can't be said, in a sentence. */
  | { impossible: string };
