import { expect, test } from '@jest/globals';
import { DeviceModelsController } from './device-models.controller.ts';

test("every model is listed, each of its faults in words: the model's own, or the common ones", () => {
  const { items } = new DeviceModelsController().list();
  const wordsOf = (vendor: string) => items.find((item) => item.vendor === vendor)?.faults.map(({ text }) => text.zh);
  expect(wordsOf('EVerest')).toContain('电缆被剪断');
  expect(wordsOf('OCPP')).toContain('过流');
  expect(wordsOf('Milesight')).toEqual([]);
});
