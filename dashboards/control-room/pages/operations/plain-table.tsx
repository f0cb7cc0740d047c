import type { ReactNode } from 'react';
import { useWords } from '../../locales/i18n.ts';

interface Line {
  key: string;
  cells: ReactNode[];
}

/** A table of few lines; the last column may hold what can be done. */
export function PlainTable({
  label,
  columns,
  lines,
  testId,
  none,
}: {
  label: string;
  columns: string[];
  lines: Line[];
  testId: string;
  none: string;
}) {
  const { t } = useWords();
  if (lines.length === 0) return <p className="quiet">{none}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="record-table" tabIndex={0} aria-label={t('operations.table', { name: label })}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(({ key, cells }) => (
            <tr key={key} data-testid={testId} data-key={key}>
              {cells.map((cell, index) => (
                <td key={columns[index]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
