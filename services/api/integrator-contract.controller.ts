import { Controller, Headers, Res } from '@nestjs/common';
import { z } from 'zod';
import { schemaNames, servedSchema } from './contract-schemas.ts';
import { integratorPage } from './integrator-page.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';

const page = operation({
  method: 'get',
  path: '/integrators',
  summary: 'The reference for integrators, in Chinese and English',
  role: 'nobody',
  query: z.strictObject({ language: z.enum(['zh', 'en']).optional() }),
  answerType: 'text/html',
});
const list = operation({
  method: 'get',
  path: '/schemas',
  summary: 'The JSON Schemas of what devices publish',
  role: 'nobody',
  answer: z.object({ items: z.array(z.object({ name: z.string(), path: z.string() })) }),
});
const read = operation({
  method: 'get',
  path: '/schemas/{name}',
  summary: 'One JSON Schema (draft 2020-12): of an event type, or `telemetry`',
  role: 'nobody',
  params: z.strictObject({ name: z.string().max(100) }),
});

interface Response {
  type(mediaType: string): Response;
  send(body: string): void;
}

@Controller()
export class IntegratorContractController {
  @Operation(page)
  page(
    @Input() { query }: InputOf<typeof page>,
    @Headers('accept-language') accepted: string | undefined,
    @Res() response: Response,
  ): void {
    const preferred = accepted?.trim().toLowerCase().startsWith('en') ? 'en' : 'zh';
    response.type('text/html').send(integratorPage(query.language ?? preferred));
  }

  @Operation(list)
  list(): { items: { name: string; path: string }[] } {
    return { items: schemaNames.map((name) => ({ name, path: `/schemas/${name}` })) };
  }

  @Operation(read)
  read(@Input() { params }: InputOf<typeof read>): object {
    const schema = servedSchema(params.name);
    if (schema === undefined)
      throw new ApiRefusal(404, 'schema.unknown', `there is no schema ${params.name}; GET /schemas lists them`);
    return schema;
  }
}
