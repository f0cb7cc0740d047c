import { Modal } from 'antd';
import { useRegisterCommand } from '../../api/record-queries.ts';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { RecordForm } from '../../forms/record-form.tsx';

/** Asks what there is to say about the end of a record, and puts it there. */
export function CompleteDialog({
  title,
  about,
  path,
  fields,
  zone,
  onClose,
}: {
  title: string;
  about: string;
  path: string;
  fields: FieldSpec[];
  zone: string;
  onClose: () => void;
}) {
  const command = useRegisterCommand();
  return (
    <Modal open destroyOnHidden title={title} footer={null} onCancel={onClose} width={480}>
      <p className="quiet">{about}</p>
      <RecordForm
        name="complete"
        fields={fields}
        submitLabel={title}
        pending={command.isPending}
        error={command.error}
        onSubmit={(values) => command.mutate({ path, body: bodyOf(fields, values, zone) }, { onSuccess: onClose })}
      />
    </Modal>
  );
}
