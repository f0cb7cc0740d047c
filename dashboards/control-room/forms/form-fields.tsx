import { Form, Input, InputNumber, Radio, Select } from 'antd';
import { useWords } from '../locales/i18n.ts';
import { DocumentControl } from './document-control.tsx';
import type { FieldSpec } from './field-spec.ts';

function Control({ spec, ...given }: { spec: FieldSpec; id?: string }) {
  const { t } = useWords();
  const { kind, options, min, max, lengthMax, name, suggestions } = spec;
  const testId = { 'data-testid': `field-${name}` };
  const flags = ['yes', 'no'].map((value) => ({ value, label: t(`form.flag.${value}`) }));
  switch (kind) {
    case 'area':
      return <Input.TextArea rows={3} maxLength={lengthMax ?? 2000} {...testId} {...given} />;
    case 'lines':
      return <Input.TextArea rows={3} maxLength={5000} {...testId} {...given} />;
    case 'document':
      return <DocumentControl name={name} {...given} />;
    case 'instant':
      return <Input type="datetime-local" {...testId} {...given} />;
    case 'day':
      return <Input type="date" {...testId} {...given} />;
    case 'time':
      return <Input type="time" {...testId} {...given} />;
    case 'number':
      return (
        <InputNumber
          className="field-number"
          {...(min === undefined ? {} : { min })}
          {...(max === undefined ? {} : { max })}
          {...testId}
          {...given}
        />
      );
    case 'flag':
      return <Select allowClear options={flags} placeholder={t('form.flag.unknown')} {...testId} {...given} />;
    case 'radio':
      return <Radio.Group options={options ?? []} {...testId} {...given} />;
    case 'choice':
    case 'choices':
      return (
        <Select
          allowClear={spec.required !== true}
          showSearch={{ optionFilterProp: 'label' }}
          options={options ?? []}
          {...(kind === 'choices' ? { mode: 'multiple' as const } : {})}
          {...testId}
          {...given}
        />
      );
    case 'text':
      return suggestions === undefined ? (
        <Input maxLength={lengthMax ?? 200} {...testId} {...given} />
      ) : (
        <>
          <Input maxLength={lengthMax ?? 200} list={`${given.id}-known`} autoComplete="off" {...testId} {...given} />
          <datalist id={`${given.id}-known`}>
            {suggestions.map((value) => (
              <option key={value} value={value} />
            ))}
          </datalist>
        </>
      );
  }
}

const rulesOf = ({ kind, required }: FieldSpec, message: string) => {
  if (required !== true) return [];
  // The rule for blanks alone takes numbers for blank.
  return [kind === 'area' || kind === 'text' ? { required, whitespace: true, message } : { required, message }];
};

/** Fields as data, within a form of Ant Design. */
export function FormFields({ fields }: { fields: readonly FieldSpec[] }) {
  const { t } = useWords();
  return fields.map((spec) => (
    <Form.Item
      key={spec.name}
      name={spec.name.split('.')}
      label={spec.label}
      extra={spec.hint}
      className={['area', 'lines', 'document'].includes(spec.kind) ? 'is-wide' : ''}
      rules={rulesOf(spec, t('form.required'))}
    >
      <Control spec={spec} />
    </Form.Item>
  ));
}
