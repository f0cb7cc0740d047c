import type { ReactNode } from 'react';
import type { Me } from '../../api/answers.ts';
import { useWords } from '../../locales/i18n.ts';
import { useRoute } from '../../route-context.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { RegisteredDevices } from './devices.tsx';
import { Disclosures } from './disclosures.tsx';
import { Gaps } from './gaps.tsx';
import { Meetings } from './meetings.tsx';
import { Positions } from './positions.tsx';
import { FiguresForm, MasterDataForm } from './register-form.tsx';
import { Reports } from './reports.tsx';
import type { SectionProps } from './section-props.ts';
import { Whistles } from './whistles.tsx';
import '../../styles/records.css';

const sections = ['meetings', 'whistles', 'disclosures', 'figures', 'positions', 'devices', 'reports', 'gaps'] as const;
type SectionName = (typeof sections)[number];

const bodies: Record<SectionName, (props: SectionProps) => ReactNode> = {
  meetings: (props) => <Meetings {...props} />,
  whistles: (props) => <Whistles {...props} />,
  disclosures: (props) => <Disclosures {...props} />,
  figures: (props) => (
    <>
      <FiguresForm {...props} />
      <MasterDataForm {...props} />
    </>
  ),
  positions: (props) => <Positions {...props} />,
  devices: (props) => <RegisteredDevices {...props} />,
  reports: (props) => <Reports {...props} />,
  gaps: (props) => <Gaps {...props} />,
};

const sectionOf = (id: string | undefined): SectionName => sections.find((name) => name === id) ?? 'meetings';

/** Everything that a star needs from people. */
export function RecordsPage({ role }: { role: Me['role'] }) {
  const { t } = useWords();
  const { id, adjust } = useRoute();
  const { selected } = useCompound();
  const open = sectionOf(id);
  if (selected === undefined) return <p className="no-data nothing-open">{t('records.chooseCompound')}</p>;
  return (
    <div className="records">
      <nav className="records-nav" aria-label={t('records.sections')}>
        {sections.map((name) => (
          <a
            key={name}
            href={`#/records/${name}`}
            data-testid={`records-${name}`}
            aria-current={name === open ? 'true' : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              adjust({ id: name });
            }}
          >
            {t(`records.section.${name}`)}
          </a>
        ))}
      </nav>
      <div className="records-body" key={open}>
        {bodies[open]({
          compound: selected,
          canAct: role === 'operator' || role === 'admin',
          isAdmin: role === 'admin',
        })}
      </div>
    </div>
  );
}
