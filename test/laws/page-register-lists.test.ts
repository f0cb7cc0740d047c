import { figureNames } from '../../dashboards/control-room/pages/records/figures.ts';
import {
  deviceFeatures,
  deviceKinds,
  positionKinds,
} from '../../dashboards/control-room/pages/records/register-lists.ts';
import {
  compoundFigures,
  deviceFeatures as featuresOfRegister,
  deviceKinds as kindsOfRegister,
  positionKinds as positionsOfRegister,
} from '../../services/registry/registry.ts';

/** The page takes no code of services, so it writes the register's lists out: here they are held equal. */
test('every figure of the register can be entered in the page', () => {
  expect([...figureNames.numbers, ...figureNames.flags].sort()).toEqual(Object.keys(compoundFigures.shape).sort());
});

test('the forms offer the position kinds, features and device kinds of the register', () => {
  expect([...positionKinds]).toEqual([...positionsOfRegister]);
  expect([...deviceFeatures]).toEqual([...featuresOfRegister]);
  expect([...deviceKinds]).toEqual([...kindsOfRegister]);
});
