import { type Palette, palettes } from './palette.ts';

/** WCAG 2.2, relative luminance and contrast ratio. */
const luminance = (colour: string): number => {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (a: string, b: string): number => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

/** 1.4.3: text 4.5 to 1. */
const texts: [keyof Palette, keyof Palette][] = [
  ...(['page', 'surface', 'raised', 'selected', 'criticalSurface'] as const).flatMap(
    (ground): [keyof Palette, keyof Palette][] => [
      ['text', ground],
      ['quiet', ground],
      ['criticalText', ground],
      ['soonText', ground],
      ['accent', ground],
    ],
  ),
  ['onAccent', 'accent'],
  ['onCritical', 'critical'],
  ['onUrgent', 'urgent'],
  ['onNormal', 'normalSurface'],
];
/** 1.4.11: what carries meaning without being text 3 to 1. */
const shapes: [keyof Palette, keyof Palette][] = [
  ['lineStrong', 'surface'],
  ['normalEdge', 'surface'],
  ['minorEdge', 'surface'],
  ['bar', 'surface'],
  ['focus', 'surface'],
  ['focus', 'page'],
];

describe.each(['light', 'dark'] as const)('contrast, %s', (name) => {
  test.each(texts)('text %s on %s', (text, ground) => {
    expect(contrast(palettes[name][text], palettes[name][ground])).toBeGreaterThanOrEqual(4.5);
  });
  test.each(shapes)('shape %s on %s', (shape, ground) => {
    expect(contrast(palettes[name][shape], palettes[name][ground])).toBeGreaterThanOrEqual(3);
  });
});
