import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { dialects } from '../../devices/dialects/registry.ts';
import type { Explanation } from '../ingest/explain.ts';
import { registryId } from '../registry/registry.ts';
import type { RegisteredDevice } from '../registry/registry-index.ts';
import { isoTime } from '../runtime/clock.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { dialectItem, explanation } from './integrator-schemas.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';

const list = operation({
  method: 'get',
  path: '/api/dialects',
  summary: 'The dialects that devices may speak, and the topics of each',
  role: 'viewer',
  answer: z.object({ items: z.array(dialectItem) }),
});
const tried = operation({
  method: 'post',
  path: '/api/dialects/try',
  summary:
    'What the hub would make of a message, recording nothing: as said by a registered device, or by a gateway made up for it',
  role: 'operator',
  body: z
    .strictObject({
      dialect: z.string().max(64).optional(),
      topic: z.string().min(1).max(1000),
      payload: z.string().optional(),
      payloadBase64: z.base64().optional(),
      retain: z.boolean().default(false),
      device: registryId.optional(),
    })
    .refine(({ payload, payloadBase64 }) => (payload === undefined) !== (payloadBase64 === undefined), {
      error: 'either payload, as text, or payloadBase64',
      path: ['payload'],
    }),
  answer: explanation,
});

/** Who could have said it: a gateway of the compound that a canonical topic names, with every device beneath it. */
const madeUpSender = (topic: string, registeredAt: string): RegisteredDevice => {
  const [root, , compound] = topic.split('/');
  return {
    id: 'tried-gateway',
    compound: root === 'xy' && compound ? compound : 'tried-compound',
    ...{ kind: 'gateway', dialect: 'auto', name: 'tried-gateway' },
    ...{ covers: [], features: [], adopted: false, registeredAt, retiredAt: null },
  };
};

@Controller()
export class IntegratorTryController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  list(): { items: z.infer<typeof dialectItem>[] } {
    const items = dialects.map(({ name, title, kinds, topics }) => ({
      name,
      title,
      kinds: [...kinds],
      topics: [...topics],
    }));
    return { items };
  }

  @Operation(tried)
  tried(@Input() { body }: InputOf<typeof tried>): Explanation {
    const { index, explain, clock } = this.parts;
    const { dialect, topic, payload, payloadBase64, retain, device } = body;
    if (dialect !== undefined && dialect !== 'auto' && !this.parts.dialects.includes(dialect)) {
      throw new ApiRefusal(422, 'dialect.unknown', `there is no dialect ${dialect}; GET /api/dialects lists them`);
    }
    const receivedAtMs = clock.now();
    const sender = device === undefined ? madeUpSender(topic, isoTime(receivedAtMs)) : index.device(device);
    if (sender === undefined) throw new ApiRefusal(404, 'device.unknown', `no device ${device} is registered`);
    const bytes = payload === undefined ? Buffer.from(payloadBase64!, 'base64') : Buffer.from(payload);
    const speaking = dialect === undefined ? sender : { ...sender, dialect };
    return explain(speaking, { topic, payload: bytes, retain, receivedAtMs });
  }
}
