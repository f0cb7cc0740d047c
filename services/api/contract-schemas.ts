import { z } from 'zod';
import { measuredValues } from '../../devices/device-events.ts';
import { contractOf, eventTypes } from '../../devices/vocabulary.ts';

/** A contract as JSON Schema, without its dialect: it stands within a larger document. */
export const jsonSchema = (schema: z.ZodType) => {
  const { $schema: _schema, ...rest } = z.toJSONSchema(schema, { unrepresentable: 'any' });
  return rest;
};

/** What a device publishes to say an event of that type. */
export const eventPayload = (type: string) => ({
  type: 'object',
  required: ['type'],
  properties: {
    type: { const: type },
    time: { type: 'string', format: 'date-time' },
    id: { type: 'string' },
    seq: { type: 'integer' },
    data: jsonSchema(contractOf(type)!),
  },
});

/** What a device publishes on its telemetry topic. */
export const telemetryPayload = () => ({
  type: 'object',
  required: ['values'],
  properties: { time: { type: 'string', format: 'date-time' }, values: jsonSchema(measuredValues) },
});

const bodies = new Map<string, () => object>(eventTypes.map((type) => [type, () => eventPayload(type)]));
bodies.set('telemetry', telemetryPayload);

/** Names of the schemas that are served: every event type, and `telemetry`. */
export const schemaNames: readonly string[] = [...bodies.keys()].sort();

/** A schema by itself, draft 2020-12; `undefined` for a name that is none. */
export const servedSchema = (name: string): object | undefined => {
  const body = bodies.get(name);
  if (body === undefined) return undefined;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `/schemas/${name}`,
    title: name,
    ...body(),
  };
};
