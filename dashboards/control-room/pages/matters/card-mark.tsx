import { useWords } from '../../locales/i18n.ts';

/** A yellow or red card: by word and frame, not by its colour alone. */
export function CardMark({ colour }: { colour: 'yellow' | 'red' }) {
  const { t } = useWords();
  return (
    <span className={`card-mark card-${colour}`} data-testid="card-mark" data-colour={colour}>
      {t(`matter.card.${colour}`)}
    </span>
  );
}
