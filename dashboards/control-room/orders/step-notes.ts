export interface StepNote {
  /** Family in the catalogues where the text is a code. */
  family: 'outcome' | null;
  text: string;
}

/** The words in a step's data that a person wants to read; ids and figures of the machinery stay out. */
export function stepNotes(data: Record<string, unknown>): StepNote[] {
  const notes: StepNote[] = [];
  if (typeof data.outcome === 'string') notes.push({ family: 'outcome', text: data.outcome });
  for (const field of ['assignee', 'note', 'text', 'reason']) {
    const value = data[field];
    if (typeof value === 'string' && value.trim() !== '') notes.push({ family: null, text: value });
  }
  return notes;
}
