// Written by devices/generate-registries.ts from the folder: run `npx tsx devices/generate-registries.ts`.
import type { Dialect } from '../dialect.ts';
import { dialect as axis } from './axis.ts';
import { dialect as axisLpr } from './axis-lpr.ts';
import { dialect as canonical } from './canonical.ts';
import { dialect as chirpstack } from './chirpstack.ts';
import { dialect as dahua } from './dahua.ts';
import { dialect as ditto } from './ditto.ts';
import { dialect as espRfid } from './esp-rfid.ts';
import { dialect as evcc } from './evcc.ts';
import { dialect as everest } from './everest.ts';
import { dialect as facegate } from './facegate.ts';
import { dialect as frigate } from './frigate.ts';
import { dialect as hikvision } from './hikvision.ts';
import { dialect as homeAssistant } from './home-assistant.ts';
import { dialect as ocpp16 } from './ocpp16.ts';
import { dialect as ocpp201 } from './ocpp201.ts';
import { dialect as onvif } from './onvif.ts';
import { dialect as openalpr } from './openalpr.ts';
import { dialect as plateRecognizer } from './plate-recognizer.ts';
import { dialect as shelly } from './shelly.ts';
import { dialect as sparkplugB } from './sparkplug-b.ts';
import { dialect as tasmota } from './tasmota.ts';
import { dialect as theThingsStack } from './the-things-stack.ts';
import { dialect as thingsboard } from './thingsboard.ts';
import { dialect as uhppoted } from './uhppoted.ts';
import { dialect as verkadaLpr } from './verkada-lpr.ts';
import { dialect as vzenith } from './vzenith.ts';
import { dialect as zigbee2mqtt } from './zigbee2mqtt.ts';

export const dialects: readonly Dialect[] = [
  axis,
  axisLpr,
  canonical,
  chirpstack,
  dahua,
  ditto,
  espRfid,
  evcc,
  everest,
  facegate,
  frigate,
  hikvision,
  homeAssistant,
  ocpp16,
  ocpp201,
  onvif,
  openalpr,
  plateRecognizer,
  shelly,
  sparkplugB,
  tasmota,
  theThingsStack,
  thingsboard,
  uhppoted,
  verkadaLpr,
  vzenith,
  zigbee2mqtt,
];
