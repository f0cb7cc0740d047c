import { Button } from 'antd';
import { useState } from 'react';
import type { EvidenceItem } from '../../../../services/projections/star-rating/evidence.ts';
import type { CriterionResult } from '../../../../services/projections/star-rating/rating.ts';
import type { EvidenceOf } from '../../api/star-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { useRoute } from '../../route-context.tsx';
import { EvidenceEvents } from './evidence-events.tsx';
import { countsText } from './star-groups.ts';
import { TimeStrip } from './time-strip.tsx';
import { useAmount } from './use-amount.ts';

/** Where a subject can be looked at; the others stand only here. */
const pageOf: Record<string, 'devices' | 'orders'> = { device: 'devices', 'work-order': 'orders' };

/** An order is named by its stream there. */
const idOfSubject = ({ kind, id }: EvidenceItem['subject']): string =>
  kind === 'work-order' ? id.replace(/^work-order-/, '') : id;

function SubjectName({ subject }: { subject: EvidenceItem['subject'] }) {
  const { word } = useWords();
  const { go } = useRoute();
  const page = pageOf[subject.kind];
  return (
    <span className="subject-name">
      {page === undefined ? (
        <strong>{subject.name}</strong>
      ) : (
        <button
          type="button"
          className="link"
          data-testid="subject-link"
          onClick={() => go(page, idOfSubject(subject))}
        >
          <strong>{subject.name}</strong>
        </button>
      )}
      <span className="tag">{word('subject', subject.kind)}</span>
    </span>
  );
}

/** One contribution: whose, how much, why, when, and on demand the events beneath it. */
export function EvidenceItemView({
  item,
  of,
  criterion,
  window: span,
  zone,
}: {
  item: EvidenceItem;
  of: EvidenceOf;
  criterion: CriterionResult;
  window: { from: string; to: string };
  zone: string;
}) {
  const { t, say } = useWords();
  const amount = useAmount();
  const [open, setOpen] = useState(false);
  const { subject, counted, value, text, intervals, intervalsLeft } = item;
  const counts = countsText(item);
  const panel = `events-of-${subject.kind}-${subject.id}`;
  return (
    <li className="evidence-item" data-testid="evidence-item" data-subject={subject.id} data-counted={counted}>
      <div className="evidence-head">
        <SubjectName subject={subject} />
        <span className="evidence-value">
          {!counted && <span className="no-data">{t('evidence.notCounted')}</span>}{' '}
          {value !== null && <strong>{amount(value, criterion.unit)}</strong>}
          {counts !== '' && <span className="quiet small">{counts}</span>}
        </span>
      </div>
      <p className="evidence-text">{say(text)}</p>
      {intervals.length > 0 && <TimeStrip intervals={intervals} left={intervalsLeft} window={span} zone={zone} />}
      <Button
        size="small"
        aria-expanded={open}
        aria-controls={open ? panel : undefined}
        data-testid="evidence-events-toggle"
        onClick={() => setOpen(!open)}
      >
        {t(open ? 'evidence.hideEvents' : 'evidence.showEvents')}
      </Button>
      {open && (
        <div id={panel} className="evidence-events-panel">
          <EvidenceEvents of={of} subject={`${subject.kind}:${subject.id}`} zone={zone} />
        </div>
      )}
    </li>
  );
}
