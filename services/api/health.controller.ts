import { Controller, Inject, Res } from '@nestjs/common';
import { z } from 'zod';
import { type ApiDocuments, type ApiParts, apiDocuments, apiParts } from './api-parts.ts';
import { Operation, operation } from './operation.ts';

const liveness = operation({
  method: 'get',
  path: '/health/live',
  summary: 'The process answers',
  role: 'nobody',
  answer: z.object({ status: z.literal('live') }),
});
const readiness = operation({
  method: 'get',
  path: '/health/ready',
  summary:
    'Log and database answer and no projection fails; 503 with the reasons otherwise. Ready with reasons: an outside broker is away',
  role: 'nobody',
  answer: z.object({ status: z.enum(['ready', 'not-ready']), reasons: z.array(z.string()) }),
});
const metrics = operation({
  method: 'get',
  path: '/metrics',
  summary: 'Metrics for Prometheus',
  role: 'viewer',
  answerType: 'text/plain',
});
const openApi = operation({ method: 'get', path: '/api/openapi.json', summary: 'This description', role: 'viewer' });
const asyncApi = operation({
  method: 'get',
  path: '/asyncapi.json',
  summary: 'Description of the MQTT side',
  role: 'viewer',
});

interface Response {
  status(code: number): Response;
  type(mediaType: string): Response;
  send(body: string): void;
}

@Controller()
export class HealthController {
  constructor(
    @Inject(apiParts) private readonly parts: ApiParts,
    @Inject(apiDocuments) private readonly documents: ApiDocuments,
  ) {}

  @Operation(liveness)
  live() {
    return { status: 'live' };
  }

  @Operation(readiness)
  async ready(@Res({ passthrough: true }) response: Response) {
    const reasons = await this.notReadyReasons();
    if (reasons.length > 0) response.status(503);
    // An outside broker that is away is no reason to send people to another hub.
    return { status: reasons.length === 0 ? 'ready' : 'not-ready', reasons: [...reasons, ...this.parts.troubles()] };
  }

  @Operation(metrics)
  async metrics(@Res() response: Response): Promise<void> {
    const { registry, ready } = this.parts.metrics;
    ready.set((await this.notReadyReasons()).length === 0 ? 1 : 0);
    response.type(registry.contentType).send(await registry.metrics());
  }

  @Operation(openApi)
  openApi() {
    return this.documents.openApi;
  }

  @Operation(asyncApi)
  asyncApi() {
    return this.documents.asyncApi;
  }

  private async notReadyReasons(): Promise<string[]> {
    const failing = this.parts.runner.status().filter((status) => status.failing !== null);
    const reasons = failing.map((status) => `the projection ${status.projection} fails; the hub's log says why`);
    await this.parts.log.head().catch(() => reasons.push("the event log does not answer; the hub's log says why"));
    return [...reasons, ...this.parts.overdue()];
  }
}
