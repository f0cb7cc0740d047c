import { matterNotes } from './matter-notes.ts';

const titles = new Map([['fire', '消防']]);

test.each([
  [{ department: 'fire', reason: '通道被占' }, [{ text: '消防' }, { text: '通道被占' }]],
  [{ departments: ['fire', 'gas'] }, [{ text: '消防 · gas' }]],
  [{ minutes: { text: '到会五人' }, attended: ['物业', '社区'] }, [{ text: '物业 · 社区' }, { text: '到会五人' }]],
  [{ result: { sha256: 'abc', name: '验收单.pdf' } }, [{ text: '验收单.pdf', sha256: 'abc' }]],
  [{ whistle: 'w1', score: 5, comment: ' ' }, [{ text: '5 / 5' }]],
  [{ accepted: true, due: { from: '', at: '', unit: 'minutes' } }, []],
])('%j', (data, expected) => {
  expect(matterNotes(data, titles)).toEqual(expected);
});
