import { useHandovers } from '../../api/operation-queries.ts';
import { useMe } from '../../api/queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { useRoute } from '../../route-context.tsx';

/** A handover that waits for whoever has come on shift. */
export function HandoverNote({ compound, zone }: { compound: string; zone: string }) {
  const { t } = useWords();
  const { go } = useRoute();
  const me = useMe().data;
  const newest = useHandovers(compound).data?.[0];
  if (newest === undefined || newest.taken !== null || newest.by === me?.user) return null;
  return (
    <p className="handover-note" data-testid="handover-note">
      <When at={newest.at} zone={zone} /> {t('handover.waits', { person: newest.by })}{' '}
      <button type="button" className="link" onClick={() => go('operations', 'handovers')}>
        {t('handover.read')}
      </button>
    </p>
  );
}
