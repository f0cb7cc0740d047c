import { Button, Form } from 'antd';
import { ProblemNote } from '../shell/problem-note.tsx';
import type { FieldSpec } from './field-spec.ts';
import { FormFields } from './form-fields.tsx';
import { useFieldProblems } from './form-problems.ts';

/** A form whose fields are data; what the API refuses stands beside the field it names. */
export function RecordForm({
  name,
  fields,
  initial = {},
  submitLabel,
  pending,
  error,
  onSubmit,
}: {
  /** Keeps the ids of two forms on one page apart. */
  name: string;
  fields: FieldSpec[];
  initial?: Record<string, unknown>;
  submitLabel: string;
  pending: boolean;
  error: Error | null;
  onSubmit: (values: unknown, done: () => void) => void;
}) {
  const [form] = Form.useForm();
  const problem = useFieldProblems(form, error);
  return (
    <Form
      form={form}
      name={name}
      layout="vertical"
      initialValues={initial}
      className="record-form"
      data-testid={`form-${name}`}
      scrollToFirstError={{ focus: true }}
      onFinish={(values: unknown) => onSubmit(values, () => form.resetFields())}
    >
      <FormFields fields={fields} />
      <div className="is-wide">
        {problem !== null && <ProblemNote error={problem} />}
        <Button type="primary" htmlType="submit" loading={pending} data-testid={`submit-${name}`}>
          {submitLabel}
        </Button>
      </div>
    </Form>
  );
}
