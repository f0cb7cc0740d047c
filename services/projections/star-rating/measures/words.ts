import type { z } from 'zod';
import type { deviceFeatures, deviceKinds, positionKinds } from '../../../registry/registry.ts';
import type { Bilingual, booleanFigure, numberFigure } from './measured.ts';

const positions: Record<(typeof positionKinds)[number], Bilingual> = {
  entrance: { zh: '出入口', en: 'entrances' },
  'garage-entrance': { zh: '车库出入口', en: 'garage entrances' },
  'main-road': { zh: '主干道', en: 'main roads' },
  'fire-lane': { zh: '消防通道', en: 'fire lanes' },
  'pedestrian-gate': { zh: '人行出入口门禁', en: 'pedestrian gates' },
  'vehicle-gate': { zh: '车行出入口', en: 'vehicle gates' },
  'unit-door': { zh: '单元门', en: 'unit doors' },
  lift: { zh: '电梯', en: 'lifts' },
  'perimeter-zone': { zh: '周界区段', en: 'perimeter zones' },
  'falling-object-zone': { zh: '高空抛物监测区', en: 'falling-object zones' },
  'fire-water-point': { zh: '消防水点位', en: 'fire-water points' },
  'parking-area': { zh: '停车区', en: 'parking areas' },
  'plant-room': { zh: '设备房', en: 'plant rooms' },
  'public-area': { zh: '公共区域', en: 'public areas' },
  other: { zh: '其他点位', en: 'other positions' },
};

const kinds: Record<(typeof deviceKinds)[number], Bilingual> = {
  'access-gate': { zh: '门禁道闸', en: 'access gates' },
  'charging-post': { zh: '充电桩', en: 'charging posts' },
  camera: { zh: '摄像机', en: 'cameras' },
  sensor: { zh: '传感器', en: 'sensors' },
  gateway: { zh: '网关', en: 'gateways' },
};

const features: Record<(typeof deviceFeatures)[number], Bilingual> = {
  face: { zh: '人脸识别', en: 'face recognition' },
  card: { zh: '刷卡', en: 'card' },
  code: { zh: '密码或二维码', en: 'code' },
  phone: { zh: '手机', en: 'phone' },
  'plate-recognition': { zh: '车牌识别', en: 'plate recognition' },
  'smart-lock': { zh: '智能锁', en: 'smart lock' },
  'lift-monitor': { zh: '电梯监测', en: 'lift monitor' },
  'e-bike-detection': { zh: '电动自行车识别', en: 'e-bike detection' },
  smoke: { zh: '烟感', en: 'smoke' },
  'fire-water': { zh: '消防水', en: 'fire water' },
  environment: { zh: '环境', en: 'environment' },
  manhole: { zh: '井盖', en: 'manhole' },
  level: { zh: '液位', en: 'level' },
  'e-bike-charging': { zh: '电动自行车充电', en: 'e-bike charging' },
};

const figures: Record<z.infer<typeof numberFigure> | z.infer<typeof booleanFigure>, Bilingual> = {
  parkingSpaces: { zh: '停车位数', en: 'parking spaces' },
  evReadySpaces: { zh: '具备充电条件的车位数', en: 'EV-ready spaces' },
  eBikes: { zh: '电动自行车数', en: 'e-bikes' },
  eBikePorts: { zh: '电动自行车充电端口数', en: 'e-bike ports' },
  fireDutyRoster: { zh: '消防值班表', en: 'fire duty roster' },
  microFireStation: { zh: '微型消防站', en: 'micro fire station' },
  contractDisclosed: { zh: '物业服务合同公开', en: 'property contract disclosed' },
  feeItemsDisclosed: { zh: '收费项目公开', en: 'fee items disclosed' },
};

const list = <Word extends string>(titles: Record<Word, Bilingual>, words: readonly Word[]): Bilingual => ({
  zh: words.map((word) => titles[word].zh).join('、'),
  en: words.map((word) => titles[word].en).join(', '),
});

export const positionWords = (words: readonly (keyof typeof positions)[]): Bilingual => list(positions, words);
export const featureWords = (words: readonly (keyof typeof features)[]): Bilingual => list(features, words);
export const figureWords = (words: readonly (keyof typeof figures)[]): Bilingual => list(figures, words);

/** The devices of a selection: `传感器（烟感）`, `sensors (smoke)`. */
export const deviceWords = (selection: {
  deviceKinds?: readonly (keyof typeof kinds)[] | undefined;
  features?: readonly (keyof typeof features)[] | undefined;
}): Bilingual => {
  const of = selection.deviceKinds === undefined ? { zh: '设备', en: 'devices' } : list(kinds, selection.deviceKinds);
  if (selection.features === undefined) return of;
  const with_ = featureWords(selection.features);
  return { zh: `${of.zh}（${with_.zh}）`, en: `${of.en} (${with_.en})` };
};

const namedMax = 5;

/** At most five of them, and how many more there are: `A、B 等 7 项`, `A, B and 5 more`. */
export const listed = <Item>(items: readonly Item[], tell: (item: Item) => Bilingual): Bilingual => {
  const shown = items.slice(0, namedMax).map(tell);
  const rest = items.length - shown.length;
  return {
    zh: `${shown.map(({ zh }) => zh).join('、')}${rest > 0 ? ` 等 ${items.length} 项` : ''}`,
    en: `${shown.map(({ en }) => en).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
  };
};

/** A name is the same in both languages. */
export const same = (text: string): Bilingual => ({ zh: text, en: text });
export const named = (names: readonly string[]): Bilingual => listed(names, same);

/** Sentences that say something, one after the other. */
export const sentences = (parts: readonly (Bilingual | undefined)[]): Bilingual => {
  const told = parts.filter((part) => part !== undefined && part.zh !== '');
  return { zh: told.map((part) => part!.zh).join('；'), en: told.map((part) => part!.en).join('; ') };
};

const hourMs = 3_600_000;
/** Rounded down, so that a text never claims more than was measured. */
export const hoursOf = (ms: number): number => Math.floor((ms / hourMs) * 10 + 1e-9) / 10;

/** Rounded down, so that a share below a threshold never reads like it. */
export const percentWords = (share: number): string => `${Math.floor(share * 10 + 1e-9) / 10} %`;

/** `40 秒`, `12 分钟`, `2 小时 10 分钟`, `31 小时`. */
export const durationWords = (ms: number): Bilingual => {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return { zh: `${seconds} 秒`, en: `${seconds} s` };
  if (hours === 0) return { zh: `${minutes} 分钟`, en: `${minutes} min` };
  if (hours >= 10 || minutes % 60 === 0) return { zh: `${hours} 小时`, en: `${hours} h` };
  return { zh: `${hours} 小时 ${minutes % 60} 分钟`, en: `${hours} h ${minutes % 60} min` };
};
