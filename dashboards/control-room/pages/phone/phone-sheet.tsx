import { Button, Drawer, Input } from 'antd';
import { useId, useState } from 'react';
import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import type { CommandBody, PauseReasonItem } from '../../api/answers.ts';
import { useWords } from '../../locales/i18n.ts';

export type SheetCommand = 'resolve' | 'pause' | 'return';

const phrases = {
  resolve: ['replaced', 'reset', 'cleaned', 'tightened'],
  return: ['notMine', 'notHere', 'needsSpecialist'],
  pause: [],
} as const;

/** The words that a step asks for, from below, where the thumb is. */
export function PhoneSheet({
  command,
  order,
  reasons,
  onSend,
  onClose,
}: {
  command: SheetCommand;
  order: WorkOrderItem;
  reasons: PauseReasonItem[];
  onSend: (body: CommandBody) => void;
  onClose: () => void;
}) {
  const { t, say } = useWords();
  const [words, setWords] = useState('');
  const [reason, setReason] = useState<PauseReasonItem['id'] | null>(null);
  const [asked, setAsked] = useState(false);
  const id = useId();
  const text = words.trim();
  const isRequired = command === 'return' || (command === 'resolve' && order.faultStanding);
  const isMissing = command === 'pause' ? reason === null : isRequired && text === '';
  const send = () => {
    setAsked(true);
    if (isMissing) return;
    if (command === 'return') return onSend({ reason: text });
    const note = text === '' ? {} : { note: text };
    onSend(command === 'pause' ? { reason: reason ?? 'unsafe', ...note } : note);
  };
  return (
    <Drawer
      open
      placement="bottom"
      size="auto"
      destroyOnHidden
      title={t(`phone.sheet.${command}`)}
      onClose={onClose}
      className="phone-sheet"
      data-testid="phone-sheet"
    >
      {command === 'resolve' && order.faultStanding && <p className="order-note">{t('phone.stillFaulty')}</p>}
      {command === 'pause' && (
        <div className="phone-choices" role="radiogroup" aria-label={t('dialog.field.reason')}>
          {reasons.map((one) => (
            // biome-ignore lint/a11y/useSemanticElements: a whole line to touch, not a dot
            <button
              key={one.id}
              type="button"
              role="radio"
              aria-checked={one.id === reason}
              className="phone-choice"
              data-testid={`reason-${one.id}`}
              onClick={() => setReason(one.id)}
            >
              {say(one.title)}
            </button>
          ))}
        </div>
      )}
      <div className="phone-phrases">
        {phrases[command].map((name) => (
          <Button key={name} size="large" onClick={() => setWords(t(`phone.phrase.${name}`))}>
            {t(`phone.phrase.${name}`)}
          </Button>
        ))}
      </div>
      <label htmlFor={id} className="field-label">
        {isRequired ? t('phone.wordsRequired') : t('phone.words')}
      </label>
      <Input.TextArea
        id={id}
        rows={3}
        maxLength={2000}
        status={asked && isMissing ? 'error' : ''}
        data-testid="phone-words"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {asked && isMissing && (
        <p className="is-bad" role="alert">
          {command === 'pause' ? t('phone.chooseReason') : t('phone.sayWhy')}
        </p>
      )}
      <button type="button" className="phone-step" data-testid="phone-send" onClick={send}>
        {t(`phone.step.${command}`)}
      </button>
    </Drawer>
  );
}
