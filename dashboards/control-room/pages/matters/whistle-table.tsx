import type { MatterItem } from '../../../../services/projections/matters/shapes.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';

const columns = ['department', 'state', 'blownAt', 'reportIn', 'close', 'score'] as const;

/** Who was whistled for, who came, who is done. */
export function WhistleTable({ matter, zone }: { matter: MatterItem; zone: string }) {
  const { t, say } = useWords();
  if (matter.whistles.length === 0) return null;
  return (
    <section aria-labelledby="whistles-title" className="panel-section">
      <h3 id="whistles-title">{t('matter.whistles')}</h3>
      <table className="table">
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {t(`matter.column.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matter.whistles.map((whistle) => (
            <tr key={whistle.id} data-testid="whistle-row" data-department={whistle.department}>
              <td>
                {say(whistle.departmentTitle)}{' '}
                {whistle.emergency && <span className="tag tag-warn">{t('matter.emergency')}</span>}
              </td>
              <td>
                {t(`matter.whistleState.${whistle.state}`)}
                {whistle.redone > 0 && ` · ${t('matter.redone', { n: whistle.redone })}`}
              </td>
              <td>
                <When at={whistle.blownAt} zone={zone} />
              </td>
              <td>
                <When at={whistle.reportedInAt ?? whistle.returnedAt ?? whistle.reportInDueAt} zone={zone} />
                {whistle.reportedInAt === null && whistle.returnedAt === null && ` ${t('matter.due')}`}
              </td>
              <td>
                <When at={whistle.finishedAt ?? whistle.closeDueAt} zone={zone} />
                {whistle.finishedAt === null && ` ${t('matter.due')}`}
                {whistle.extendedDays > 0 && ` · ${t('matter.extended', { n: whistle.extendedDays })}`}
              </td>
              <td>{whistle.score ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
