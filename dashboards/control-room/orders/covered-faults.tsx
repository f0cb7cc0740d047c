import { useCoveredFaults } from '../api/operation-queries.ts';
import { useWords } from '../locales/i18n.ts';
import { When } from '../locales/when.tsx';
import { useRoute } from '../route-context.tsx';

const shownMax = 20;

/** Faults of other devices that this order stands for: beneath a silent gateway, or of one storm. */
export function CoveredFaults({ order, zone }: { order: string; zone: string }) {
  const { t, word } = useWords();
  const { go } = useRoute();
  const { data } = useCoveredFaults(order);
  const items = data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="covered-title" className="panel-section" data-testid="covered-faults">
      <h3 id="covered-title">{t(data?.next == null ? 'order.covers' : 'order.coversMore', { n: items.length })}</h3>
      <ul className="lines">
        {items.slice(0, shownMax).map(({ device, code, component, coveredAt, uncoveredAt }) => (
          <li key={`${device} ${code} ${component}`}>
            <button type="button" className="link" onClick={() => go('devices', device)}>
              {device}
            </button>
            <span>{word('fault', code)}</span>
            <span className="quiet">
              <When at={uncoveredAt ?? coveredAt} zone={zone} /> {uncoveredAt !== null && t('order.uncovered')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
