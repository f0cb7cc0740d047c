import { fittedSize } from './shrink-photo.ts';

test.each([
  [4000, 3000, 1920, 1440],
  [3000, 4000, 1440, 1920],
  [800, 600, 800, 600],
  [100_000, 1, 1920, 1],
])('%i × %i becomes %i × %i', (width, height, toWidth, toHeight) => {
  expect(fittedSize(width, height)).toEqual({ width: toWidth, height: toHeight });
});
