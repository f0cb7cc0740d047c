import { registerOnce, registerWithCredential } from '../../services/client/hub-client.ts';
import { createRandom } from '../../services/demo/random.ts';
import { createFaultDevice, type FaultDevice } from './fault-device.ts';
import { createLedger, type Ledger } from './ledger.ts';
import type { ScenarioContext } from './scenario.ts';
import { createSpeech } from './speech.ts';
import type { SupervisedHub } from './supervised-hub.ts';
import { foundWithin } from './wait.ts';

export const compound = 'faults-court';

export interface FleetOptions {
  devices?: number;
  messagesPerSecond?: number;
  inFlightMax?: number;
  keepaliveSeconds?: number;
  port?: () => number;
  /** Which of them send no time of their own. */
  timeless?: (number: number) => boolean;
}

export interface Fleet {
  ledger: Ledger;
  devices: readonly FaultDevice[];
  talk(now: boolean): void;
  /** Says nothing new and waits for all acknowledgements. Answers what is missing after the time. */
  settle(limitSeconds: number): Promise<string[]>;
  close(): void;
}

/** Devices of both versions and two kinds, registered at the hub, connected and not yet talking. */
export const startFleet = async (
  context: ScenarioContext,
  hub: SupervisedHub,
  options: FleetOptions = {},
): Promise<Fleet> => {
  const { devices: count = 20, messagesPerSecond = 400, inFlightMax, keepaliveSeconds, timeless } = options;
  const ledger = createLedger();
  const client = await hub.client();
  await registerOnce(client, '/api/compounds', {
    ...{ id: compound, name: '试验苑', profile: 'retrofit', households: 120 },
  });
  const devices: FaultDevice[] = [];
  for (let number = 0; number < count; number += 1) {
    const kind = number % 3 === 2 ? 'access-gate' : 'sensor';
    const id = `${kind}-${number}`;
    const credential = await registerWithCredential(client, {
      ...{ id, compound, kind, dialect: 'canonical', name: `设备 ${number}` },
    } as { id: string });
    const random = createRandom(context.seed * 1_000 + number);
    const device = createFaultDevice({
      ...{ id, credential, ledger, random, inFlightMax, keepaliveSeconds },
      host: hub.host,
      port: options.port ?? (() => hub.mqttPort),
      protocolVersion: number % 4 === 1 ? 4 : 5,
      messagesPerSecond: messagesPerSecond / count,
      next: createSpeech({
        compound,
        device: id,
        kind,
        random,
        clock: timeless === undefined ? 'believed' : timeless(number) ? 'none' : 'doubted',
      }),
    });
    devices.push(device);
    context.atEnd(() => device.close());
    device.open();
  }
  const talk = (now: boolean): void => {
    for (const device of devices) device.talk(now);
  };
  return {
    ledger,
    devices,
    talk,
    async settle(limitSeconds) {
      talk(false);
      const quiet = await foundWithin(limitSeconds, () => devices.every((device) => device.inFlight() === 0));
      if (quiet) return [];
      const waiting = devices.filter((device) => device.inFlight() > 0);
      const names = waiting.map((device) => `${device.id} ${device.inFlight()}${device.isReady() ? '' : ' offline'}`);
      return [`not acknowledged ${limitSeconds} s after the last fault: ${names.join(', ')}`];
    },
    close: () => {
      for (const device of devices) device.close();
    },
  };
};
