import { useNow } from '../live/live-context.tsx';
import { roughDuration } from './duration.ts';
import { useWords } from './i18n.ts';
import { absoluteTime, shortTime } from './instant.ts';

/** A time in the compound's zone; the absolute one on hover. `ago` shows how long it is since. */
export function When({ at, zone, ago = false }: { at: string; zone: string; ago?: boolean }) {
  const { t } = useWords();
  const now = useNow(ago ? 1_000 : 60_000);
  const since = roughDuration(now - Date.parse(at));
  return (
    <time dateTime={at} title={absoluteTime(at, zone)} className="when">
      {ago ? t('duration.ago', { duration: t(since.key, since.values) }) : shortTime(at, zone, now)}
    </time>
  );
}
