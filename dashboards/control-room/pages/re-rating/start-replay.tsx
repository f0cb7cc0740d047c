import { Button, Form, Input, Select } from 'antd';
import type { RatingReplayWish } from '../../api/answers.ts';
import { useStartReplay } from '../../api/city-queries.ts';
import { useStandards } from '../../api/star-queries.ts';
import { useFieldProblems } from '../../forms/form-problems.ts';
import { useWords } from '../../locales/i18n.ts';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { useStandardName } from '../stars/use-standard-name.ts';

/** Asks for the past under another standard; the live ratings aren't touched by it. */
export function StartReplay({ yesterday, onStarted }: { yesterday: string; onStarted: (id: string) => void }) {
  const { t } = useWords();
  const nameOf = useStandardName();
  const [form] = Form.useForm<RatingReplayWish>();
  const standards = useStandards();
  const { compounds } = useCompound();
  const start = useStartReplay();
  const problem = useFieldProblems(form, start.error);
  const submit = ({ compounds: chosen = [], ...wish }: RatingReplayWish) =>
    start.mutate(
      { ...wish, ...(chosen.length === 0 ? {} : { compounds: chosen }) },
      { onSuccess: ({ id }) => onStarted(id) },
    );
  const required = [{ required: true, message: t('form.required') }];
  return (
    <section className="card" aria-labelledby="start-replay-title">
      <h2 id="start-replay-title" className="section-title">
        {t('replay.start')}
      </h2>
      <p className="quiet">{t('replay.hint')}</p>
      <Form
        form={form}
        name="replay"
        layout="vertical"
        className="record-form"
        data-testid="form-replay"
        onFinish={submit}
      >
        <Form.Item name="standard" label={t('stars.standard')} rules={required} className="is-wide">
          <Select
            data-testid="field-standard"
            options={(standards.data ?? []).map((standard) => ({ value: standard.name, label: nameOf(standard.name) }))}
          />
        </Form.Item>
        <Form.Item name="from" label={t('replay.from')} rules={required}>
          <Input type="date" max={yesterday} data-testid="field-from" />
        </Form.Item>
        <Form.Item name="to" label={t('replay.to')} rules={required}>
          <Input type="date" max={yesterday} data-testid="field-to" />
        </Form.Item>
        <Form.Item name="compounds" label={t('replay.compounds')} extra={t('replay.compoundsHint')} className="is-wide">
          <Select
            mode="multiple"
            maxTagCount={6}
            showSearch={{ optionFilterProp: 'label' }}
            placeholder={t('shell.allCompounds')}
            data-testid="field-compounds"
            options={compounds.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </Form.Item>
        <div className="is-wide">
          {problem !== null && <ProblemNote error={problem} />}
          <Button type="primary" htmlType="submit" loading={start.isPending} data-testid="submit-replay">
            {t('replay.submit')}
          </Button>
        </div>
      </Form>
    </section>
  );
}
