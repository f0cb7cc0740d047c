import { PaperClipOutlined } from '@ant-design/icons';
import { Button, Input } from 'antd';
import { useRef } from 'react';
import { useWords } from '../locales/i18n.ts';
import type { DocumentDraft } from './field-spec.ts';

/** A paper in words, or as a file instead. */
export function DocumentControl({
  name,
  id,
  value,
  onChange,
}: {
  name: string;
  id?: string;
  value?: DocumentDraft;
  onChange?: (draft: DocumentDraft | undefined) => void;
}) {
  const { t } = useWords();
  const input = useRef<HTMLInputElement>(null);
  const file = value?.file;
  return (
    <>
      {file === undefined ? (
        <Input.TextArea
          {...(id === undefined ? {} : { id })}
          rows={4}
          maxLength={10_000}
          data-testid={`field-${name}`}
          value={value?.text ?? ''}
          onChange={({ target }) => onChange?.(target.value.trim() === '' ? undefined : { text: target.value })}
        />
      ) : (
        <p>
          {file.name}{' '}
          <button type="button" className="link" onClick={() => onChange?.(undefined)}>
            {t('records.remove')}
          </button>
        </p>
      )}
      <input
        ref={input}
        type="file"
        // A form of Ant Design shows its inputs of files.
        style={{ display: 'none' }}
        aria-label={t('form.attach')}
        accept="application/pdf,image/jpeg,image/png,image/webp"
        data-testid={`file-${name}`}
        onChange={(event) => {
          const [chosen] = event.target.files ?? [];
          if (chosen !== undefined) onChange?.({ file: chosen });
        }}
      />
      <Button size="small" type="text" icon={<PaperClipOutlined aria-hidden />} onClick={() => input.current?.click()}>
        {t('form.attach')}
      </Button>
    </>
  );
}
