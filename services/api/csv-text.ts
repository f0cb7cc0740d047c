/** A cell of a table; `null` is an empty one. */
export type Cell = string | number | boolean | null;

/** A text that a spreadsheet would take for a formula is marked as text (OWASP: CSV injection). */
const asText = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

const cellText = (cell: Cell): string => {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = asText(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A CSV file (RFC 4180). It begins with a byte order mark: Excel takes it for UTF-8 by that alone. */
export const csvText = (header: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  `\uFEFF${[header, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('')}`;
