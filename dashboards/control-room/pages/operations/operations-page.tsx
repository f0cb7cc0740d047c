import type { ReactNode } from 'react';
import type { Me } from '../../api/answers.ts';
import { useWords } from '../../locales/i18n.ts';
import { useRoute } from '../../route-context.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { Contacts } from './contacts.tsx';
import { FaultPolicy } from './fault-policy.tsx';
import { Handovers } from './handovers.tsx';
import { Intake } from './intake.tsx';
import { LadderFiguresTable } from './ladder-figures.tsx';
import { Maintenance } from './maintenance.tsx';
import { Notices } from './notices.tsx';
import type { OperationProps } from './operation-props.ts';
import { OrderFigures } from './order-figures.tsx';
import { DutyRoster } from './roster.tsx';
import { Rounds } from './rounds.tsx';
import { Targets } from './targets.tsx';
import '../../styles/records.css';

const sections = [
  'handovers',
  'roster',
  'contacts',
  'rounds',
  'maintenance',
  'notices',
  'targets',
  'policy',
  'intake',
  'figures',
  'ladder',
] as const;
type SectionName = (typeof sections)[number];

const ofCompound: Partial<Record<SectionName, (props: OperationProps) => ReactNode>> = {
  handovers: (props) => <Handovers {...props} />,
  roster: (props) => <DutyRoster {...props} />,
  maintenance: (props) => <Maintenance {...props} />,
  rounds: (props) => <Rounds {...props} />,
  notices: (props) => <Notices {...props} />,
  policy: (props) => <FaultPolicy {...props} />,
  intake: (props) => <Intake {...props} />,
  figures: (props) => <OrderFigures {...props} />,
};

function Body({ open, role }: { open: SectionName; role: Me['role'] }) {
  const { t } = useWords();
  const { selected } = useCompound();
  const isAdmin = role === 'admin';
  const canAct = isAdmin || role === 'operator';
  if (open === 'ladder') return <LadderFiguresTable />;
  if (open === 'targets' || open === 'contacts') {
    if (!canAct) return <p className="quiet">{t('operations.operatorsOnly')}</p>;
    return open === 'contacts' ? <Contacts /> : <Targets isAdmin={isAdmin} />;
  }
  if (selected === undefined) return <p className="no-data nothing-open">{t('records.chooseCompound')}</p>;
  return ofCompound[open]?.({ compound: selected, canAct, isAdmin });
}

/** What keeps orders going: who is told, who has duty, when nobody is disturbed. */
export function OperationsPage({ role }: { role: Me['role'] }) {
  const { t } = useWords();
  const { id, adjust } = useRoute();
  const open = sections.find((name) => name === id) ?? 'handovers';
  return (
    <div className="records">
      <nav className="records-nav" aria-label={t('operations.sections')}>
        {sections.map((name) => (
          <a
            key={name}
            href={`#/operations/${name}`}
            data-testid={`operations-${name}`}
            aria-current={name === open ? 'true' : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              adjust({ id: name });
            }}
          >
            {t(`operations.section.${name}`)}
          </a>
        ))}
      </nav>
      <div key={open}>
        <Body open={open} role={role} />
      </div>
    </div>
  );
}
