import type { DeviceItem } from '../../../../services/api/schemas.ts';
import type { FieldSpec } from '../../forms/field-spec.ts';

type Words = (key: string) => string;

const minutesOfHour = 60;

type Named = Pick<DeviceItem, 'id' | 'name'>;
/** What a round can go to. */
export interface RoundPlaces {
  devices: readonly Named[];
  positions: readonly Named[];
}

/** A position may have the id of a device. */
const positionMark = 'position:';

export const roundFields = (t: Words, people: string[], { devices, positions }: RoundPlaces): FieldSpec[] => [
  { name: 'title', kind: 'text', required: true, label: t('round.field.title') },
  {
    ...{ name: 'kind', kind: 'radio', required: true, label: t('round.field.kind') },
    options: ['inspection', 'maintenance'].map((value) => ({ value, label: t(`round.kind.${value}`) })),
  },
  {
    ...{ name: 'route', kind: 'choices', required: true, label: t('round.field.route') },
    options: [
      ...positions.map(({ id, name }) => ({
        value: `${positionMark}${id}`,
        label: `${name} · ${t('round.position')}`,
      })),
      ...devices.map(({ id, name }) => ({ value: id, label: `${name} (${id})` })),
    ],
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

/** A plan as the hub takes it; each place chosen is a stop, in the order in which it was chosen. */
export function planOf(
  body: Record<string, unknown>,
  compound: string,
  { devices, positions }: RoundPlaces,
): Record<string, unknown> {
  const { title, route, count, unit, withinHours, ...rest } = body;
  // Who writes by hand writes in one language.
  const both = (text: string) => ({ zh: text, en: text });
  const stopOf = (chosen: string) => {
    const isPosition = chosen.startsWith(positionMark);
    const id = isPosition ? chosen.slice(positionMark.length) : chosen;
    const place = isPosition ? { id: `at-${id}`, position: id } : { id, device: id };
    const name = (isPosition ? positions : devices).find((known) => known.id === id)?.name ?? id;
    return { ...place, title: both(name), checks: [] };
  };
  return {
    ...rest,
    compound,
    title: both(String(title)),
    stops: (Array.isArray(route) ? route : []).map((chosen) => stopOf(String(chosen))),
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
