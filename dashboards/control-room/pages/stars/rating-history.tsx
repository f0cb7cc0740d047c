import { LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import type { Rating } from '../../../../services/projections/star-rating/rating.ts';
import type { RatingChange } from '../../api/answers.ts';
import { useWords } from '../../locales/i18n.ts';
import { dayOf, shortTime } from '../../locales/instant.ts';
import { When } from '../../locales/when.tsx';
import { palettes } from '../../palette.ts';
import { useSettings } from '../../settings/settings-context.tsx';
import { historyOption, historyPoints } from './history-option.ts';
import { pointsText } from './star-groups.ts';

use([LineChart, GridComponent, TooltipComponent, SVGRenderer]);

interface HistoryProps {
  history: RatingChange[] | undefined;
  rating: Rating;
  zone: string;
  failed: boolean;
  /** Opens the rating of that day, with the evidence of the criterion that caused it. */
  onOpen: (day: string, criterion: string | undefined) => void;
}

function Chart({ history, rating, zone }: { history: RatingChange[]; rating: Rating; zone: string }) {
  const { t } = useWords();
  const { theme } = useSettings();
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (frame.current === null) return;
    const chart = init(frame.current, undefined, { renderer: 'svg' });
    const words = {
      time: (ms: number) => shortTime(new Date(ms).toISOString(), zone, Date.parse(rating.at)),
      stars: (n: number) => t('stars.nStars', { n }),
      points: (n: number) => t('stars.points', { points: pointsText(n) }),
    };
    chart.setOption(historyOption(historyPoints(history, rating), palettes[theme], words));
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(frame.current);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [history, rating, zone, theme, t]);
  return <div ref={frame} className="history-chart" aria-hidden="true" />;
}

/** The line, and the same as words: what changed, when, and why. */
export function RatingHistory({ history, rating, zone, failed, onOpen }: HistoryProps) {
  const { t, say } = useWords();
  const titles = new Map(rating.criteria.map(({ id, title }) => [id, say(title)]));
  const newest = [...(history ?? [])].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return (
    <section className="card history-card" aria-labelledby="history-title" data-testid="rating-history">
      <h3 id="history-title">{t('stars.history')}</h3>
      {failed && <p className="no-data">{t('stars.historyFailed')}</p>}
      {history !== undefined && history.length === 0 && <p className="no-data">{t('stars.noHistory')}</p>}
      {history !== undefined && history.length > 0 && <Chart history={history} rating={rating} zone={zone} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <ol className="history-list" tabIndex={0} aria-labelledby="history-title">
        {newest.map((change) => (
          <li key={change.at} data-testid="history-item">
            <button
              type="button"
              className="link"
              title={t('stars.openDay')}
              onClick={() => onOpen(dayOf(change.at, zone), undefined)}
            >
              <When at={change.at} zone={zone} />
            </button>
            <span>
              <strong>
                {change.from === null
                  ? t('stars.firstRating', { to: change.to })
                  : t('stars.change', { from: change.from, to: change.to })}
              </strong>{' '}
              <span className="quiet">{t('stars.points', { points: pointsText(change.total) })}</span>
              {change.causes.length > 0 && (
                <span className="causes">
                  {t('stars.causes')}
                  {change.causes.map((id) => (
                    <button
                      key={id}
                      type="button"
                      className="link"
                      data-testid="history-cause"
                      onClick={() => onOpen(dayOf(change.at, zone), id)}
                    >
                      {[id, titles.get(id)].filter((part) => part !== undefined).join(' ')}
                    </button>
                  ))}
                </span>
              )}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
