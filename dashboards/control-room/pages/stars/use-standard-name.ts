import { useStandards } from '../../api/star-queries.ts';
import { useWords } from '../../locales/i18n.ts';

/** A standard in words, with its version, and a made-up one marked as such; its name while the list isn't there. */
export function useStandardName(): (name: string) => string {
  const { t, say } = useWords();
  const { data = [] } = useStandards();
  return (name) => {
    const found = data.find((standard) => standard.name === name);
    if (found === undefined) return name;
    const version = name.split('@')[1] ?? '';
    return [say(found.title), version, ...(found.draft === true ? [t('stars.madeUp')] : [])].join(' · ');
  };
}
