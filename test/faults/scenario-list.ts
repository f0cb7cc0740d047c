import type { Scenario } from './scenario.ts';
import { appendFails } from './scenarios/append-fails.ts';
import { clockJumps } from './scenarios/clock-jumps.ts';
import { crashAtPoints } from './scenarios/crash-at-points.ts';
import { diskFull } from './scenarios/disk-full.ts';
import { duplicates } from './scenarios/duplicates.ts';
import { embeddedSigkill } from './scenarios/embedded-sigkill.ts';
import { hubSigkill } from './scenarios/hub-sigkill.ts';
import { kurrentdbDouble } from './scenarios/kurrentdb-double.ts';
import { muteWire, networkCut } from './scenarios/network-cut.ts';
import { noisyDevice } from './scenarios/noisy-device.ts';
import { postgresPaused, postgresStopped } from './scenarios/postgres-away.ts';
import { postgresSigkill } from './scenarios/postgres-sigkill.ts';
import { ratingReplaySigkill } from './scenarios/rating-replay-sigkill.ts';
import { readModelsEnd } from './scenarios/read-models-end.ts';
import { silentClients } from './scenarios/silent-clients.ts';
import { twoHubs } from './scenarios/two-hubs.ts';

/** In the order in which they run. */
export const scenarios: readonly Scenario[] = [
  hubSigkill,
  postgresSigkill,
  embeddedSigkill,
  crashAtPoints,
  appendFails,
  readModelsEnd,
  ratingReplaySigkill,
  postgresStopped,
  postgresPaused,
  diskFull,
  muteWire,
  networkCut,
  twoHubs,
  duplicates,
  kurrentdbDouble,
  noisyDevice,
  silentClients,
  clockJumps,
];
