/** The quantities that `sensor.measured` and `charging.metered` may carry. The unit is part of the name; the range is
 * what the physical world allows, wider than any one sensor, so that only nonsense is refused. */
export interface Quantity {
  unit: string;
  min: number;
  max: number;
  title: { zh: string; en: string };
}

const quantity = (unit: string, min: number, max: number, zh: string, en: string): Quantity => ({
  unit,
  min,
  max,
  title: { zh, en },
});

export const quantities = {
  temperatureC: quantity('°C', -90, 1200, '温度', 'Temperature'),
  humidityPercent: quantity('%', 0, 100, '相对湿度', 'Relative humidity'),
  pressureKPa: quantity('kPa', 0, 100_000, '压力', 'Pressure'),
  waterLevelM: quantity('m', -10, 100, '液位', 'Water level'),
  waterFlowM3PerH: quantity('m³/h', -10_000, 10_000, '流量', 'Water flow'),
  co2Ppm: quantity('ppm', 0, 100_000, '二氧化碳', 'CO₂'),
  pm25UgPerM3: quantity('µg/m³', 0, 10_000, '细颗粒物', 'PM2.5'),
  pm10UgPerM3: quantity('µg/m³', 0, 10_000, '可吸入颗粒物', 'PM10'),
  tvocUgPerM3: quantity('µg/m³', 0, 1_000_000, '挥发性有机物', 'TVOC'),
  noiseDb: quantity('dB', 0, 200, '噪声', 'Noise'),
  illuminanceLux: quantity('lx', 0, 200_000, '照度', 'Illuminance'),
  gasPercentLel: quantity('%LEL', 0, 100, '可燃气体', 'Combustible gas'),
  smokeDensityPercentPerM: quantity('%/m', 0, 100, '烟雾浓度', 'Smoke density'),
  tiltDegrees: quantity('°', -180, 180, '倾角', 'Tilt'),
  distanceM: quantity('m', 0, 10_000, '距离', 'Distance'),
  voltageV: quantity('V', -1_000_000, 1_000_000, '电压', 'Voltage'),
  currentA: quantity('A', -100_000, 100_000, '电流', 'Current'),
  powerW: quantity('W', -10_000_000, 10_000_000, '功率', 'Power'),
  energyWh: quantity('Wh', 0, 1e13, '电量', 'Energy'),
  frequencyHz: quantity('Hz', 0, 1_000, '频率', 'Frequency'),
  powerFactor: quantity('1', -1, 1, '功率因数', 'Power factor'),
  stateOfChargePercent: quantity('%', 0, 100, '荷电状态', 'State of charge'),
  batteryPercent: quantity('%', 0, 100, '电池电量', 'Battery'),
  signalDbm: quantity('dBm', -200, 50, '信号强度', 'Signal strength'),
  /** States as 0 and 1, so that a time series can hold them. */
  contactOpen: quantity('0/1', 0, 1, '门磁开', 'Contact open'),
  occupancy: quantity('0/1', 0, 1, '有人', 'Occupancy'),
  waterLeak: quantity('0/1', 0, 1, '漏水', 'Water leak'),
  smokeAlarm: quantity('0/1', 0, 1, '烟感报警', 'Smoke alarm'),
  peopleCount: quantity('1', 0, 100_000, '人数', 'People'),
} as const satisfies Record<string, Quantity>;

export type QuantityName = keyof typeof quantities;
