import { expect, test } from '@jest/globals';
import { measuredValues } from './device-events.ts';

test.each([
  [{ temperature: 21 }, /"temperature" is no quantity; did you mean temperatureC\?/],
  [{ Power: 2 }, /did you mean powerW or powerFactor\?/],
  [{ level: 1 }, /write one such as temperatureC/],
  [{ temperatureC: '21' }, /expected number/],
  [{}, /at least one quantity/],
])('%j: the refusal says how to mend it', (values, reason) => {
  expect(measuredValues.safeParse(values).error?.issues[0]?.message).toMatch(reason);
});
