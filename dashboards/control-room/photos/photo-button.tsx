import { CameraOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useRef } from 'react';
import { useWords } from '../locales/i18n.ts';

/** Opens the camera on a telephone, a choice of files elsewhere. */
export function PhotoButton({
  pending,
  size = 'middle',
  onChoose,
}: {
  pending: boolean;
  size?: 'small' | 'middle' | 'large';
  onChoose: (file: File) => void;
}) {
  const { t } = useWords();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept="image/*"
        capture="environment"
        style={{ display: 'none' }}
        aria-label={t('photo.add')}
        data-testid="photo-input"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file !== undefined) onChoose(file);
          // The same picture can be chosen again.
          event.target.value = '';
        }}
      />
      <Button
        size={size}
        loading={pending}
        icon={<CameraOutlined aria-hidden />}
        data-testid="add-photo"
        onClick={() => input.current?.click()}
      >
        {t('photo.add')}
      </Button>
    </>
  );
}
