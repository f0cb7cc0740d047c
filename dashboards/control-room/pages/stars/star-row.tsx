import { useWords } from '../../locales/i18n.ts';
import { StarMark } from '../../shell/star-mark.tsx';

const five = [1, 2, 3, 4, 5];

export function StarRow({ stars, size }: { stars: number; size: number }) {
  const { t } = useWords();
  return (
    <span className="star-row" role="img" aria-label={t('stars.ofFive', { n: stars })}>
      {five.map((n) => (
        <StarMark key={n} filled={n <= stars} size={size} />
      ))}
    </span>
  );
}
