import {
  applyDecorators,
  createParamDecorator,
  Delete,
  type ExecutionContext,
  Get,
  HttpCode,
  Patch,
  Post,
  Put,
  SetMetadata,
} from '@nestjs/common';
import type { z } from 'zod';
import { InvalidInput } from './problem.ts';
import type { accountRoles } from './schemas.ts';

export type AccountRole = (typeof accountRoles)[number];
/** `nobody` marks the few routes that need no login. */
export type RequiredRole = AccountRole | 'nobody';

export interface Account {
  user: string;
  role: AccountRole;
  /** Of the street's alliance: the only one that it speaks for, and sees the matters of. */
  department: string | null;
}

/** One route as data: its shapes check the input, and OpenAPI is generated from them. */
export interface OperationSpec {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With OpenAPI's braces: `/api/compounds/{id}`. */
  path: string;
  summary: string;
  /** The least role that may call it. */
  role: RequiredRole;
  status?: number;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** The body is this media type instead of JSON. */
  bodyType?: 'text/csv' | 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  answer?: z.ZodType;
  /** The answer is this media type instead of JSON. */
  answerType?: 'text/event-stream' | 'text/csv' | 'text/plain' | 'text/html' | 'application/jsonl' | 'image/*' | '*/*';
  /** On request it is this media type instead. */
  alsoAnswers?: 'text/csv';
}

type Shape<Spec, Key extends string> = Spec extends { [K in Key]: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined;

/** What a handler gets: everything checked against the spec, and who calls. */
export interface InputOf<Spec> {
  params: Shape<Spec, 'params'>;
  query: Shape<Spec, 'query'>;
  body: Shape<Spec, 'body'>;
  account: Account;
}

export const operation = <const Spec extends OperationSpec>(spec: Spec): Spec => spec;

export const operationKey = 'xingyuan:operation';
const methods = { get: Get, post: Post, put: Put, patch: Patch, delete: Delete };

/** Binds a controller's method to its spec. */
export const Operation = (spec: OperationSpec): MethodDecorator =>
  applyDecorators(
    methods[spec.method](spec.path.replace(/\{(\w+)\}/g, ':$1')),
    HttpCode(spec.status ?? 200),
    SetMetadata(operationKey, spec),
  );

export const specOf = (handler: object): OperationSpec | undefined => Reflect.getMetadata(operationKey, handler);

interface IncomingRequest {
  params: unknown;
  query: unknown;
  body: unknown;
  account?: Account;
}

const checked = (schema: z.ZodType | undefined, value: unknown, where: 'params' | 'query' | 'body'): unknown => {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (!result.success) throw new InvalidInput(where, result.error);
  return result.data;
};

/** The checked input of the handler's spec. Throws `InvalidInput`, which names every field. */
export const Input = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const spec = specOf(context.getHandler())!;
  const request = context.switchToHttp().getRequest<IncomingRequest>();
  return {
    params: checked(spec.params, request.params, 'params'),
    query: checked(spec.query, request.query, 'query'),
    body: checked(spec.body, request.body ?? {}, 'body'),
    account: request.account,
  };
});
