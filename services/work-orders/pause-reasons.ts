import type { z } from 'zod';
import type { bilingual } from '../runtime/schema.ts';

/** Why an order may wait: a closed list, or every late order would have had its reason. */
export const pauseReasons = [
  'waiting-for-parts',
  'no-access',
  'waiting-for-decision',
  'waiting-for-others',
  'weather',
  'unsafe',
] as const;
export type PauseReason = (typeof pauseReasons)[number];

/** What a reason is called, and the clocks that stand still for it. Nobody waits before having looked. */
export const pauseRules: Record<
  PauseReason,
  { title: z.infer<typeof bilingual>; stops: readonly ('onSite' | 'resolve')[] }
> = {
  'waiting-for-parts': { title: { zh: '等待配件', en: 'Waiting for parts' }, stops: ['resolve'] },
  'no-access': { title: { zh: '无法入户', en: 'Nobody lets us in' }, stops: ['onSite', 'resolve'] },
  'waiting-for-decision': {
    title: { zh: '等待业主或业委会决定', en: 'Waiting for the owners to decide' },
    stops: ['resolve'],
  },
  'waiting-for-others': { title: { zh: '等待其他单位', en: 'Waiting for another party' }, stops: ['resolve'] },
  weather: { title: { zh: '天气原因', en: 'Weather' }, stops: ['onSite', 'resolve'] },
  unsafe: { title: { zh: '现场不安全', en: 'Not safe to work' }, stops: ['onSite', 'resolve'] },
};
