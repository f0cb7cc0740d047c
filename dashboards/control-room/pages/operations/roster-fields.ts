import type { CompoundItem } from '../../../../services/api/schemas.ts';
import type { Shift } from '../../../../services/work-orders/roster.ts';
import type { FieldSpec } from '../../forms/field-spec.ts';
import { trades } from '../../orders/trades.ts';

type Words = (key: string) => string;

const roles = ['steward', 'technician', 'control-room', 'supervisor'];
const dayKinds = ['every-day', 'working-days', 'free-days'];
const weekdays = ['1', '2', '3', '4', '5', '6', '7'];

const named = (t: Words, family: string, codes: readonly string[]) =>
  codes.map((value) => ({ value, label: t(`${family}.${value}`) }));

export const shiftFields = (t: Words, people: string[], buildings: CompoundItem['buildings']): FieldSpec[] => [
  {
    name: 'person',
    kind: 'text',
    required: true,
    lengthMax: 100,
    label: t('roster.field.person'),
    suggestions: people,
  },
  { name: 'role', kind: 'radio', required: true, label: t('roster.field.role'), options: named(t, 'dutyRole', roles) },
  { name: 'from', kind: 'time', required: true, label: t('roster.field.from') },
  { name: 'to', kind: 'time', required: true, label: t('roster.field.to'), hint: t('roster.toHint') },
  { name: 'on', kind: 'radio', required: true, label: t('roster.field.on'), options: named(t, 'shiftDays', dayKinds) },
  { name: 'weekdays', kind: 'choices', label: t('roster.field.weekdays'), options: named(t, 'weekday', weekdays) },
  {
    ...{ name: 'building', kind: 'choice', label: t('roster.field.building') },
    options: buildings.map(({ id, name }) => ({ value: id, label: name })),
  },
  { name: 'trade', kind: 'choice', label: t('roster.field.trade'), options: named(t, 'trade', trades) },
];

export const swapFields = (t: Words, people: string[]): FieldSpec[] => [
  { name: 'day', kind: 'day', required: true, label: t('roster.field.day') },
  {
    name: 'person',
    kind: 'text',
    required: true,
    lengthMax: 100,
    label: t('roster.field.person'),
    suggestions: people,
  },
  { name: 'reason', kind: 'text', lengthMax: 500, label: t('roster.field.reason') },
];

/** A shift as the hub takes it, under an id that no other has. */
export function shiftOf(body: Record<string, unknown>, shifts: readonly Shift[]): Shift {
  const days = Array.isArray(body.weekdays) ? { weekdays: body.weekdays.map(Number).sort() } : {};
  const used = new Set(shifts.map(({ id }) => id));
  let number = shifts.length + 1;
  while (used.has(`shift-${number}`)) number += 1;
  return { ...body, ...days, id: `shift-${number}` } as Shift;
}
