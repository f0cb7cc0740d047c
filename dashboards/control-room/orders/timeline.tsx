import type { WorkOrderDetail } from '../../../services/projections/work-order-board/board.ts';
import { useWords } from '../locales/i18n.ts';
import { When } from '../locales/when.tsx';
import { stepNotes } from './step-notes.ts';

/** What was done, by whom, newest first. */
export function Timeline({ order, zone }: { order: WorkOrderDetail; zone: string }) {
  const { t, word } = useWords();
  const steps = [...order.timeline].reverse();
  return (
    <section aria-labelledby="timeline-title" className="panel-section">
      <h3 id="timeline-title">{t('order.timeline')}</h3>
      <ol className="timeline">
        {steps.map((step) => (
          <li
            key={`${step.at} ${step.type} ${JSON.stringify(step.data)}`}
            data-testid="timeline-step"
            data-type={step.type}
          >
            <When at={step.at} zone={zone} />
            <span>
              <strong>{word('event', step.type)}</strong>
              {step.actor !== null && <span className="quiet"> {actorName(step.actor, t)}</span>}
              {stepNotes(step.type, step.data).map(({ family, text }) => (
                <span key={`${family}${text}`} className="timeline-note">
                  {family === null ? text : word(family, text)}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** `user:li` is a person, `policy:…` the hub's own rule. */
function actorName(actor: string, t: (key: string, values?: Record<string, string>) => string): string {
  const [kind, ...rest] = actor.split(':');
  const name = rest.join(':');
  if (kind === 'policy') return t('order.byRule', { name });
  return name === '' ? actor : name;
}
