/** One line of CSV (RFC 4180), for the import that adds or replaces by id. */
export const csvRow = (cells: readonly string[]): string =>
  cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');

/** A cell that a spreadsheet would run as a formula is kept from it by an apostrophe. */
export const shownCell = (cell: string): string => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);
