import type { DeviceItem } from '../../../../services/api/schemas.ts';
import type { FieldSpec } from '../../forms/field-spec.ts';

type Words = (key: string) => string;

const minutesOfHour = 60;

export const roundFields = (t: Words, people: string[], devices: readonly DeviceItem[]): FieldSpec[] => [
  { name: 'title', kind: 'text', required: true, label: t('round.field.title') },
  {
    ...{ name: 'kind', kind: 'radio', required: true, label: t('round.field.kind') },
    options: ['inspection', 'maintenance'].map((value) => ({ value, label: t(`round.kind.${value}`) })),
  },
  {
    ...{ name: 'devices', kind: 'choices', required: true, label: t('round.field.devices') },
    options: devices.map(({ id, name }) => ({ value: id, label: `${name} (${id})` })),
  },
  { name: 'count', kind: 'number', required: true, min: 1, max: 366, label: t('round.field.count') },
  {
    ...{ name: 'unit', kind: 'radio', required: true, label: t('round.field.unit') },
    options: ['day', 'week', 'month'].map((value) => ({ value, label: t(`round.unit.${value}`) })),
  },
  { name: 'firstDay', kind: 'day', required: true, label: t('round.field.firstDay') },
  { name: 'at', kind: 'time', required: true, label: t('round.field.at') },
  { name: 'withinHours', kind: 'number', required: true, min: 1, max: 744, label: t('round.field.withinHours') },
  { name: 'assignee', kind: 'text', lengthMax: 100, label: t('round.field.assignee'), suggestions: people },
];

export const roundInitial = { kind: 'inspection', count: 1, unit: 'month', at: '09:00', withinHours: 24 };

/** A plan as the hub takes it; each device chosen is a stop, in the order in which it was chosen. */
export function planOf(
  body: Record<string, unknown>,
  compound: string,
  devices: readonly Pick<DeviceItem, 'id' | 'name'>[],
): Record<string, unknown> {
  const { title, devices: chosen, count, unit, withinHours, ...rest } = body;
  const nameOf = (id: string) => devices.find((device) => device.id === id)?.name ?? id;
  // Who writes by hand writes in one language.
  const both = (text: string) => ({ zh: text, en: text });
  const stops = (Array.isArray(chosen) ? chosen : []).map(String);
  return {
    ...rest,
    compound,
    title: both(String(title)),
    stops: stops.map((id) => ({ id, device: id, title: both(nameOf(id)), checks: [] })),
    every: { count: Number(count), unit },
    withinMinutes: Number(withinHours) * minutesOfHour,
  };
}

/** An id that no other plan of the compound has. */
export function newRoundId(compound: string, known: readonly string[]): string {
  let number = known.length + 1;
  while (known.includes(`${compound}-round-${number}`)) number += 1;
  return `${compound}-round-${number}`;
}
