import type { MatterItem } from '../../../../services/projections/matters/shapes.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { CardMark } from './card-mark.tsx';
import { MatterClocks } from './matter-clocks.tsx';

/** One line for each matter: how high, what, of which compound, its clocks and cards. */
export function MatterList({
  matters,
  selected,
  onOpen,
}: {
  matters: MatterItem[];
  selected: string | undefined;
  onOpen: (id: string) => void;
}) {
  const { t, say } = useWords();
  const { zoneOf } = useCompound();
  return (
    <ul className="matter-list">
      {matters.map((matter) => {
        const zone = zoneOf(matter.compound);
        return (
          <li key={matter.id}>
            <button
              type="button"
              className="order-card"
              aria-pressed={matter.id === selected}
              data-testid="matter-row"
              data-matter={matter.id}
              data-level={matter.level}
              onClick={() => onOpen(matter.id)}
            >
              <span className="card-top">
                <strong>
                  {matter.level} {t(`matter.level.${matter.level}`)}
                </strong>
                <span className="quiet">
                  <When at={matter.referredAt} zone={zone} ago />
                </span>
              </span>
              <span className="row-title">{say(matter.title)}</span>
              <span className="row-place">
                {[matter.street, matter.compoundName].filter((part) => part !== null).join(' · ')}
              </span>
              <span className="card-who">
                <span>{t(`matter.state.${matter.state}`)}</span>
                <span className="order-states">
                  {matter.cards.map(({ colour, clock, dueAt }) => (
                    <CardMark key={`${colour}${clock}${dueAt}`} colour={colour} />
                  ))}
                </span>
              </span>
              <MatterClocks matter={matter} zone={zone} max={1} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
