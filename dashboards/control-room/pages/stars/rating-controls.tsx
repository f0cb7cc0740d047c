import { Checkbox, Select } from 'antd';
import { useStandards } from '../../api/star-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import type { RatingChoice } from './rating-choice.ts';
import { useStandardName } from './use-standard-name.ts';

function DayInput({
  label,
  value,
  max,
  testId,
  onChange,
}: {
  label: string;
  value: string;
  max: string;
  testId: string;
  onChange: (day: string) => void;
}) {
  return (
    <label className="day-choice">
      {label}
      <input
        type="date"
        value={value}
        max={max}
        data-testid={testId}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

function StandardChoice({ value, onChange }: { value: string; onChange: (standard: string) => void }) {
  const { t } = useWords();
  const nameOf = useStandardName();
  const { data = [] } = useStandards();
  if (data.length < 2 && value === '') return null;
  return (
    <Select
      aria-label={t('stars.standard')}
      data-testid="rating-standard"
      className="standard-choice"
      popupMatchSelectWidth={false}
      value={value}
      onChange={onChange}
      options={[
        { value: '', label: t('stars.standardInForce') },
        ...data.map(({ name }) => ({ value: name, label: nameOf(name) })),
      ]}
    />
  );
}

/** Which rating: of which day, by what was known when, under which standard. */
export function RatingControls({
  choice,
  today,
  onChange,
}: {
  choice: RatingChoice;
  today: string;
  onChange: (change: Partial<RatingChoice>) => void;
}) {
  const { t, say } = useWords();
  const { data: standards = [] } = useStandards();
  const { day, known, standard } = choice;
  const draft = standards.find(({ name, draft: isDraft }) => name === standard && isDraft === true);
  return (
    <div className="rating-controls">
      <StandardChoice value={standard} onChange={(next) => onChange({ standard: next })} />
      <DayInput
        label={t('stars.day')}
        value={day === '' ? today : day}
        max={today}
        testId="rating-day"
        onChange={(next) => onChange({ day: next, known: '' })}
      />
      {day !== '' && (
        <>
          <Checkbox
            checked={known !== ''}
            data-testid="rating-known"
            onChange={(event) => onChange({ known: event.target.checked ? day : '' })}
          >
            {t('stars.asKnown')}
          </Checkbox>
          {known !== '' && (
            <DayInput
              label={t('stars.knownOn')}
              value={known}
              max={today}
              testId="rating-known-day"
              onChange={(next) => onChange({ known: next })}
            />
          )}
          <span className="no-data past-day">
            {t('stars.past', { day })}{' '}
            <button type="button" className="link" onClick={() => onChange({ day: '', known: '' })}>
              {t('stars.backToNow')}
            </button>
          </span>
        </>
      )}
      {draft !== undefined && (
        <p className="no-data draft-note" data-testid="draft-note">
          {draft.notice === undefined ? t('stars.draftNote') : say(draft.notice)}
        </p>
      )}
    </div>
  );
}
