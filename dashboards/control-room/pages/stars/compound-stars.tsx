import { useWords } from '../../locales/i18n.ts';
import { useCompound } from '../../shell/compound-context.tsx';
import { StarRow } from './star-row.tsx';

/** Several compounds: their stars side by side, to choose one. */
export function CompoundStars() {
  const { t } = useWords();
  const { compounds, select } = useCompound();
  if (compounds.length === 0) return <p className="no-data nothing-open">{t('shell.noCompounds')}</p>;
  return (
    <ul className="compound-stars">
      {compounds.map(({ id, name, stars, profile, households, openWorkOrders, devices, devicesDown }) => (
        <li key={id}>
          <button type="button" className="card" data-testid="compound-card" onClick={() => select(id)}>
            <span className="compound-card-name">{name}</span>
            {stars === null ? (
              <span className="no-data">{t('stars.notRated')}</span>
            ) : (
              <StarRow stars={stars} size={24} />
            )}
            <span className="quiet">
              {t(`profile.${profile}`)} · {t('stars.households', { n: households })}
            </span>
            <span className="quiet">
              {t('stars.compoundLoad', { orders: openWorkOrders, down: devicesDown, devices })}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
