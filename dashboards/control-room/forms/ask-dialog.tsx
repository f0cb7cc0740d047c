import { Form, Modal } from 'antd';
import { type KeyboardEvent, useEffect } from 'react';
import { useWords } from '../locales/i18n.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import type { FieldSpec } from './field-spec.ts';
import { firstField } from './first-field.ts';
import { FormFields } from './form-fields.tsx';
import { useFieldProblems } from './form-problems.ts';

const formName = 'command';
/** Where nothing is asked but whether. */
const confirmName = 'confirm';

/** Puts the focus where a person begins, after the dialog has moved it to itself. */
function useFirstFocus(field: string, isThere: boolean): void {
  useEffect(() => {
    if (!isThere) return;
    const timer = setTimeout(() => {
      const control = document.getElementById(`${formName}_${field}`);
      const input = control?.matches('input, textarea, button') ? control : control?.querySelector('input');
      input?.focus();
    }, 60);
    return () => clearTimeout(timer);
  }, [field, isThere]);
}

/** Asks what a command needs to be told; Enter sends, from words Ctrl+Enter. */
export function AskDialog({
  command,
  title,
  about,
  okText,
  fieldsOf,
  initial = {},
  pending,
  error,
  problemTestId = 'problem',
  onSubmit,
  onClose,
}: {
  command: string;
  title: string;
  about?: string;
  okText: string;
  /** What is asked may depend on what was entered. */
  fieldsOf: (values: Record<string, unknown>) => FieldSpec[];
  initial?: Record<string, unknown>;
  pending: boolean;
  error: Error | null;
  problemTestId?: string;
  onSubmit: (values: unknown, fields: FieldSpec[]) => void;
  onClose: () => void;
}) {
  const { t } = useWords();
  const [form] = Form.useForm();
  const values: Record<string, unknown> = Form.useWatch([], form) ?? initial;
  const fields = fieldsOf(values);
  const problem = useFieldProblems(form, error);
  const first = firstField(fields, initial) ?? confirmName;
  // What there is to choose from may come a moment later.
  useFirstFocus(first, fields.find((field) => field.name === first)?.options?.length !== 0);
  const submitKeys = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.target instanceof HTMLElement)) return;
    // Enter in an open list chooses from it.
    if (event.target.getAttribute('role') === 'combobox') return;
    const inArea = event.target instanceof HTMLTextAreaElement;
    if (inArea ? event.ctrlKey || event.metaKey : event.target instanceof HTMLInputElement) {
      event.preventDefault();
      form.submit();
    }
  };
  return (
    <Modal
      open
      destroyOnHidden
      title={title}
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={okText}
      cancelText={t('action.back')}
      confirmLoading={pending}
      okButtonProps={{ id: `${formName}_${confirmName}`, ...{ 'data-testid': 'dialog-confirm' } }}
      cancelButtonProps={{ ...{ 'data-testid': 'dialog-cancel' } }}
      width={480}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: listens to keys of the fields within */}
      <div data-testid="action-dialog" data-command={command} onKeyDown={submitKeys}>
        {about !== undefined && <p className="quiet">{about}</p>}
        <Form
          form={form}
          name={formName}
          layout="vertical"
          requiredMark={false}
          initialValues={initial}
          onFinish={(given) => onSubmit(given, fields)}
        >
          <FormFields fields={fields} />
        </Form>
        {problem !== null && <ProblemNote error={problem} testId={problemTestId} />}
        <p className="quiet small">{t('dialog.keys')}</p>
      </div>
    </Modal>
  );
}
