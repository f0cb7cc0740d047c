import { connectHub, type HubClient } from './hub-client.ts';

export type Say = (line: string) => void;

/** What the commands of `npx xingyuan` may be told; ports and passwords may stand in the environment. */
export const commandOptions = (environment: Record<string, string | undefined>) =>
  ({
    hub: { type: 'string', default: `http://localhost:${environment.HUB_HTTP_PORT ?? 8080}` },
    mqtt: { type: 'string', default: `mqtt://localhost:${environment.HUB_MQTT_PORT ?? 1883}` },
    user: { type: 'string', default: 'admin' },
    password: { type: 'string', default: environment.HUB_ADMIN_PASSWORD ?? '' },
    compound: { type: 'string' },
    kind: { type: 'string' },
    dialect: { type: 'string' },
    model: { type: 'string' },
    name: { type: 'string' },
    gateway: { type: 'string' },
    position: { type: 'string' },
    days: { type: 'string' },
    'ending-within': { type: 'string' },
    csr: { type: 'string' },
    certificate: { type: 'string' },
    out: { type: 'string', default: '.' },
    outcome: { type: 'string' },
    topic: { type: 'string' },
    seconds: { type: 'string' },
    username: { type: 'string' },
    secret: { type: 'string', default: environment.XINGYUAN_DEVICE_SECRET ?? '' },
    retain: { type: 'boolean', default: false },
    try: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  }) as const;

type Options = ReturnType<typeof commandOptions>;
type ValueOf<Option> = Option extends { type: 'boolean' } ? boolean : string;
export type CommandOptions = {
  [Name in keyof Options as Options[Name] extends { default: unknown } ? Name : never]: ValueOf<Options[Name]>;
} & { [Name in keyof Options as Options[Name] extends { default: unknown } ? never : Name]?: ValueOf<Options[Name]> };

export const loggedIn = ({ hub, user, password }: CommandOptions): Promise<HubClient> => {
  if (password === '') throw new Error('Give the password of the hub as --password or in HUB_ADMIN_PASSWORD.');
  return connectHub(hub, user, password);
};

export const required = (value: string | undefined, what: string): string => {
  if (value === undefined || value === '') throw new Error(`${what} is missing; npx xingyuan --help tells more.`);
  return value;
};

export const secondsOf = (text: string | undefined, otherwise: number): number => {
  const seconds = text === undefined ? otherwise : Number(text);
  if (!(seconds > 0)) throw new Error(`--seconds ${text} is no length of time.`);
  return seconds;
};
