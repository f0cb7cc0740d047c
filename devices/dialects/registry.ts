// Written by devices/generate-registries.ts from the folder: run `npx tsx devices/generate-registries.ts`.
import type { Dialect } from '../dialect.ts';
import { dialect as canonical } from './canonical.ts';
import { dialect as chirpstack } from './chirpstack.ts';
import { dialect as facegate } from './facegate.ts';
import { dialect as frigate } from './frigate.ts';
import { dialect as ocpp16 } from './ocpp16.ts';
import { dialect as onvif } from './onvif.ts';
import { dialect as vzenith } from './vzenith.ts';
import { dialect as zigbee2mqtt } from './zigbee2mqtt.ts';

export const dialects: readonly Dialect[] = [
  canonical,
  chirpstack,
  facegate,
  frigate,
  ocpp16,
  onvif,
  vzenith,
  zigbee2mqtt,
];
