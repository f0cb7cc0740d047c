export interface MatterNote {
  text: string;
  /** Of a paper that is a file. */
  sha256?: string;
}

const papers = ['minutes', 'decision', 'document', 'result'];
const lists = ['parties', 'attended', 'departments'];
const words = ['department', 'principal', 'responsible', 'person', 'reason', 'note', 'comment', 'order'];

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** What a step of a matter says to a reader: names, words and papers; `titles` are the departments' names. */
export function matterNotes(data: Record<string, unknown>, titles: ReadonlyMap<string, string>): MatterNote[] {
  const named = (text: string): string => titles.get(text) ?? text;
  const notes: MatterNote[] = words.flatMap((field) => {
    const value = data[field];
    return isText(value) ? [{ text: field === 'department' ? named(value) : value }] : [];
  });
  for (const field of lists) {
    const value = data[field];
    if (Array.isArray(value)) notes.push({ text: value.map((one) => named(String(one))).join(' · ') });
  }
  for (const field of papers) {
    const paper = data[field];
    if (typeof paper !== 'object' || paper === null) continue;
    if ('text' in paper && isText(paper.text)) notes.push({ text: paper.text });
    if ('sha256' in paper && isText(paper.sha256) && 'name' in paper) {
      notes.push({ text: String(paper.name), sha256: paper.sha256 });
    }
  }
  if (typeof data.score === 'number') notes.push({ text: `${data.score} / 5` });
  return notes;
}
