import { Controller, Inject, Res } from '@nestjs/common';
import { z } from 'zod';
import type { HeardMessage } from '../ingest/listening.ts';
import type { RegisteredDevice } from '../registry/registry-index.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { keepBeating, type StreamResponse, startEventStream } from './event-stream.ts';
import { idParams } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';

const messages = operation({
  method: 'get',
  path: '/api/devices/{id}/messages',
  summary:
    'Server-sent events: each message of a device or gateway as it comes, what its dialect makes of it or why it is refused; nothing is kept of it. Of a process that takes messages in',
  role: 'operator',
  params: idParams,
  query: z.strictObject({
    outcome: z.enum(['recorded', 'no-op', 'refused', 'failed']).optional(),
    /** Part of a topic. */
    topic: z.string().max(200).optional(),
  }),
  answerType: 'text/event-stream',
});

/** What a gateway brings is a device's when an event of it is, or when it can't be told whose it is. */
const isAbout = ({ id, gateway }: RegisteredDevice, heard: HeardMessage): boolean =>
  gateway === undefined || heard.events.some((event) => event.device === id);

@Controller()
export class IntegratorMessagesController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(messages)
  async messages(@Input() { params, query }: InputOf<typeof messages>, @Res() response: StreamResponse): Promise<void> {
    const { index, listen, clock, closing } = this.parts;
    const device = index.device(params.id);
    if (device === undefined) throw new ApiRefusal(404, 'device.unknown', `no device ${params.id} is registered`);
    const signal = startEventStream(response, closing);
    const stopBeating = keepBeating(response, clock);
    let isFull = false;
    let missed = 0;
    const write = (event: string, data: unknown): void => {
      isFull = !response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      if (isFull) response.once('drain', goOn);
    };
    const goOn = (): void => {
      isFull = false;
      if (missed > 0) write('missed', { messages: missed });
      missed = 0;
    };
    const stopListening = listen(device.gateway ?? device.id, (heard) => {
      if (query.outcome !== undefined && heard.outcome !== query.outcome) return;
      if (query.topic !== undefined && !heard.topic.includes(query.topic)) return;
      if (!isAbout(device, heard)) return;
      // A reader that does not keep up may not fill the memory: it is told how many it missed.
      if (isFull) missed += 1;
      else write('message', heard);
    });
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    stopListening();
    stopBeating();
    response.end();
  }
}
