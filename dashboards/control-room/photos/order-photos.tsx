import { useMutation } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useState } from 'react';
import type { WorkOrderDetail } from '../../../services/projections/work-order-board/board.ts';
import { type PhotoWish, photoPath, useAddPhoto } from '../api/order-queries.ts';
import { useMe } from '../api/queries.ts';
import { queryKeys } from '../api/query-keys.ts';
import { AskedButton } from '../forms/asked-button.tsx';
import { useWords } from '../locales/i18n.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { PhotoButton } from './photo-button.tsx';
import { shrinkPhoto } from './shrink-photo.ts';

const views = ['before', 'after', 'other'] as const;

/** What each picture shows, by its hash, as the timeline has it. */
const shownBy = (order: WorkOrderDetail): Map<unknown, PhotoWish['shows']> =>
  new Map(
    order.timeline.flatMap(({ type, data }) =>
      type === 'work-order.photo-added' ? [[data.sha256, data.shows as PhotoWish['shows']]] : [],
    ),
  );

/** Pictures of an order, and a way to add one where it is allowed. */
export function OrderPhotos({ order, canAct }: { order: WorkOrderDetail; canAct: boolean }) {
  const { t } = useWords();
  const [shows, setShows] = useState<PhotoWish['shows']>('before');
  const add = useAddPhoto(order.id);
  const { mutate, isPending, error } = useMutation({
    mutationFn: async (file: File) => add.mutateAsync({ data: await shrinkPhoto(file), shows }),
  });
  const isAdmin = useMe().data?.role === 'admin';
  const canAdd = canAct && order.allowed.includes('add-photo');
  if (!canAdd && order.photos.length === 0) return null;
  const shown = shownBy(order);
  return (
    <section aria-labelledby="photos-title" className="panel-section" data-testid="order-photos">
      <h3 id="photos-title">{t('photo.title')}</h3>
      <ul className="photo-list">
        {order.photos.map((sha256, index) => {
          const words = t('photo.of', { n: index + 1, shows: t(`photo.shows.${shown.get(sha256) ?? 'other'}`) });
          return (
            <li key={sha256}>
              <a href={photoPath(order.id, sha256)} target="_blank" rel="noreferrer">
                <img src={photoPath(order.id, sha256)} alt={words} loading="lazy" data-testid="order-photo" />
              </a>
              {isAdmin && (
                <AskedButton
                  name="erase-photo"
                  label={t('photo.erase')}
                  about={t('photo.eraseAbout')}
                  request={{ method: 'DELETE', path: photoPath(order.id, sha256) }}
                  list={queryKeys.orders}
                />
              )}
            </li>
          );
        })}
      </ul>
      {canAdd && (
        <div className="photo-add">
          <Segmented
            size="small"
            aria-label={t('photo.showsLabel')}
            value={shows}
            onChange={setShows}
            options={views.map((value) => ({ value, label: t(`photo.shows.${value}`) }))}
          />
          <PhotoButton size="small" pending={isPending} onChoose={(file) => mutate(file)} />
        </div>
      )}
      {error !== null && <ProblemNote error={error} />}
    </section>
  );
}
