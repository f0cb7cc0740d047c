import type { DeviceItem } from '../../../services/api/schemas.ts';
import { useWords } from '../locales/i18n.ts';

type HealthState = DeviceItem['health']['state'];

/** Online is plain; offline a cross, silent an hourglass-like gap, never heard a broken ring: shape and word, then colour. */
const shapes: Record<HealthState, React.ReactNode> = {
  online: <circle cx="8" cy="8" r="4" fill="currentColor" />,
  offline: <path d="M3 3l10 10M13 3L3 13" stroke="currentColor" strokeWidth="2.5" fill="none" />,
  silent: <path d="M2 8h3M7 8h2M11 8h3" stroke="currentColor" strokeWidth="3" fill="none" />,
  'never-heard': (
    <circle cx="8" cy="8" r="5.5" stroke="currentColor" strokeWidth="2" strokeDasharray="3 3" fill="none" />
  ),
};

export function HealthMark({ state }: { state: HealthState }) {
  const { t } = useWords();
  return (
    <span className={`health health-${state}`} data-testid="device-state" data-state={state}>
      <svg width="12" height="12" viewBox="0 0 16 16" aria-hidden="true">
        {shapes[state]}
      </svg>
      {t(`health.${state}`)}
    </span>
  );
}
