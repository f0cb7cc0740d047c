import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { Programme } from '../../../../services/projections/programme/programme.ts';
import { useWords } from '../../locales/i18n.ts';
import { StarRow } from '../stars/star-row.tsx';

const rowHeight = 40;
const columns = ['name', 'district', 'profile', 'stars', 'target', 'state', 'reachedOn'] as const;

/** The one word that matters most about a compound of the programme. */
function State({ compound }: { compound: Programme['compounds'][number] }) {
  const { t } = useWords();
  const { connected, stars, holdsTarget, atRisk } = compound;
  return (
    <>
      {!connected ? (
        <span className="no-data">{t('programme.state.not-connected')}</span>
      ) : stars === null ? (
        <span className="no-data">{t('stars.notRated')}</span>
      ) : (
        <span className={holdsTarget ? 'quiet' : 'is-bad'}>
          {t(holdsTarget ? 'programme.state.holding' : 'programme.state.missing')}
        </span>
      )}{' '}
      {atRisk && <span className="tag tag-warn">{t('programme.state.at-risk')}</span>}
    </>
  );
}

const Spacer = ({ height }: { height: number }) =>
  height > 0 && (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row takes no focus
    <tr aria-hidden="true" className="spacer">
      <td colSpan={columns.length} style={{ blockSize: height }} />
    </tr>
  );

/** Thousands of compounds: only the lines in view are in the page. */
export function ProgrammeTable({
  compounds,
  onOpen,
}: {
  compounds: Programme['compounds'][number][];
  onOpen: (id: string) => void;
}) {
  const { t } = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: compounds.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => compounds[index]?.id ?? index,
    overscan: 10,
  });
  const shown = virtualizer.getVirtualItems();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section ref={frame} className="programme-table-frame" tabIndex={0} aria-label={t('programme.table')}>
      <table className="table programme-table" aria-rowcount={compounds.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((name) => (
              <th key={name} scope="col">
                {t(`programme.compound.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={shown[0]?.start ?? 0} />
          {shown.map(({ index, key }) => {
            const compound = compounds[index];
            if (compound === undefined) return null;
            const { id, name, district, profile, stars, targetStars, reachedOn } = compound;
            return (
              <tr key={key} aria-rowindex={index + 2} data-testid="programme-row" data-compound={id}>
                <td>
                  <button type="button" className="link" data-testid="open-compound" onClick={() => onOpen(id)}>
                    {name}
                  </button>
                </td>
                <td>{district}</td>
                <td>{t(`profile.${profile}`)}</td>
                <td>{stars === null ? <span className="quiet">–</span> : <StarRow stars={stars} size={16} />}</td>
                <td>{t('stars.nStars', { n: targetStars })}</td>
                <td>
                  <State compound={compound} />
                </td>
                <td>{reachedOn}</td>
              </tr>
            );
          })}
          <Spacer height={virtualizer.getTotalSize() - (shown.at(-1)?.end ?? 0)} />
        </tbody>
      </table>
    </section>
  );
}
