export interface StepNote {
  /** Family in the catalogues where the text is a code. */
  family: 'outcome' | 'pause' | 'cancelKind' | 'clock' | 'trade' | 'dispatchWay' | null;
  text: string;
}

const codes = [
  ['outcome', 'outcome'],
  ['kind', 'cancelKind'],
  ['step', 'clock'],
  ['trade', 'trade'],
  ['by', 'dispatchWay'],
] as const;

/** Whole fen, as money is read. */
export const yuanText = (fen: number): string => `¥ ${(fen / 100).toFixed(2)}`;

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** The words in a step's data that a person wants to read; ids and figures of the machinery stay out. */
export function stepNotes(type: string, data: Record<string, unknown>): StepNote[] {
  const plain = (text: string): StepNote => ({ family: null, text });
  if (type === 'work-order.raised') return [];
  if (type === 'work-order.part-used') return [plain(partText(data))];
  if (type === 'work-order.cost-recorded') {
    const note = isText(data.note) ? [plain(data.note)] : [];
    return [plain(yuanText(Number(data.amountFen))), ...note];
  }
  const notes: StepNote[] = codes.flatMap(([field, family]) => {
    const text = data[field];
    return isText(text) ? [{ family, text }] : [];
  });
  if (type === 'work-order.paused' && isText(data.reason)) notes.push({ family: 'pause', text: data.reason });
  const words = type === 'work-order.paused' ? ['note'] : ['assignee', 'note', 'text', 'reason', 'comment', 'caption'];
  for (const field of [...words, 'duplicateOf']) {
    const value = data[field];
    if (isText(value)) notes.push(plain(value));
  }
  if (typeof data.score === 'number') notes.push(plain(`${data.score} / 5`));
  return notes;
}

export const partText = ({ name, quantity, unit }: Record<string, unknown>): string =>
  [name, '×', quantity, unit].filter((part) => part !== undefined).join(' ');
