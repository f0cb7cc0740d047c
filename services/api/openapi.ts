import {
  extendZodWithOpenApi,
  OpenAPIRegistry,
  OpenApiGeneratorV31,
  type RouteConfig,
} from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { controllers } from './controllers.ts';
import { type OperationSpec, specOf } from './operation.ts';
import { problem } from './schemas.ts';

extendZodWithOpenApi(z);

/** Every operation, in the order of the controllers. */
export const operations = (): OperationSpec[] =>
  controllers.flatMap((controller) =>
    Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
      const method = Object.getOwnPropertyDescriptor(controller.prototype, name)?.value as object | undefined;
      return (typeof method === 'function' && specOf(method)) || [];
    }),
  );

const routeOf = (spec: OperationSpec, refusal: z.ZodType): RouteConfig => {
  const answerType = spec.answerType ?? 'application/json';
  const done = spec.answer ?? (spec.answerType === undefined ? undefined : z.string());
  return {
    method: spec.method,
    path: spec.path,
    summary: spec.summary,
    ...(spec.role === 'nobody' ? { security: [] } : { description: `Least role: ${spec.role}.` }),
    request: {
      ...(spec.params === undefined ? {} : { params: spec.params }),
      ...(spec.query === undefined ? {} : { query: spec.query }),
      ...(spec.body === undefined
        ? {}
        : { body: { required: true, content: { [spec.bodyType ?? 'application/json']: { schema: spec.body } } } }),
    },
    responses: {
      [String(spec.status ?? 200)]: {
        description: 'Done',
        ...(done === undefined
          ? {}
          : {
              content: {
                [answerType]: { schema: done },
                ...(spec.alsoAnswers === undefined ? {} : { [spec.alsoAnswers]: { schema: z.string() } }),
              },
            }),
      },
      default: { description: 'Refused (RFC 9457)', content: { 'application/problem+json': { schema: refusal } } },
    },
  };
};

/** OpenAPI 3.1 of every operation, from the schemas that check the requests. */
export const openApiDocument = () => {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'basic', { type: 'http', scheme: 'basic' });
  // Made anew: a schema from before the extension can't be named.
  const refusal = registry.register('Problem', z.object(problem.shape));
  for (const spec of operations()) registry.registerPath(routeOf(spec, refusal));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Xingyuan hub 星园', version: '1' },
    security: [{ bearer: [] }, { basic: [] }],
  });
};
