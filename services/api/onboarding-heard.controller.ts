import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { replayDeadLetter } from '../ingest/replay-dead-letter.ts';
import { shownPayload } from '../ingest/shown-payload.ts';
import { healthOf } from '../projections/device-health/queries.ts';
import {
  forgetTurnedAway,
  lettersOfAddress,
  type TurnedAway,
  turnedAway,
  type UnknownAddress,
  unknownAddresses,
} from '../projections/heard-unknown/queries.ts';
import { changeDevice, registerDevice } from '../registry/commands.ts';
import { device, partialDevice, registryId } from '../registry/registry.ts';
import type { RegisteredDevice } from '../registry/registry-index.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, paging } from './input.ts';
import { adoptionAnswer, type HeardUnknown, heardUnknown } from './integrator-schemas.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal, InvalidInput } from './problem.ts';

const sources = heardUnknown.shape.source.options;

const list = operation({
  method: 'get',
  path: '/api/heard-unknown',
  summary: 'Who speaks and is registered nowhere, or was taken in beneath a gateway and looked at by nobody',
  role: 'operator',
  query: z.strictObject({
    limit: paging.limit,
    compound: registryId.optional(),
    source: z.enum(sources).optional(),
  }),
  answer: z.object({ items: z.array(heardUnknown) }),
});
const adopt = operation({
  method: 'post',
  path: '/api/heard-unknown/{id}/adopt',
  summary:
    'Register somebody who was heard, as suggested but for what the body says otherwise; what it had said before is taken up again',
  role: 'operator',
  status: 201,
  params: z.strictObject({ id: z.string().max(100) }),
  body: partialDevice,
  answer: adoptionAnswer,
});
type Adoption = z.infer<typeof adoptionAnswer>;
type AdoptBody = InputOf<typeof adopt>['body'];

const whyTurnedAway: Record<TurnedAway['reason'], { zh: string; en: string }> = {
  'unknown-user': { zh: '连接被拒：没有这个用户名', en: 'Turned away at CONNECT: nobody has this user name' },
  'wrong-password': {
    zh: '连接被拒：设备已登记，但密码不对。请重新签发凭据。',
    en: 'Turned away at CONNECT: the device is registered and its password is another one. Issue a new credential.',
  },
  'no-credentials': { zh: '连接被拒：没有用户名和密码', en: 'Turned away at CONNECT: no user name and password' },
  'unknown-certificate': {
    zh: '连接被拒：证书上的名称没有登记',
    en: 'Turned away at CONNECT: nobody is registered under the name in its certificate',
  },
};
const takenIn = {
  zh: '在网关下首次听到，已自动接入，尚未有人确认',
  en: 'Heard beneath a gateway and taken in by itself; nobody has looked at it yet',
};
const refusedAddress = {
  zh: '消息被拒：这个地址没有登记的设备',
  en: 'Its messages are refused: no device is registered at this address',
};

const isId = (text: string): boolean => registryId.safeParse(text).success;

const ofConnection = (row: TurnedAway): HeardUnknown => {
  const name = row.certificateName ?? row.username ?? row.clientId;
  return {
    ...{ id: `connection.${row.id}`, source: 'connection', name, compound: null, through: row.address },
    ...{ firstAt: row.firstAt, lastAt: row.lastAt, messages: row.times, why: whyTurnedAway[row.reason], said: null },
    suggested: { name, ...(isId(name) ? { id: name } : {}) },
  };
};

const ofGateway = (found: RegisteredDevice, lastAt: string | null): HeardUnknown => {
  const { registeredAt, retiredAt: _retired, adopted: _adopted, ...suggested } = found;
  return {
    ...{ id: `gateway.${found.id}`, source: 'gateway', name: found.id, compound: found.compound },
    ...{ through: found.gateway ?? null, firstAt: registeredAt, lastAt, messages: null, why: takenIn, said: null },
    suggested,
  };
};

@Controller()
export class OnboardingHeardController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  async list(@Input() { query }: InputOf<typeof list>): Promise<{ items: HeardUnknown[] }> {
    const { source, compound, limit } = query;
    const wants = (asked: (typeof sources)[number]): boolean => source === undefined || source === asked;
    // Who was turned away named no compound.
    const connections =
      wants('connection') && compound === undefined ? await turnedAway(this.parts.sql, { limit }) : [];
    const addresses = wants('address') ? await unknownAddresses(this.parts.sql, { compound, limit }) : [];
    const items = [
      ...connections.map(ofConnection),
      ...(await Promise.all(addresses.map((row) => this.ofAddress(row)))),
      ...(wants('gateway') ? await this.ofGateways(compound, limit) : []),
    ];
    return {
      items: items.sort((left, right) => ((left.lastAt ?? '') > (right.lastAt ?? '') ? -1 : 1)).slice(0, limit),
    };
  }

  @Operation(adopt)
  async adopt(@Input() { params, body, account }: InputOf<typeof adopt>): Promise<Adoption> {
    const [source, ...rest] = params.id.split('.');
    const id = rest.join('.');
    switch (source) {
      case 'connection':
        return this.adoptConnection(id, body, account);
      case 'address':
        return this.adoptAddress(id, body, account);
      case 'gateway':
        return this.adoptBeneath(id, body, account);
      default:
        return this.unknown(params.id);
    }
  }

  private unknown(id: string): never {
    throw new ApiRefusal(404, 'heard-unknown.unknown', `nobody is heard as ${id}; GET /api/heard-unknown lists them`);
  }

  private async adoptConnection(id: string, body: AdoptBody, account: Account): Promise<Adoption> {
    const [row] = await turnedAway(this.parts.sql, { id, limit: 1 });
    if (row === undefined) return this.unknown(`connection.${id}`);
    const adopted = await this.register(ofConnection(row).suggested, body, account);
    await forgetTurnedAway(this.parts.sql, id);
    return { ...adopted, replayed: { recorded: 0, noOp: 0, refused: 0 } };
  }

  private async adoptAddress(id: string, body: AdoptBody, account: Account): Promise<Adoption> {
    const [row] = await unknownAddresses(this.parts.sql, { id, limit: 1 });
    if (row === undefined) return this.unknown(`address.${id}`);
    const adopted = await this.register((await this.ofAddress(row)).suggested, body, account);
    const replayed = { recorded: 0, noOp: 0, refused: 0 };
    const meta = commandMeta(this.parts, account);
    for (const letter of await lettersOfAddress(this.parts.sql, id)) {
      const { outcome } = await replayDeadLetter(this.parts, letter, meta);
      replayed[outcome === 'no-op' ? 'noOp' : outcome] += 1;
    }
    return { ...adopted, replayed };
  }

  /** It is registered, with all it ever said: somebody has looked at it now. */
  private async adoptBeneath(id: string, body: AdoptBody, account: Account): Promise<Adoption> {
    const found = this.parts.index.device(id);
    if (found === undefined || !found.adopted || found.retiredAt !== null) return this.unknown(`gateway.${id}`);
    const { id: named = id, compound = found.compound, kind = found.kind, ...change } = body;
    if (named !== id || compound !== found.compound || kind !== found.kind) {
      throw new ApiRefusal(
        422,
        'heard-unknown.fixed',
        `${id} is registered as ${found.kind} of ${found.compound} already: retire it and register another one to change id, compound or kind`,
      );
    }
    const changed = await changeDevice(this.parts, id, { ...change, adopted: false }, commandMeta(this.parts, account));
    return { ...changed, replayed: { recorded: 0, noOp: 0, refused: 0 } };
  }

  private async register(suggested: HeardUnknown['suggested'], body: AdoptBody, account: Account) {
    const wanted = device.omit({ adopted: true }).safeParse({ ...suggested, ...body });
    if (!wanted.success) throw new InvalidInput('body', wanted.error);
    const done = await registerDevice(this.parts, { ...wanted.data, adopted: false }, commandMeta(this.parts, account));
    return { ...done.device, ...(done.credential === undefined ? {} : { credential: done.credential }) };
  }

  private async ofAddress(row: UnknownAddress): Promise<HeardUnknown> {
    const { index, payloads } = this.parts;
    const { newest, name } = row;
    const payload = await payloads.get(newest.sha256);
    const sender = newest.device === null ? undefined : index.device(newest.device);
    const gateway = sender?.kind === 'gateway' ? { gateway: sender.id } : {};
    return {
      ...{ id: `address.${row.id}`, source: 'address', name, compound: newest.compound, through: newest.device },
      ...{ firstAt: row.firstAt, lastAt: newest.receivedAt, messages: row.letters, why: refusedAddress },
      said: { topic: newest.topic, payload: payload === undefined ? null : shownPayload(payload) },
      suggested: {
        ...{ name, ...gateway },
        ...(newest.compound === null ? {} : { compound: newest.compound }),
        ...(row.isCanonical && isId(name) ? { id: name } : {}),
      },
    };
  }

  private async ofGateways(compound: string | undefined, limit: number): Promise<HeardUnknown[]> {
    const { index, sql } = this.parts;
    const found = (compound === undefined ? index.devices() : index.devicesOf(compound))
      .filter((item) => item.adopted && item.retiredAt === null)
      .sort((left, right) => (left.registeredAt > right.registeredAt ? -1 : 1))
      .slice(0, limit);
    const health = await healthOf(
      sql,
      found.map(({ id }) => id),
    );
    return found.map((item) => ofGateway(item, health.get(item.id)?.lastHeardAt ?? null));
  }
}
