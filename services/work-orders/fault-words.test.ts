import { quantities } from '../../devices/quantities.ts';
import { faultWord } from './fault-words.ts';

test('a known code has words, an unknown one stands as it is', () => {
  expect(faultWord('over-voltage')).toEqual({ zh: '过压', en: 'over voltage' });
  expect(faultWord('vendor-xyz')).toEqual({ zh: 'vendor-xyz', en: 'vendor-xyz' });
});

test('quantities that can leave their band have words in Chinese', () => {
  expect(Object.keys(quantities)).toContain('temperatureC');
  expect(faultWord('temperature-c').zh).toBe('温度');
});
