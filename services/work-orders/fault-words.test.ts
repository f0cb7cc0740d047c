import { deviceModels } from '../../devices/model.ts';
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

test("every fault of a vendor's model has a word, its own or the common one", () => {
  const faults = deviceModels.flatMap((model) => model.faults);
  expect(faults.filter(({ code }) => faultWord(code).zh === code)).toEqual([]);
  // One place for each word: the common one would hide a model's.
  expect(faults.filter(({ code, text }) => text !== undefined && faultWord(code) !== text)).toEqual([]);
  expect(faultWord('mrec26-cut-cable')).toEqual({ zh: '电缆被剪断', en: 'cable cut' });
});
