import { Form, Input, Modal, Select } from 'antd';
import type { CompoundItem } from '../../../../services/api/schemas.ts';
import type { MissingItem, OrderWish } from '../../api/answers.ts';
import { useRaiseOrder, useServiceLevels } from '../../api/order-queries.ts';
import { useFieldProblems } from '../../forms/form-problems.ts';
import { useWords } from '../../locales/i18n.ts';
import { PriorityMark } from '../../orders/priority-mark.tsx';
import { useRoute } from '../../route-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';

type Fields = Pick<OrderWish, 'serviceLevel' | 'text'>;

/** Longest title that the hub takes; the whole sentence goes along as the order's text. */
const titleMax = 200;
const cut = (text: string): string => (text.length <= titleMax ? text : `${text.slice(0, titleMax - 1)}…`);

/** Turns a line of the to-do list into a work order of the compound. */
export function RaiseOrder({
  item,
  compound,
  onClose,
}: {
  item: MissingItem;
  compound: CompoundItem;
  onClose: () => void;
}) {
  const { t, say } = useWords();
  const { go } = useRoute();
  const [form] = Form.useForm<Fields>();
  const levels = useServiceLevels();
  const raise = useRaiseOrder();
  const problem = useFieldProblems(form, raise.error);
  const submit = ({ serviceLevel, text }: Fields) => {
    const title = { zh: cut(`${item.id} ${item.text.zh}`), en: cut(`${item.id} ${item.text.en}`) };
    const words = text?.trim() ?? '';
    raise.mutate(
      { compound: compound.id, serviceLevel, title, ...(words === '' ? {} : { text: words }) },
      { onSuccess: ({ id }) => go('orders', id) },
    );
  };
  return (
    <Modal
      open
      destroyOnHidden
      title={t('stars.raiseOrder')}
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={t('stars.raiseOrder')}
      cancelText={t('action.back')}
      confirmLoading={raise.isPending}
      okButtonProps={{ ...{ 'data-testid': 'raise-confirm' } }}
      width={520}
    >
      <div data-testid="raise-dialog">
        <p className="quiet">
          {compound.name} · {item.id} {say(item.text)}
        </p>
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ serviceLevel: 'general-repair' }}
          onFinish={submit}
        >
          <Form.Item name="serviceLevel" label={t('stars.serviceLevel')}>
            <Select
              options={(levels.data ?? []).map(({ id, title, priority }) => ({
                value: id,
                label: (
                  <>
                    <PriorityMark priority={priority} /> {say(title)}
                  </>
                ),
              }))}
            />
          </Form.Item>
          <Form.Item name="text" label={t('stars.orderText')}>
            <Input.TextArea rows={3} maxLength={2000} data-testid="raise-text" />
          </Form.Item>
        </Form>
        {problem !== null && <ProblemNote error={problem} />}
      </div>
    </Modal>
  );
}
