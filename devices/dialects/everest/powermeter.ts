import { z } from 'zod';
import type { QuantityName } from '../../quantities.ts';
import { type MeterValue, readMeterValues } from '../ocpp16/meter-values.ts';

const phases = z.record(z.string(), z.unknown()).optional().catch(undefined);

/** EVerest's Powermeter: per quantity an object with `total`, `DC` and `L1` to `L3`. */
export const powermeter = z.looseObject({
  timestamp: z.string().max(64).optional(),
  energy_Wh_import: phases,
  power_W: phases,
  current_A: phases,
  voltage_V: phases,
  frequency_Hz: phases,
});
export type Powermeter = z.infer<typeof powermeter>;

const measurands = [
  ['energy_Wh_import', 'Energy.Active.Import.Register'],
  ['power_W', 'Power.Active.Import'],
  ['current_A', 'Current.Import'],
  ['voltage_V', 'Voltage'],
  ['frequency_Hz', 'Frequency'],
] as const;

/** The same readings as OCPP has them, where the phases are put together. `total` and `DC` are of no phase. */
const asMeterValue = (meter: Powermeter): MeterValue => ({
  sampledValue: measurands.flatMap(([key, measurand]) =>
    Object.entries(meter[key] ?? {})
      .filter(([, value]) => typeof value === 'number')
      .map(([place, value]) => ({ value, measurand, phase: place === 'total' || place === 'DC' ? '' : place })),
  ),
});

export const valuesOf = (meter: Powermeter): Partial<Record<QuantityName, number>> => {
  const readings = readMeterValues([asMeterValue(meter)]);
  return readings.ok ? (readings.byTime[0]?.values ?? {}) : {};
};
