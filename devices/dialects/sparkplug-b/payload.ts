// The package's own decoder counts a data set's rows by a number in the payload, which a few bytes can make four
// billion, and loses values whose type stands in the birth only; so its generated protocol is used directly.
import protocol from 'sparkplug-payload/lib/sparkplugPayloadProto.js';
import { rounded } from '../../codecs/state-facts.ts';
import { refused } from '../../dialect.ts';
import type { Parsed } from '../../payload.ts';

const { Payload } = protocol.org.eclipse.tahu.protobuf;
type ProtocolMetric = ReturnType<typeof Payload.decode>['metrics'][number];

/** Data types of Sparkplug B (6.4.16) that are told apart here. */
export const dataType = { int8: 1, int16: 2, int32: 3, int64: 4, double: 10, boolean: 11 } as const;

export interface Metric {
  name?: string;
  alias?: string;
  type?: number;
  /** As it stands on the wire; a signed number needs its type, which may stand in the birth only. */
  raw: number | boolean | string | { low: number; high: number } | undefined;
  atMs?: number;
  isHistorical: boolean;
  /** 192 good, 0 bad, 500 stale. */
  quality?: number;
  unit?: string;
}

export interface Payload {
  atMs?: number;
  seq?: number;
  metrics: Metric[];
}

type Wide = number | { low: number; high: number };

const wideOf = (value: Wide, signed = false): number =>
  typeof value === 'number' ? value : (signed ? value.high | 0 : value.high >>> 0) * 2 ** 32 + (value.low >>> 0);

/** A property of a metric; Ignition and its kin put the unit under `engUnit`, the specification the quality under `Quality`. */
const propertyOf = ({ properties }: ProtocolMetric, ...names: string[]): number | string | undefined => {
  const place = properties?.keys?.findIndex((key) => names.includes(key)) ?? -1;
  const value = place === -1 ? undefined : properties?.values?.[place];
  if (value == null) return undefined;
  if (Object.hasOwn(value, 'intValue')) return value.intValue ?? undefined;
  return Object.hasOwn(value, 'stringValue') ? (value.stringValue ?? undefined) : undefined;
};

/** What is no single value (a data set, a template, a file) says nothing here. */
const valueFields = ['intValue', 'longValue', 'floatValue', 'doubleValue', 'booleanValue', 'stringValue'] as const;

const rawOf = (metric: ProtocolMetric): Metric['raw'] => {
  const field = metric.isNull ? undefined : valueFields.find((name) => Object.hasOwn(metric, name));
  return field === undefined ? undefined : (metric[field] ?? undefined);
};

const metricOf = (metric: ProtocolMetric): Metric => {
  const quality = propertyOf(metric, 'Quality', 'quality');
  const unit = propertyOf(metric, 'engUnit', 'Engineering Units', 'unit');
  return {
    ...(metric.name ? { name: metric.name.slice(0, 200) } : {}),
    ...(Object.hasOwn(metric, 'alias') ? { alias: String(wideOf(metric.alias ?? 0)) } : {}),
    ...(metric.datatype ? { type: metric.datatype } : {}),
    ...(Object.hasOwn(metric, 'timestamp') ? { atMs: wideOf(metric.timestamp ?? 0) } : {}),
    ...(typeof quality === 'number' ? { quality } : {}),
    ...(typeof unit === 'string' ? { unit: unit.slice(0, 20) } : {}),
    raw: rawOf(metric),
    isHistorical: metric.isHistorical === true,
  };
};

export const readPayload = (bytes: Uint8Array): Parsed<Payload> => {
  try {
    const payload = Payload.decode(bytes);
    const value: Payload = { metrics: payload.metrics.map(metricOf) };
    if (Object.hasOwn(payload, 'timestamp')) value.atMs = wideOf(payload.timestamp ?? 0);
    if (Object.hasOwn(payload, 'seq')) value.seq = wideOf(payload.seq ?? 0);
    return { ok: true, value };
  } catch {
    const reason = 'The payload is no Sparkplug B protobuf; JSON goes on other topics.';
    return { ok: false, refusal: refused('binary-payload', reason) };
  }
};

/** What a metric says: small signed numbers travel as unsigned ones (6.4.16). */
export const metricValue = ({ raw }: Metric, type: number | undefined): number | boolean | string | undefined => {
  if (typeof raw === 'object') return wideOf(raw, type === dataType.int64);
  if (typeof raw !== 'number') return raw;
  if (type === dataType.int8) return (raw << 24) >> 24;
  if (type === dataType.int16) return (raw << 16) >> 16;
  if (type === dataType.int32) return raw | 0;
  // A float has seven digits; what it has beyond comes of being read as a double.
  return Number.isInteger(raw) || type === dataType.double ? raw : rounded(Number(raw.toPrecision(7)));
};

/** NCMD or DCMD that writes one boolean metric (6.4.19): by its number where its birth gave it one, else by its name. */
export const writeCommand = (
  metric: { name: string; alias?: string | null },
  value: boolean,
  atMs: number | undefined,
): Uint8Array =>
  Payload.encode({
    ...(atMs === undefined ? {} : { timestamp: atMs }),
    metrics: [
      {
        ...(metric.alias == null ? { name: metric.name } : { alias: Number(metric.alias) }),
        ...{ datatype: dataType.boolean, booleanValue: value },
      },
    ],
  }).finish();
