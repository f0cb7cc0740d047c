import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { type ApiDocuments, type ApiParts, apiDocuments, apiParts } from './api-parts.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { controllers } from './controllers.ts';
import { HealthController } from './health.controller.ts';
import { openApiDocument } from './openapi.ts';
import { ProblemFilter } from './problem.ts';
import { SessionGuard } from './session.guard.ts';

@Module({})
export class ApiModule {
  /** `healthOnly` for a process without the role `api`: it still answers for its health and metrics. */
  static with(parts: ApiParts, { healthOnly }: { healthOnly: boolean }): DynamicModule {
    const documents: ApiDocuments = { openApi: openApiDocument(), asyncApi: asyncApiDocument() };
    return {
      module: ApiModule,
      controllers: healthOnly ? [HealthController] : controllers,
      providers: [
        { provide: apiParts, useValue: parts },
        { provide: apiDocuments, useValue: documents },
        { provide: APP_GUARD, useValue: new SessionGuard(parts.accounts) },
        { provide: APP_FILTER, useValue: new ProblemFilter(parts.logger) },
      ],
    };
  }
}
