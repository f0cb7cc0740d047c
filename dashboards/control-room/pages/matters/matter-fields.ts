import type { MatterDetail } from '../../../../services/projections/matters/shapes.ts';
import type { Me } from '../../api/answers.ts';
import type { MatterBody, MatterCommand } from '../../api/matter-queries.ts';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';

interface Option {
  value: string;
  label: string;
}

export interface MatterFieldContext {
  t: (key: string) => string;
  matter: Pick<MatterDetail, 'whistles'>;
  say: (text: { zh: string; en: string }) => string;
  /** Of the street's alliance. */
  departments: Option[];
  /** The one that whoever enters it speaks for alone; `null`: any. */
  own: string | null;
  values: Record<string, unknown>;
}

/** In the order of the ladder; the first that is allowed stands out. */
export const matterCommandOrder: MatterCommand[] = [
  'screen',
  'call-meeting',
  'hold-meeting',
  'decide',
  'approve',
  'report-in',
  'finish',
  'rate',
  'reply',
  'close',
  'propose-whistle',
  'reject',
  'whistle',
  'return-whistle',
  'extend',
  'blow-emergency',
  'note',
  'withdraw',
];

/** What leads on along the ladder; an emergency or an end is nobody's default. */
export const isNextStep = (name: MatterCommand): boolean =>
  matterCommandOrder.indexOf(name) <= matterCommandOrder.indexOf('close');

/** The community writes down what a department says by telephone, so it may do what a department may. */
const ofDepartments: MatterCommand[] = ['report-in', 'return-whistle', 'finish', 'reply', 'note'];
const ofProperty: MatterCommand[] = ['blow-emergency', 'note'];

/** Whose part a command is: an administrator may all. */
export function isPartOf(role: Me['role'], command: MatterCommand): boolean {
  if (role === 'admin' || role === 'community') return true;
  if (role === 'department') return ofDepartments.includes(command);
  return role === 'operator' && ofProperty.includes(command);
}

/** Whistles that a command can be about. */
const whistleStates: Partial<Record<MatterCommand, string>> = {
  'report-in': 'blown',
  'return-whistle': 'blown',
  extend: 'reported-in',
  finish: 'reported-in',
  rate: 'finished',
};

/** Whistles that a command can be about, to whoever speaks for one department (`own`) its alone. */
const concernedWhistles = (name: MatterCommand, { whistles }: MatterFieldContext['matter'], own: string | null) =>
  whistles.filter(({ state, department }) => state === whistleStates[name] && (own === null || own === department));

/** Whether there is anything for the command to be about. */
export const hasPart = (name: MatterCommand, matter: MatterFieldContext['matter'], own: string | null): boolean =>
  whistleStates[name] === undefined || concernedWhistles(name, matter, own).length > 0;

export function matterFields(name: MatterCommand, context: MatterFieldContext): FieldSpec[] {
  const { t, matter, say, departments, own, values } = context;
  const field = (spec: Omit<FieldSpec, 'label'>): FieldSpec => ({
    required: true,
    ...spec,
    label: t(`matter.field.${spec.name}`),
  });
  const words = (fieldName: string, required = true) => field({ name: fieldName, kind: 'area', required });
  const paper = (fieldName: string, required = true) => field({ name: fieldName, kind: 'document', required });
  const concerned = concernedWhistles(name, matter, own);
  const department = field({
    ...{ name: 'department', kind: 'radio' },
    options: concerned.map((whistle) => ({ value: whistle.department, label: say(whistle.departmentTitle) })),
  });
  const several = field({ name: 'departments', kind: 'choices', options: departments });
  switch (name) {
    case 'screen':
      return [
        field({
          ...{ name: 'accepted', kind: 'radio' },
          options: ['yes', 'no'].map((value) => ({ value, label: t(`matter.accepted.${value}`) })),
        }),
        words('reason', values.accepted === 'no'),
      ];
    case 'call-meeting':
      return [field({ name: 'plannedFor', kind: 'instant' }), field({ name: 'parties', kind: 'lines' })];
    case 'hold-meeting':
      return [paper('minutes'), field({ name: 'attended', kind: 'lines' })];
    case 'decide':
      return [
        paper('decision'),
        field({ name: 'carriedOutBy', kind: 'instant' }),
        field({ name: 'responsible', kind: 'text', lengthMax: 100 }),
      ];
    case 'propose-whistle':
      return [several, words('reason'), paper('document', false)];
    case 'blow-emergency':
      return [several, words('reason')];
    case 'approve':
      return [field({ name: 'principal', kind: 'text', lengthMax: 100 })];
    case 'reject':
      return [field({ name: 'principal', kind: 'text', lengthMax: 100 }), words('reason')];
    case 'whistle':
      return [field({ name: 'department', kind: 'choice', options: departments }), words('reason')];
    case 'report-in':
      return [department, field({ name: 'person', kind: 'text', lengthMax: 100 }), words('note', false)];
    case 'return-whistle':
      return [department, words('reason')];
    case 'extend':
      return [department, field({ name: 'workingDays', kind: 'number', min: 1, max: 250 }), words('reason')];
    case 'finish':
      return [department, paper('result')];
    case 'rate': {
      const options = ['1', '2', '3', '4', '5'].map((value) => ({ value, label: value }));
      return [department, field({ name: 'score', kind: 'radio', options }), words('comment', false)];
    }
    case 'close':
      return [paper('result')];
    case 'withdraw':
      return [words('reason')];
    case 'reply':
    case 'note':
      return [paper('document')];
  }
}

export function matterBody(
  name: MatterCommand,
  fields: readonly FieldSpec[],
  values: unknown,
  zone: string,
): MatterBody & Record<string, unknown> {
  const body = bodyOf(fields, values, zone);
  if (name === 'screen') body.accepted = body.accepted === 'yes';
  if (name === 'rate') body.score = Number(body.score);
  return body as MatterBody & Record<string, unknown>;
}
