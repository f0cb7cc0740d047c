import type { EvidenceItem } from '../../../../services/projections/star-rating/evidence.ts';
import { roughDuration } from '../../locales/duration.ts';
import { useWords } from '../../locales/i18n.ts';
import { absoluteTime, localOf } from '../../locales/instant.ts';
import { stateTotals, stripPieces, stripSpan, toneOfState } from './interval-strip.ts';

/** One subject's time over the window; the same as words beneath, because a strip alone can't be read by everybody. */
export function TimeStrip({
  intervals,
  left,
  window: whole,
  zone,
}: {
  intervals: EvidenceItem['intervals'];
  left: number;
  window: { from: string; to: string };
  zone: string;
}) {
  const { t, word } = useWords();
  const span = stripSpan(intervals, whole);
  const totals = stateTotals(intervals);
  const minuteOf = (iso: string): string => localOf(iso, zone).replace('T', ' ');
  const totalText = totals
    .map(({ state, ms, count }) => {
      const duration = roughDuration(ms);
      return t('evidence.stateTotal', {
        state: word('interval', state),
        duration: t(duration.key, duration.values),
        count,
      });
    })
    .join(t('list.separator'));
  return (
    <div className="time-strip-frame">
      <div className="time-strip" role="img" aria-label={totalText} data-testid="time-strip">
        {stripPieces(intervals, span).map(({ key, startPercent, widthPercent, tone, state }) => (
          <span
            key={key}
            className={`time-piece time-${tone}`}
            data-state={state}
            style={{ insetInlineStart: `${startPercent}%`, inlineSize: `${widthPercent}%` }}
          />
        ))}
      </div>
      <p className="strip-scale quiet" aria-hidden="true">
        <span>{minuteOf(span.from)}</span>
        <span>{minuteOf(span.to)}</span>
      </p>
      <p className="small quiet strip-words">
        {totals.map(({ state, tone }) => (
          <span key={state} className="strip-key">
            <span className={`time-key time-${tone}`} aria-hidden="true" />
            {word('interval', state)}
          </span>
        ))}
        <span className="visually-hidden">{totalText}</span>
        {left > 0 && <span className="no-data">{t('evidence.intervalsLeft', { n: left })}</span>}
      </p>
      <details className="small">
        <summary>{t('evidence.intervalList', { n: intervals.length })}</summary>
        <ol className="interval-list">
          {intervals.map(({ from, to, state }) => {
            const duration = roughDuration(Date.parse(to) - Date.parse(from));
            return (
              <li key={`${from} ${state}`} className={toneOfState(state) === 'bad' ? 'is-bad' : undefined}>
                {absoluteTime(from, zone)} – {absoluteTime(to, zone)} · {word('interval', state)} ·{' '}
                {t(duration.key, duration.values)}
              </li>
            );
          })}
        </ol>
      </details>
    </div>
  );
}
