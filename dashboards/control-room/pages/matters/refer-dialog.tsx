import { useReferMatter } from '../../api/matter-queries.ts';
import { useOrders } from '../../api/order-queries.ts';
import { AskDialog } from '../../forms/ask-dialog.tsx';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { useWords } from '../../locales/i18n.ts';
import { useCompound } from '../../shell/compound-context.tsx';

/** A matter that the property company can't settle alone. `order`: the work order that it grew out of. */
export function ReferDialog({
  order,
  compound,
  about,
  onReferred,
  onClose,
}: {
  order?: string;
  compound?: string;
  about?: string;
  onReferred: (id: string) => void;
  onClose: () => void;
}) {
  const { t, say } = useWords();
  const { compounds, selected } = useCompound();
  const refer = useReferMatter();
  const fixed = compound ?? selected?.id;
  const open = useOrders(fixed, 'open').data?.items ?? [];
  const fields: FieldSpec[] = [
    ...(fixed === undefined
      ? [
          {
            ...{ name: 'compound', kind: 'choice' as const, required: true, label: t('shell.compound') },
            options: compounds.map(({ id, name }) => ({ value: id, label: name })),
          },
        ]
      : []),
    { name: 'title', kind: 'text', required: true, label: t('matter.field.title') },
    { name: 'text', kind: 'area', label: t('matter.field.text') },
    {
      ...{ name: 'orders', kind: 'choices', label: t('matter.orders') },
      options: open.map(({ id, title, place }) => ({ value: id, label: [say(title), place, id].join(' · ') })),
    },
  ];
  return (
    <AskDialog
      command="refer"
      title={t('matter.refer')}
      {...(about === undefined ? {} : { about })}
      okText={t('matter.refer')}
      initial={order === undefined ? {} : { orders: [order], title: about }}
      fieldsOf={() => fields}
      pending={refer.isPending}
      error={refer.error}
      onSubmit={(values) => {
        const body = bodyOf(fields, values, '') as {
          compound?: string;
          title: string;
          text?: string;
          orders?: string[];
        };
        const { title, orders = [], ...rest } = body;
        refer.mutate(
          // Who writes by hand writes in one language.
          { compound: fixed ?? '', ...rest, title: { zh: title, en: title }, orders },
          {
            onSuccess: ({ id }) => {
              onClose();
              onReferred(id);
            },
          },
        );
      }}
      onClose={onClose}
    />
  );
}
