// Written by devices/generate-registries.ts from the folder: run `npx tsx devices/generate-registries.ts`.
import type { Dialect } from '../dialect.ts';
import { dialect as axis } from './axis.ts';
import { dialect as canonical } from './canonical.ts';
import { dialect as chirpstack } from './chirpstack.ts';
import { dialect as dahua } from './dahua.ts';
import { dialect as espRfid } from './esp-rfid.ts';
import { dialect as facegate } from './facegate.ts';
import { dialect as frigate } from './frigate.ts';
import { dialect as hikvision } from './hikvision.ts';
import { dialect as ocpp16 } from './ocpp16.ts';
import { dialect as ocpp201 } from './ocpp201.ts';
import { dialect as onvif } from './onvif.ts';
import { dialect as shelly } from './shelly.ts';
import { dialect as tasmota } from './tasmota.ts';
import { dialect as theThingsStack } from './the-things-stack.ts';
import { dialect as uhppoted } from './uhppoted.ts';
import { dialect as vzenith } from './vzenith.ts';
import { dialect as zigbee2mqtt } from './zigbee2mqtt.ts';

export const dialects: readonly Dialect[] = [
  axis,
  canonical,
  chirpstack,
  dahua,
  espRfid,
  facegate,
  frigate,
  hikvision,
  ocpp16,
  ocpp201,
  onvif,
  shelly,
  tasmota,
  theThingsStack,
  uhppoted,
  vzenith,
  zigbee2mqtt,
];
