import type { MatterItem } from '../../../../services/projections/matters/shapes.ts';
import { useNow } from '../../live/live-context.tsx';
import { clockDuration } from '../../locales/duration.ts';
import { useWords } from '../../locales/i18n.ts';
import { absoluteTime } from '../../locales/instant.ts';
import { CardMark } from './card-mark.tsx';

/** Clocks that run, the nearest first: what has to be done, by whom, and how long there is. */
export function MatterClocks({ matter, zone, max }: { matter: MatterItem; zone: string; max?: number }) {
  const { t, say, word } = useWords();
  const now = useNow();
  const clocks = [...matter.clocks].sort((a, b) => a.dueAt.localeCompare(b.dueAt)).slice(0, max);
  return (
    <span className="matter-clocks">
      {clocks.map(({ clock, dueAt, card }) => {
        const [first = '', step = first] = clock.split(':');
        const whistle = matter.whistles.find(({ id }) => id === first);
        const leftMs = Date.parse(dueAt) - now;
        const left = clockDuration(leftMs);
        const time = typeof left === 'string' ? left : t(left.key, left.values);
        return (
          <span
            key={clock}
            className={leftMs < 0 ? 'clock-overdue' : ''}
            title={absoluteTime(dueAt, zone)}
            data-testid="matter-clock"
            data-clock={step}
          >
            {whistle !== undefined && `${say(whistle.departmentTitle)} `}
            {word('matterClock', step)}{' '}
            <span className="clock-left">{t(leftMs < 0 ? 'clock.overdue' : 'clock.left', { time })}</span>
            {card !== null && <CardMark colour={card} />}
          </span>
        );
      })}
    </span>
  );
}
