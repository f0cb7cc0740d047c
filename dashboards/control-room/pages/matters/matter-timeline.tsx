import type { MatterDetail } from '../../../../services/projections/matters/shapes.ts';
import { documentPath } from '../../api/matter-queries.ts';
import { useMe } from '../../api/queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { AskedButton } from '../../forms/asked-button.tsx';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { type MatterNote, matterNotes } from './matter-notes.ts';

function Paper({ name, sha256, matter }: { name: string; sha256: string; matter: string }) {
  const { t } = useWords();
  const isAdmin = useMe().data?.role === 'admin';
  return (
    <span className="record-actions">
      <a href={documentPath(matter, sha256)} target="_blank" rel="noreferrer">
        {name}
      </a>
      {isAdmin && (
        <AskedButton
          name="erase-document"
          label={t('matter.eraseDocument')}
          about={t('matter.eraseDocumentAbout', { name })}
          request={{ method: 'DELETE', path: documentPath(matter, sha256) }}
          list={queryKeys.matters}
        />
      )}
    </span>
  );
}

function Note({ note, matter, isErased }: { note: MatterNote; matter: string; isErased: boolean }) {
  const { t } = useWords();
  const { text, sha256 } = note;
  return (
    <span className="timeline-note record-words">
      {sha256 === undefined ? (
        text
      ) : isErased ? (
        t('matter.erasedDocument', { name: text })
      ) : (
        <Paper name={text} {...{ sha256, matter }} />
      )}
    </span>
  );
}

/** Everything that was done, with its papers and minutes; newest first. */
export function MatterTimeline({ matter, zone }: { matter: MatterDetail; zone: string }) {
  const { t, say, word } = useWords();
  const titles = new Map(matter.whistles.map(({ department, departmentTitle }) => [department, say(departmentTitle)]));
  const erased = new Set(
    matter.timeline.flatMap(({ type, data }) => (type === 'matter.document-erased' ? [data.sha256] : [])),
  );
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
                <Note key={note.text} note={note} matter={matter.id} isErased={erased.has(note.sha256)} />
              ))}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
