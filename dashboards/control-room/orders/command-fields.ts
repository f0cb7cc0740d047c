import type { CommandBody, CommandName, Outcome } from '../api/answers.ts';
import { bodyOf, type FieldSpec } from '../forms/field-spec.ts';

interface Option {
  value: string;
  label: string;
}

/** What the fields of a command depend on. */
export interface FieldContext {
  t: (key: string, values?: Record<string, string>) => string;
  /** The device still reports the fault. */
  faultStanding: boolean;
  /** Who is called where nobody is named. */
  steward: string | undefined;
  people: string[];
  trades: Option[];
  reasons: Option[];
  /** Orders that may stay in place of a duplicate. */
  others: Option[];
  /** As entered so far. */
  values: Record<string, unknown>;
}

const outcomes: Outcome[] = ['repaired', 'not-reproducible', 'false-alarm', 'accepted-as-is'];
const cancelKinds = ['other', 'duplicate', 'false-alarm'];
const costKinds = ['labour', 'material', 'contractor', 'other'];
const payers = ['property', 'maintenance-fund', 'resident', 'warranty'];

/** Chosen before anybody chooses. */
export const initialValues: Partial<Record<CommandName, Record<string, unknown>>> = {
  dispatch: { by: 'duty' },
  close: { outcome: 'repaired' },
  cancel: { kind: 'other' },
  'add-part': { quantity: 1 },
  'add-cost': { kind: 'material', paidBy: 'property' },
};

/** What a command asks for before it is carried out. */
export function commandFields(name: CommandName, context: FieldContext): FieldSpec[] {
  const { t, steward, people, trades, values } = context;
  const words = (required: boolean, field = 'note'): FieldSpec => ({
    ...{ name: field, kind: 'area', required, label: t(`dialog.field.${name}`) },
  });
  const person = (required: boolean, hint?: string): FieldSpec => ({
    ...{ name: 'assignee', kind: 'text', lengthMax: 100, label: t('dialog.field.assignee') },
    ...{ required, suggestions: people },
    ...(hint === undefined ? {} : { hint }),
  });
  const among = (field: string, codes: readonly string[], named: (code: string) => string): FieldSpec => ({
    ...{ name: field, kind: 'radio', required: true, label: t(`dialog.field.${field}`) },
    options: codes.map((value) => ({ value, label: named(value) })),
  });
  const trade: FieldSpec = { name: 'trade', kind: 'choice', label: t('dialog.field.trade'), options: trades };
  switch (name) {
    case 'dispatch': {
      const hint = steward === undefined ? t('dialog.dispatchSelf') : t('dialog.dispatchSteward', { steward });
      return [person(false, hint), among('by', ['duty', 'rotation'], (code) => t(`dispatchWay.${code}`))];
    }
    case 'offer':
      return [trade];
    case 'transfer':
      return [person(values.trade === undefined), trade, words(true, 'reason')];
    case 'return':
    case 'reopen':
      return [words(true, 'reason')];
    case 'pause':
      return [
        { name: 'reason', kind: 'radio', required: true, label: t('dialog.field.reason'), options: context.reasons },
        { name: 'until', kind: 'instant', label: t('dialog.field.until'), hint: t('dialog.untilHint') },
        words(false),
      ];
    case 'resolve':
      return [{ ...words(context.faultStanding), ...(context.faultStanding ? { hint: t('dialog.resolveHint') } : {}) }];
    case 'close':
      return [
        among('outcome', outcomes, (code) => t(`outcome.${code}`)),
        words((values.outcome ?? 'repaired') !== 'repaired'),
      ];
    case 'rate':
      return [
        {
          ...{ name: 'score', kind: 'radio', required: true, label: t('dialog.field.score') },
          options: ['1', '2', '3', '4', '5'].map((value) => ({ value, label: value })),
        },
        words(false, 'comment'),
      ];
    case 'note':
      return [words(true, 'text')];
    case 'add-part':
      return [
        { name: 'name', kind: 'text', required: true, label: t('dialog.field.part') },
        { name: 'quantity', kind: 'number', required: true, min: 0.001, label: t('dialog.field.quantity') },
        { name: 'unit', kind: 'text', lengthMax: 20, label: t('dialog.field.unit') },
      ];
    case 'add-cost':
      return [
        { name: 'amountYuan', kind: 'number', required: true, label: t('dialog.field.amount') },
        among('kind', costKinds, (code) => t(`costKind.${code}`)),
        among('paidBy', payers, (code) => t(`payer.${code}`)),
        words(false),
      ];
    case 'cancel': {
      const others: FieldSpec = {
        ...{ name: 'duplicateOf', kind: 'choice', required: true, label: t('dialog.field.duplicateOf') },
        options: context.others,
      };
      return [
        among('kind', cancelKinds, (code) => t(`cancelKind.${code}`)),
        ...(values.kind === 'duplicate' ? [others] : []),
        words(true, 'reason'),
      ];
    }
    case 'confirm':
      return [words(false)];
    default:
      return [];
  }
}

/** Empty fields are left out, so that the hub's own default holds. */
export function commandBody(
  name: CommandName,
  fields: readonly FieldSpec[],
  values: unknown,
  zone: string,
): CommandBody {
  const body = bodyOf(fields, values, zone);
  if (name === 'rate') body.score = Number(body.score);
  // Whoever is named is sent; the way to find somebody counts only where nobody is.
  if (name === 'dispatch' && body.assignee !== undefined) delete body.by;
  if (name === 'add-cost') {
    const { amountYuan, ...rest } = body;
    return { ...rest, amountFen: Math.round(Number(amountYuan) * 100) } as CommandBody;
  }
  return body as CommandBody;
}
