import type { Raised } from '../../work-orders/order-events.ts';

/** What a person may type to find an order. It never changes after the order was raised. */
export const searchText = (id: string, raised: Raised): string =>
  [id, raised.title.zh, raised.title.en, raised.text, raised.deviceName, raised.device, raised.code, raised.component]
    .filter((part) => part !== undefined)
    .join('\n')
    .toLowerCase();

/**
 * Every two characters that follow each other: an index over them finds Chinese, which has no spaces to cut at, and
 * parts of ids as well as words.
 */
export const pairsOf = (text: string): string[] => {
  const letters = [...text];
  const pairs = letters.slice(1).map((letter, index) => `${letters[index]}${letter}`);
  return [...new Set(pairs.filter((pair) => !/\s/.test(pair)))];
};

/** The words of a question, each of which must occur somewhere. */
export const wordsOf = (question: string): string[] => question.toLowerCase().split(/\s+/).filter(Boolean);
