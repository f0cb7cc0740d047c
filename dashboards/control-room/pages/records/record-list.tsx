import { Button, Spin } from 'antd';
import type { ReactNode } from 'react';
import { type RecordItem, type RecordKind, useRecords } from '../../api/record-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { ProblemNote } from '../../shell/problem-note.tsx';

/** What is on record of one kind, newest first. */
export function RecordList({
  compound,
  kind,
  line,
}: {
  compound: string;
  kind: RecordKind;
  line: (item: RecordItem) => ReactNode;
}) {
  const { t } = useWords();
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useRecords(
    compound,
    kind,
  );
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (error !== null) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  const items = data.pages.flatMap((page) => page.items);
  return (
    <>
      {items.length === 0 && <p className="no-data">{t('records.none')}</p>}
      <ol className="record-list">
        {items.map((item) => (
          <li key={item.id ?? item.at} data-testid="record-item" data-completed={item.completed !== null}>
            {line(item)}
          </li>
        ))}
      </ol>
      {hasNextPage && (
        <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('records.more')}
        </Button>
      )}
    </>
  );
}

/** Data of the log is checked where it is written, but its shape is not known here. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
