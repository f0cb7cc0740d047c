import { useDevices } from '../../api/queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { useCompound } from '../../shell/compound-context.tsx';
import { HeardUnknownList } from './heard-unknown.tsx';
import { LetterReasons } from './letter-reasons.tsx';
import { LiveMessages } from './live-messages.tsx';
import { TryMessage } from './try-message.tsx';
import '../../styles/records.css';

/** For whoever connects a device (接入): who speaks, what is refused and why, and what a message would become. */
export function IntegratorsPage({ canAct }: { canAct: boolean }) {
  const { t } = useWords();
  const { selected, compounds } = useCompound();
  const devices = useDevices(selected?.id, canAct).data?.items ?? [];
  const zone = (selected ?? compounds[0])?.timeZone ?? 'Asia/Shanghai';
  if (!canAct) return <p className="quiet nothing-open">{t('operations.operatorsOnly')}</p>;
  return (
    <div className="records">
      <p>
        <a href="/integrators" target="_blank" rel="noreferrer">
          {t('integrator.reference')}
        </a>
      </p>
      <div className="records-body">
        <div className="record-section">
          <HeardUnknownList compound={selected?.id} zone={zone} />
          <LetterReasons compound={selected?.id} zone={zone} />
        </div>
        <div className="record-section">
          <TryMessage devices={devices} />
          <LiveMessages devices={devices} zone={zone} />
        </div>
      </div>
    </div>
  );
}
