import { Controller, Inject, Res } from '@nestjs/common';
import { z } from 'zod';
import type { RecordedEvent } from '../event-log/event.ts';
import type { HeardMessage } from '../ingest/listening.ts';
import type { RegisteredDevice } from '../registry/registry-index.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { keepBeating, type StreamResponse, startEventStream } from './event-stream.ts';
import { idParams } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';
import { shownEvent } from './shown-event.ts';

const messages = operation({
  method: 'get',
  path: '/api/devices/{id}/messages',
  summary:
    'Server-sent events: each message of a device or gateway as it comes, what its dialect makes of it or why it is refused; nothing is kept of it. Where several processes take messages in, those of this one, and the events that the log takes from any',
  role: 'operator',
  params: idParams,
  query: z.strictObject({
    outcome: z.enum(['recorded', 'no-op', 'refused', 'failed']).optional(),
    /** Part of a topic. */
    topic: z.string().max(200).optional(),
  }),
  answerType: 'text/event-stream',
});

/** Told first where several processes take messages in. */
const ofThisProcess = {
  zh: '仅显示到达本进程的消息；其他进程接收的消息，以日志所记录的事件（recorded）显示。',
  en: 'These are the messages that reach this process; what any process takes in shows as the events that the log recorded of it.',
};

/** What a gateway brings is a device's when an event of it is, or when it can't be told whose it is. */
const isAbout = ({ id, gateway }: RegisteredDevice, heard: HeardMessage): boolean =>
  gateway === undefined || heard.events.some((event) => event.device === id);

/** A reader that does not keep up may not fill the memory: it is told how many it missed. */
const boundedWriter = (response: StreamResponse) => {
  let isFull = false;
  let missed = 0;
  const put = (event: string, data: unknown): void => {
    isFull = !response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (isFull) response.once('drain', goOn);
  };
  const goOn = (): void => {
    isFull = false;
    if (missed > 0) put('missed', { messages: missed });
    missed = 0;
  };
  return (event: string, data: unknown): void => {
    if (isFull) missed += 1;
    else put(event, data);
  };
};

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
    const write = boundedWriter(response);
    const { recordedAnywhere } = this.parts;
    if (recordedAnywhere !== undefined) write('scope', { text: ofThisProcess });
    const stopListening = listen(device.gateway ?? device.id, (heard) => {
      if (query.outcome !== undefined && heard.outcome !== query.outcome) return;
      if (query.topic !== undefined && !heard.topic.includes(query.topic)) return;
      if (isAbout(device, heard)) write('message', heard);
    });
    // An event bears no topic, and what was not recorded is in no log.
    const isAsked = query.topic === undefined && (query.outcome ?? 'recorded') === 'recorded';
    const hear = (event: RecordedEvent): void => {
      const { device: of = '' } = event.meta;
      if (of === device.id || index.device(of)?.gateway === device.id) write('recorded', shownEvent(event));
    };
    if (isAsked) recordedAnywhere?.add(hear);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    stopListening();
    recordedAnywhere?.delete(hear);
    stopBeating();
    response.end();
  }
}
