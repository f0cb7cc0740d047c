import { compound, registerGates } from './bench-devices.ts';
import { connectLoad, driveHub, type HubRun } from './candidates/hub.ts';
import { type HubProcess, startHubProcess } from './hub-process.ts';
import type { LoadDevice } from './load/load-connection.ts';
import { countMark, type MessageTemplate, timeMark } from './load/packet-writer.ts';
import { type BenchOptions, profilingFlags, steadyAfterSeconds } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';

/** More than a connection has in flight, so that no device says two things in one millisecond. */
const devicesPerGateway = 50;

const hex = (nth: number): string => nth.toString(16).padStart(8, '0');

/** Shapes as in devices/dialects/*.examples.yaml: what such devices send every few minutes. */
const speakers: Record<string, (nth: number) => MessageTemplate> = {
  chirpstack: (nth) => ({
    topic: `application/0b1f6c52-3c0e-4a53-9a10-4f7d5f3c8a01/device/24e12414${hex(nth)}/event/up`,
    payload: JSON.stringify({
      deduplicationId: `6d1f0f0a-2d53-4c1e-8f55-${countMark}`,
      time: timeMark,
      deviceInfo: { deviceProfileName: 'Class A OTAA', deviceName: `climate-${nth}`, devEui: `24e12414${hex(nth)}` },
      fPort: 85,
      object: { temperature: 18.5, humidity: 61, battery: 87 },
      rxInfo: [{ gatewayId: '24e124fffef01234', rssi: -35, snr: 11.5 }],
    }),
  }),
  zigbee2mqtt: (nth) => ({
    topic: `zigbee2mqtt/lobby-climate-${nth}`,
    // The running number stands behind a decimal point, where leading zeros are allowed.
    payload: `{"battery":87,"humidity":52.09,"linkquality":129,"pressure":947.6,"temperature":25.${countMark},"last_seen":"${timeMark}"}`,
  }),
  ocpp16: (nth) => ({
    topic: `ocpp/plum-cp-${nth}/up`,
    payload: JSON.stringify([
      2,
      `m-${countMark}`,
      'MeterValues',
      {
        connectorId: 1,
        meterValue: [
          {
            timestamp: timeMark,
            sampledValue: [
              { measurand: 'Energy.Active.Import.Register', unit: 'Wh', value: `11295.${countMark}` },
              { measurand: 'Voltage', unit: 'V', value: '230' },
              { measurand: 'Current.Import', unit: 'A', value: '15.90' },
            ],
          },
        ],
      },
    ]),
  }),
};

/** Gateways of the three dialects in equal parts, each with devices that the hub adopts when it hears them. */
const registerGateways = async (hub: HubProcess, count: number): Promise<LoadDevice[]> => {
  const names = Object.keys(speakers);
  const dialectOf = (nth: number): string => names[nth % names.length]!;
  const rows = Array.from({ length: count }, (_, nth) => {
    const dialect = dialectOf(nth);
    return `gateway-${nth},${compound},gateway,${dialect},${dialect} ${nth}`;
  });
  const credentials = await hub.importCsv(['id,compound,kind,dialect,name', ...rows].join('\n'));
  return credentials.map(({ username, password }, nth) => ({
    ...{ clientId: username, username, password },
    messages: Array.from({ length: devicesPerGateway }, (_, device) =>
      speakers[dialectOf(nth)]!(nth * devicesPerGateway + device),
    ),
  }));
};

/** The mixed dialects against canonical topics in the same hub, in messages: one of a dialect may say several things. */
export const dialects = async (options: BenchOptions, emit: (result: BenchResult) => void): Promise<void> => {
  const { connections, mqttVersion, seconds, rounds } = options;
  const hub = await startHubProcess({ nodeFlags: profilingFlags(options) });
  const runs: { canonical: HubRun; mixed: HubRun }[] = [];
  try {
    const gates = await registerGates(hub, connections);
    const gateways = await registerGateways(hub, connections);
    const canonicalLoad = await connectLoad(hub.mqttPort, gates, mqttVersion);
    const mixedLoad = await connectLoad(hub.mqttPort, gateways, mqttVersion);
    try {
      for (let round = 0; round < rounds; round += 1) {
        runs.push({
          canonical: await driveHub({ hub, load: canonicalLoad }, { seconds, warmUpSeconds: steadyAfterSeconds }),
          mixed: await driveHub({ hub, load: mixedLoad }, { seconds, warmUpSeconds: steadyAfterSeconds }),
        });
      }
    } finally {
      await canonicalLoad.stop();
      await mixedLoad.stop();
    }
  } finally {
    await hub.stop();
  }
  const refused = runs.flatMap(({ mixed }) => Object.keys(mixed.byReasonCode).filter((code) => Number(code) >= 0x80));
  if (refused.length > 0) throw new Error(`messages of dialects were refused with ${refused.join(', ')}`);
  const rates = runs.map(({ mixed }) => mixed.ratePerSecond);
  const ratios = runs.map(({ canonical, mixed }) => mixed.ratePerSecond / canonical.ratePerSecond);
  emit(resultOf('mixed dialects', 'messages/s', rates, { details: runs.at(-1) }));
  emit(resultOf('mixed dialects against canonical topics', 'ratio of messages', ratios, { target: { atLeast: 0.5 } }));
};
