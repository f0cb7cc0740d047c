import { useWords } from '../../locales/i18n.ts';
import type { Figures } from '../../orders/order-list.ts';

/** The load a person carries, in one quiet line; only what is overdue has a colour. */
export function NowFigures({ figures, cut }: { figures: Figures; cut: boolean }) {
  const { t } = useWords();
  const parts: [keyof Figures, boolean][] = [
    ['open', false],
    ['unacknowledged', false],
    ['overdue', figures.overdue > 0],
    ['standingOverOneDay', false],
  ];
  return (
    <dl className="figures" data-testid="figures">
      {parts.map(([name, isBad]) => (
        <div key={name} className={isBad ? 'is-bad' : undefined}>
          <dt>{t(`now.figure.${name}`)}</dt>
          <dd data-testid={`figure-${name}`}>{figures[name]}</dd>
        </div>
      ))}
      {cut && <div className="no-data">{t('now.cut')}</div>}
    </dl>
  );
}
