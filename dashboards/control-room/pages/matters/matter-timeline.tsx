import type { MatterDetail } from '../../../../services/projections/matters/shapes.ts';
import { documentPath } from '../../api/matter-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { type MatterNote, matterNotes } from './matter-notes.ts';

function Note({ note, matter }: { note: MatterNote; matter: string }) {
  return (
    <span className="timeline-note record-words">
      {note.sha256 === undefined ? (
        note.text
      ) : (
        <a href={documentPath(matter, note.sha256)} target="_blank" rel="noreferrer">
          {note.text}
        </a>
      )}
    </span>
  );
}

/** Everything that was done, with its papers and minutes; newest first. */
export function MatterTimeline({ matter, zone }: { matter: MatterDetail; zone: string }) {
  const { t, say, word } = useWords();
  const titles = new Map(matter.whistles.map(({ department, departmentTitle }) => [department, say(departmentTitle)]));
  return (
    <section aria-labelledby="matter-timeline" className="panel-section">
      <h3 id="matter-timeline">{t('order.timeline')}</h3>
      <ol className="timeline">
        {[...matter.timeline].reverse().map((step) => (
          <li
            key={`${step.at} ${step.type} ${JSON.stringify(step.data)}`}
            data-testid="matter-step"
            data-type={step.type}
          >
            <When at={step.at} zone={zone} />
            <span>
              <strong>{word('event', step.type)}</strong>
              {step.actor !== null && <span className="quiet"> {step.actor.replace(/^(user|policy):/, '')}</span>}
              {matterNotes(step.data, titles).map((note) => (
                <Note key={note.text} note={note} matter={matter.id} />
              ))}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
