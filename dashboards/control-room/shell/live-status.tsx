import { Alert, Button } from 'antd';
import { systemClock } from '../../../services/runtime/clock.ts';
import { useLiveState, useNow } from '../live/live-context.tsx';
import { roughDuration } from '../locales/duration.ts';
import { useWords } from '../locales/i18n.ts';
import { shortTime } from '../locales/instant.ts';

/** A heartbeat comes every 10 s; past this the number itself is a warning. */
const staleAfterMs = 15_000;

function useFreshness() {
  useNow();
  const { status, heardAtMs, retry } = useLiveState();
  const ageMs = heardAtMs === null ? null : Math.max(0, systemClock.now() - heardAtMs);
  return { status, heardAtMs, retry, ageMs };
}

/** How fresh the page is, in seconds, always in sight. */
export function LiveStatus() {
  const { t } = useWords();
  const { status, ageMs } = useFreshness();
  const isStale = status === 'open' && ageMs !== null && ageMs > staleAfterMs;
  const age = ageMs === null ? null : roughDuration(ageMs);
  return (
    <span className={`live-status live-${isStale ? 'stale' : status}`} data-testid="live-status" data-status={status}>
      <span className="live-dot" aria-hidden="true" />
      <span>{t(`live.${status}`)}</span>
      {age !== null && (
        <span className="live-age" title={t('live.ageTitle')}>
          {t('live.age', { age: t(age.key, age.values) })}
        </span>
      )}
    </span>
  );
}

/** Loud: what the page shows may be wrong from here on. */
export function LiveBanner({ zone }: { zone: string }) {
  const { t } = useWords();
  const { status, heardAtMs, retry } = useFreshness();
  if (status !== 'broken') return null;
  const since =
    heardAtMs === null
      ? t('live.neverHeard')
      : t('live.brokenSince', { time: shortTime(new Date(heardAtMs).toISOString(), zone, systemClock.now()) });
  return (
    <Alert
      banner
      type="error"
      role="alert"
      className="live-banner"
      data-testid="live-banner"
      title={t('live.brokenTitle')}
      description={since}
      action={<Button onClick={retry}>{t('live.retry')}</Button>}
    />
  );
}
