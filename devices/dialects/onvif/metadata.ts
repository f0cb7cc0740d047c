import { z } from 'zod';
import { numberOf } from '../../codecs/field-values.ts';
import { defined, rounded } from '../../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, facts, noOp, refused } from '../../dialect.ts';
import { parseJson } from '../../payload.ts';
import { shortText, textOf, timeFromUtc } from './onvif-event.ts';

const sample = z.record(z.string(), z.unknown());
const sensorData = z.object({ SensorData: z.union([sample, z.array(sample).min(1).max(100)]) });

/** The Analytics specification says Celsius in its text and shows kelvins in its example (298.65). No sensor of a
 * compound reads 150 °C, and no place on earth is as cold as 150 K. */
const celsiusOf = (value: number): number => (value >= 150 ? rounded(Math.round((value - 273.15) * 100) / 100) : value);

const valuesOf = (type: string, value: number): Record<string, number> | undefined => {
  if (type === 'Temperature') return { temperatureC: celsiusOf(value) };
  return type === 'RelativeHumidity' ? { humidityPercent: value } : undefined;
};

const factOf = (item: Record<string, unknown>, typeOfTopic: string, topic: string): DeviceFact | undefined => {
  const value = numberOf(textOf(item.Value));
  const values = value === undefined ? undefined : valuesOf(textOf(item.Type) ?? typeOfTopic, value);
  if (values === undefined) return undefined;
  const utcTime = textOf(item['@UtcTime']);
  const channel = shortText(item['@SensorID'], 100);
  const time = utcTime === undefined ? undefined : timeFromUtc(utcTime);
  const sourceId = utcTime === undefined ? undefined : [topic, channel, utcTime].filter((part) => part).join('@');
  return { type: 'sensor.measured', data: defined({ values, channel }), ...defined({ time, sourceId }) };
};

/** `onvif-mj/*`, metadata streams. Boxes around objects, several times a second, are no events. */
export const decodeMetadata = (path: readonly string[], payload: Uint8Array): Decoded => {
  const [stream = '', type = ''] = path;
  if (stream === 'VideoAnalytics' || stream === 'AudioAnalytics') return noOp('analytics-frames');
  if (stream === 'PTZ') return noOp('ptz-position');
  if (stream !== 'SensorData')
    return refused('unknown-type', `ONVIF's metadata "${path.join('/')}" is not known here.`);
  const parsed = parseJson(payload, sensorData);
  if (!parsed.ok) return parsed.refusal;
  const samples = Array.isArray(parsed.value.SensorData) ? parsed.value.SensorData : [parsed.value.SensorData];
  if (samples.some((item) => numberOf(textOf(item.Value)) === undefined)) {
    return refused('contract-violated', 'SensorData.Value: a number is due here', 'SensorData.Value');
  }
  const said = samples.flatMap((item) => factOf(item, type, path.join('/')) ?? []);
  return said.length === 0 ? noOp('quantity-not-kept') : facts(...said);
};
