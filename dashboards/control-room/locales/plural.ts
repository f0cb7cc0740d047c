/** `{{n}} {{n, plural(one: order; other: orders)}}`: the noun alone, so that both catalogues keep the same keys. */
export const plural = (
  value: unknown,
  _language: string | undefined,
  words: { one?: string; other?: string },
): string => (Number(value) === 1 ? words.one : words.other) ?? '';
