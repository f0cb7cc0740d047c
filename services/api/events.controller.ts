import { isUtf8 } from 'node:buffer';
import { Controller, Inject, Req, Res } from '@nestjs/common';
import { z } from 'zod';
import type { RecordedEvent } from '../event-log/event.ts';
import { findRawMessage } from '../ingest/raw-messages.ts';
import { registryId } from '../registry/registry.ts';
import { isoTime } from '../runtime/clock.ts';
import { instant, page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { type StreamResponse, startEventStream } from './event-stream.ts';
import { paging, revisionText } from './input.ts';
import { streamLive } from './live.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';
import { eventItem, eventMessage, logHead, logVerdict } from './schemas.ts';
import { shownEvent } from './shown-event.ts';

const events = operation({
  method: 'get',
  path: '/api/events',
  summary: 'Events in log order, of one stream or of all; `from` is a position (all) or a revision (stream)',
  role: 'viewer',
  query: z.strictObject({
    stream: z.string().max(200).optional(),
    from: z.string().max(100).optional(),
    limit: paging.limit,
  }),
  answer: page(eventItem),
});
const message = operation({
  method: 'get',
  path: '/api/events/{id}/message',
  summary: 'The message from which an event came, word for word; it may name people, and is erased after 35 days',
  role: 'operator',
  params: z.strictObject({ id: z.uuid() }),
  /** The event's own. */
  query: z.strictObject({ receivedAt: instant }),
  answer: eventMessage,
});
const live = operation({
  method: 'get',
  path: '/api/live',
  summary: 'Server-sent events: what happens, as it happens; resumes from Last-Event-ID',
  role: 'viewer',
  query: z.strictObject({ compound: registryId.optional(), from: z.string().max(100).optional() }),
  answerType: 'text/event-stream',
});
const head = operation({
  method: 'get',
  path: '/api/log/head',
  summary: 'Position and hash of the newest event; keep it, and a later change of the past can be shown',
  role: 'viewer',
  answer: logHead,
});
const verify = operation({
  method: 'get',
  path: '/api/log/verify',
  summary: 'Recompute the hash chain over the whole log',
  role: 'admin',
  answer: logVerdict,
});
const rebuild = operation({
  method: 'post',
  path: '/api/projections/{name}/rebuild',
  summary: 'Empty a read model and fill it again from the log',
  role: 'admin',
  status: 202,
  params: z.strictObject({ name: z.string().max(100) }),
});

interface Request {
  headers: Record<string, string | undefined>;
}
@Controller()
export class EventsController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(events)
  async events(@Input() { query }: InputOf<typeof events>) {
    const { log } = this.parts;
    const { stream, from, limit } = query;
    if (stream === undefined) {
      const items = await this.readFrom(from ?? null, limit);
      return { items: items.map(shownEvent), next: items.length < limit ? null : items.at(-1)!.position };
    }
    const fromRevision = revisionText.safeParse(from ?? 0);
    if (!fromRevision.success) {
      throw new ApiRefusal(400, 'input.invalid', 'from: with a stream it is a revision, a whole number from 0 on');
    }
    const items = await log.readStream(stream, { fromRevision: fromRevision.data, maxCount: limit });
    return { items: items.map(shownEvent), next: items.length < limit ? null : String(items.at(-1)!.revision + 1) };
  }

  @Operation(message)
  async message(@Input() { params, query }: InputOf<typeof message>): Promise<z.infer<typeof eventMessage>> {
    const found = await findRawMessage(this.parts.sql, { id: params.id, receivedAt: query.receivedAt });
    if (found === undefined) {
      const text = `no message is kept for ${params.id} of ${query.receivedAt}: a canonical one says no more than its events, any other is erased after 35 days`;
      throw new ApiRefusal(404, 'message.not-kept', text);
    }
    const { sender, dialect, topic, payload, sizeBytes, receivedAtMs } = found;
    const bytes = Buffer.from(payload);
    const receivedAt = isoTime(receivedAtMs);
    const payloadText = isUtf8(bytes) ? bytes.toString('utf8') : null;
    return { sender, dialect, topic, receivedAt, sizeBytes, payloadText, payloadBase64: bytes.toString('base64') };
  }

  @Operation(live)
  async live(
    @Input() { query }: InputOf<typeof live>,
    @Req() request: Request,
    @Res() response: StreamResponse,
  ): Promise<void> {
    const { log, clock, closing } = this.parts;
    const asked = request.headers['last-event-id'] ?? query.from;
    if (asked !== undefined) await this.readFrom(asked, 1);
    const from = asked ?? (await log.head()).position;
    const signal = startEventStream(response, closing);
    await streamLive(log, clock, from, query.compound, response, signal).catch((error) =>
      this.parts.logger.warn({ err: error }, 'a live stream broke'),
    );
    response.end();
  }

  /** Positions are opaque, so only the log can tell that one is none of its own. */
  private async readFrom(from: string | null, limit: number): Promise<RecordedEvent[]> {
    try {
      return await this.parts.log.readAll(from, limit);
    } catch (error) {
      if (error instanceof RangeError) throw new ApiRefusal(400, 'input.invalid', `from: ${error.message}`);
      throw error;
    }
  }

  @Operation(head)
  head() {
    return this.parts.log.head();
  }

  @Operation(verify)
  verify() {
    return this.parts.verifyLog();
  }

  @Operation(rebuild)
  async rebuild(@Input() { params }: InputOf<typeof rebuild>): Promise<void> {
    if (!this.parts.runner.status().some((status) => status.projection === params.name)) {
      throw new ApiRefusal(404, 'projection.unknown', `there is no projection ${params.name}`);
    }
    await this.parts.runner.rebuild(params.name);
  }
}
