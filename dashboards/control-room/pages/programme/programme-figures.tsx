import type { Programme } from '../../../../services/projections/programme/programme.ts';
import { useWords } from '../../locales/i18n.ts';
import { shareOf } from './programme-list.ts';

function Bar({ reached, forecast, target }: { reached: number; forecast: number | null; target: number | null }) {
  const { t } = useWords();
  return (
    <span
      className="programme-bar"
      role="img"
      aria-label={t('programme.bar', { reached, target: target ?? '–', forecast: forecast ?? '–' })}
    >
      {forecast !== null && (
        <span className="programme-forecast" style={{ inlineSize: `${shareOf(forecast, target) * 100}%` }} />
      )}
      <span className="programme-reached" style={{ inlineSize: `${shareOf(reached, target) * 100}%` }} />
    </span>
  );
}

function Profile({ row, profile }: { row: Programme['total']; profile: 'new' | 'retrofit' }) {
  const { t } = useWords();
  const { compounds, holding, connected } = row[profile];
  return (
    <div>
      <dt>{t(`profile.${profile}`)}</dt>
      <dd>{t('programme.profileFigures', { holding, compounds, connected })}</dd>
    </div>
  );
}

/** The year in figures: reached and to be expected against the target. */
export function ProgrammeFigures({ programme }: { programme: Programme }) {
  const { t, say, word } = useWords();
  const { total, target, targetBasis, forecast, method } = programme;
  const isShort = forecast !== null && forecast < target;
  return (
    <section className="card programme-figures" aria-labelledby="programme-figures-title">
      <h3 id="programme-figures-title">{t('programme.figures', { year: programme.year })}</h3>
      <p className="programme-main">
        <strong className="score-number" data-testid="programme-counted">
          {total.counted}
        </strong>
        <span className="quiet">
          {t('programme.ofTarget', { target })} <abbr title={word('basis', targetBasis)}>{targetBasis}</abbr>
        </span>
        {forecast !== null && (
          <span className={isShort ? 'is-bad' : 'quiet'} data-testid="programme-forecast">
            {t(isShort ? 'programme.forecastShort' : 'programme.forecast', { n: forecast })}
          </span>
        )}
      </p>
      <Bar reached={total.counted} forecast={forecast} target={target} />
      <dl className="programme-profiles">
        <Profile row={total} profile="new" />
        <Profile row={total} profile="retrofit" />
        <div>
          <dt>{t('programme.notConnected')}</dt>
          <dd>{total.notConnected}</dd>
        </div>
        <div>
          <dt>{t('programme.atRisk')}</dt>
          <dd className={total.atRisk > 0 ? 'is-bad' : undefined}>{total.atRisk}</dd>
        </div>
      </dl>
      <p className="quiet small">{say(method)}</p>
    </section>
  );
}

const columns = ['district', 'target', 'counted', 'forecast', 'new', 'retrofit', 'notConnected', 'atRisk'] as const;

/** The same by district; a click narrows the list beneath. */
export function DistrictTable({
  programme,
  chosen,
  onChoose,
}: {
  programme: Programme;
  chosen: string;
  onChoose: (district: string) => void;
}) {
  const { t } = useWords();
  return (
    <section className="card" aria-labelledby="districts-title">
      <h3 id="districts-title">{t('programme.districts')}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="district-frame" tabIndex={0} aria-label={t('programme.districtTable')}>
        <table className="table">
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col" className={name === 'district' ? undefined : 'number'}>
                  {t(`programme.column.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {programme.districts.map((row) => {
              const name = row.district ?? '';
              return (
                <tr
                  key={name}
                  data-testid="district-row"
                  className={chosen !== '' && chosen === name ? 'is-selected' : undefined}
                >
                  <th scope="row">
                    {name === '' ? (
                      <span className="no-data">{t('programme.noDistrict')}</span>
                    ) : (
                      <button
                        type="button"
                        className="link"
                        aria-pressed={chosen === name}
                        onClick={() => onChoose(chosen === name ? '' : name)}
                      >
                        {name}
                      </button>
                    )}
                  </th>
                  <td className="number">{row.target ?? '–'}</td>
                  <td className="number">{row.counted}</td>
                  <td className="number">{row.forecast ?? '–'}</td>
                  <td className="number">
                    {row.new.holding} / {row.new.compounds}
                  </td>
                  <td className="number">
                    {row.retrofit.holding} / {row.retrofit.compounds}
                  </td>
                  <td className="number">{row.notConnected}</td>
                  <td className={row.atRisk > 0 ? 'number is-bad' : 'number'}>{row.atRisk}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </section>
  );
}
