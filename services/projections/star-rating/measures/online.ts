import { z } from 'zod';
import type { DeviceFacts, RatingFacts } from '../facts.ts';
import { clipOrdered, type Interval, lengthMs, subtract, union } from '../intervals.ts';
import {
  type Contribution,
  deviceSubject,
  layered,
  lifeTypes,
  registeredBeneath,
  type StateInterval,
  saidBeneath,
} from './contribution.ts';
import { withoutDevices } from './devices.ts';
import {
  type Bilingual,
  deviceSelection,
  type Measured,
  noEvidence,
  numberFigure,
  percentOf,
  whenNone,
} from './measured.ts';
import { selectDevices } from './selection.ts';
import { deviceWords, durationWords, hoursOf, listed, percentWords, sentences } from './words.ts';

const timed = {
  ...deviceSelection,
  whenNone,
  /** Time from registering to the first word is not held against a device that speaks within so long. */
  commissioningSeconds: z.int().min(0),
};

/** The part of the window in which a device was there to be heard: since it was registered. */
const presenceOf = (
  { window }: Pick<RatingFacts, 'window'>,
  { registeredAtMs, firstHeardAtMs }: DeviceFacts,
  commissioningSeconds: number,
): readonly Interval[] => {
  const commissioned =
    firstHeardAtMs !== null && firstHeardAtMs <= registeredAtMs + commissioningSeconds * 1000
      ? Math.max(firstHeardAtMs, registeredAtMs)
      : registeredAtMs;
  return clipOrdered([window], { fromMs: commissioned, toMs: window.toMs });
};

/** A device's time: what it had to spend well, without what nobody could observe, and what of it was spent well. */
interface Spent {
  device: DeviceFacts;
  duty: readonly Interval[];
  spentMs: number;
  dutyMs: number;
}

/** Time that is in both; each is in order and without overlaps. */
const within = (intervals: readonly Interval[], duty: readonly Interval[]): number => {
  let totalMs = 0;
  for (let own = 0, due = 0; own < intervals.length && due < duty.length; ) {
    const [a, b] = [intervals[own]!, duty[due]!];
    totalMs += Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs));
    if (a.toMs < b.toMs) own += 1;
    else due += 1;
  }
  return totalMs;
};

const spentBy = (
  facts: RatingFacts,
  devices: readonly DeviceFacts[],
  well: (device: DeviceFacts) => readonly Interval[],
  commissioningSeconds: number,
): Spent[] =>
  devices.map((device) => {
    const present = presenceOf(facts, device, commissioningSeconds);
    const duty = device.notObserved.length === 0 ? present : subtract(present, device.notObserved);
    return { device, duty, spentMs: within(well(device), duty), dutyMs: within(duty, duty) };
  });

const total = (spent: readonly Spent[]): { spentMs: number; dutyMs: number } => ({
  spentMs: spent.reduce((sum, item) => sum + item.spentMs, 0),
  dutyMs: spent.reduce((sum, item) => sum + item.dutyMs, 0),
});

const shareOf = ({ spentMs, dutyMs }: Pick<Spent, 'spentMs' | 'dutyMs'>): number => (100 * spentMs) / dutyMs;

/** Those below `needed`, the worst first. */
const below = (spent: readonly Spent[], needed: number): Spent[] =>
  spent
    .filter((item) => item.dutyMs > 0 && shareOf(item) < needed)
    .sort((a, b) => shareOf(a) - shareOf(b) || (a.device.device.name < b.device.device.name ? -1 : 1));

const tooNew = {
  zh: '设备刚刚登记，尚无可统计的时间',
  en: 'the devices were only just registered, no time to look at yet',
};

const hourMs = 3_600_000;

/** How a device's time is told: in which words, and which states its intervals have. */
interface Telling {
  facts: RatingFacts;
  commissioningSeconds: number;
  text: (spent: Spent) => Bilingual;
  layers: (device: DeviceFacts) => readonly (readonly [StateInterval['state'], readonly Interval[]])[];
  rest: StateInterval['state'];
  types: readonly string[];
}

const contributionOf = (spent: Spent, telling: Telling): Contribution => {
  const { facts, commissioningSeconds, text, layers, rest, types } = telling;
  const { device } = spent.device;
  const counted = spent.dutyMs > 0;
  const gateway = spent.device.gatewayDown.length > 0 && device.gateway !== undefined ? [{ id: device.gateway }] : [];
  return {
    subject: deviceSubject(device),
    counted,
    value: counted ? shareOf(spent) : null,
    numerator: counted ? spent.spentMs / hourMs : null,
    denominator: counted ? spent.dutyMs / hourMs : null,
    text: counted ? text(spent) : tooNew,
    intervals: layered(
      presenceOf(facts, spent.device, commissioningSeconds),
      [['not-observed', spent.device.notObserved], ...layers(spent.device)],
      rest,
    ),
    beneath: saidBeneath(facts, [device, ...gateway], types),
  };
};

const downOf = ({ device, spentMs, dutyMs, duty }: Spent): Bilingual => {
  if (device.firstHeardAtMs === null) return { zh: '从未上线', en: 'never heard' };
  const share = percentWords(shareOf({ spentMs, dutyMs }));
  const byGatewayMs = within(device.gatewayDown, duty);
  const byGateway = durationWords(byGatewayMs);
  return {
    zh: `应在线 ${hoursOf(dutyMs)} 小时，在线 ${hoursOf(spentMs)} 小时（${share}）${byGatewayMs > 0 ? `；其网关静默 ${byGateway.zh}` : ''}`,
    en: `up for ${hoursOf(spentMs)} of ${hoursOf(dutyMs)} h (${share})${byGatewayMs > 0 ? `; its gateway was silent for ${byGateway.en}` : ''}`,
  };
};

/** Which gateways were silent, and how much stands behind them. */
const silentGateways = ({ devices }: RatingFacts, spent: readonly Spent[]): Bilingual | undefined => {
  const behind = new Map<string, DeviceFacts[]>();
  for (const { device } of spent) {
    const { gateway } = device.device;
    if (gateway !== undefined && device.gatewayDown.length > 0) {
      behind.set(gateway, [...(behind.get(gateway) ?? []), device]);
    }
  }
  const silent = [...behind].map(([id, of]) => {
    const name = devices.find(({ device }) => device.id === id)?.device.name ?? id;
    return { name, devices: of.length, silentMs: lengthMs(union(of.flatMap(({ gatewayDown }) => gatewayDown))) };
  });
  if (silent.length === 0) return undefined;
  const words = listed(
    silent.sort((a, b) => b.silentMs - a.silentMs),
    ({ name, devices: count, silentMs }) => {
      const silence = durationWords(silentMs);
      return {
        zh: `网关${name}静默 ${silence.zh}，其下 ${count} 台设备`,
        en: `gateway ${name} was silent for ${silence.en}; ${count} ${count === 1 ? 'device' : 'devices'} behind it`,
      };
    },
  );
  return words;
};

/** Whose failure it is: a device that would reach `needed` but for its gateway is told as the gateway's. */
const onlineShortfall = (facts: RatingFacts, spent: readonly Spent[], words: Bilingual, needed: number): Bilingual => {
  const short = below(spent, needed);
  const own = short.filter(({ device, duty, spentMs, dutyMs }) => {
    return shareOf({ spentMs: spentMs + within(device.gatewayDown, duty), dutyMs }) < needed;
  });
  const names = listed(own, (item) => {
    const { name } = item.device.device;
    const share = percentWords(shareOf(item));
    return item.device.firstHeardAtMs === null
      ? { zh: `${name}从未上线`, en: `${name} (never heard)` }
      : { zh: `${name} ${share}`, en: `${name} ${share}` };
  });
  return sentences([
    own.length === 0
      ? undefined
      : {
          zh: `${spent.length} 台${words.zh}中 ${own.length} 台在线时间不足：${names.zh}`,
          en: `${own.length} of ${spent.length} ${words.en} were online for less of the time: ${names.en}`,
        },
    silentGateways(facts, short),
  ]);
};

export const onlineRateParameters = z.strictObject({
  name: z.literal('online-rate'),
  ...timed,
  notApplicableIfZero: numberFigure.optional(),
});

/** Share of time up. A device that was never heard was down all the time. */
export const onlineRate = (facts: RatingFacts, parameters: z.infer<typeof onlineRateParameters>): Measured => {
  const devices = selectDevices(facts, parameters);
  if (devices.length === 0) return withoutDevices(facts, parameters);
  const { commissioningSeconds } = parameters;
  const spent = spentBy(facts, devices, ({ up }) => up, commissioningSeconds);
  const { spentMs, dutyMs } = total(spent);
  const words = deviceWords(parameters);
  const telling: Telling = {
    facts,
    commissioningSeconds,
    text: downOf,
    layers: ({ up, gatewayDown }) => [
      ['up', up],
      ['gateway-down', gatewayDown],
    ],
    rest: 'down',
    types: lifeTypes,
  };
  const contributions = (): Contribution[] => spent.map((item) => contributionOf(item, telling));
  if (dutyMs === 0) return noEvidence({ detail: () => tooNew, contributions });
  const never = devices.filter(({ firstHeardAtMs }) => firstHeardAtMs === null).length;
  const up = hoursOf(spentMs);
  const duty = hoursOf(dutyMs);
  const detail = (): Bilingual => ({
    zh: `${words.zh}共 ${devices.length} 台，应在线 ${duty} 小时，在线 ${up} 小时${never > 0 ? `；${never} 台从未上线` : ''}`,
    en: `${devices.length} ${words.en} up for ${up} of ${duty} h${never > 0 ? `; ${never} never heard` : ''}`,
  });
  const shortfall = (needed: number): Bilingual => onlineShortfall(facts, spent, words, needed);
  return percentOf(spentMs / hourMs, dutyMs / hourMs, { detail, shortfall, contributions });
};

export const inBandShareParameters = z.strictObject({ name: z.literal('in-band-share'), ...timed });

const bandOf = ({ device, spentMs, dutyMs, duty }: Spent): Bilingual => {
  const outMs = within(device.outOfBand, duty);
  const out = hoursOf(outMs);
  const none = hoursOf(Math.max(0, dutyMs - spentMs - outMs));
  return {
    zh: `${hoursOf(dutyMs)} 小时中正常 ${hoursOf(spentMs)} 小时，超出范围 ${out} 小时，无读数 ${none} 小时`,
    en: `in band for ${hoursOf(spentMs)} of ${hoursOf(dutyMs)} h, out of band for ${out} h, no reading for ${none} h`,
  };
};

const bandless = (facts: RatingFacts, device: DeviceFacts): Contribution => ({
  subject: deviceSubject(device.device),
  counted: false,
  value: null,
  numerator: null,
  denominator: null,
  text: { zh: '未登记正常范围', en: 'no band registered' },
  intervals: [],
  beneath: registeredBeneath(facts, [device.device]),
});

/** Share of time in each device's own band. A silent device is down, so its time is not in band. */
export const inBandShare = (facts: RatingFacts, parameters: z.infer<typeof inBandShareParameters>): Measured => {
  const registered = selectDevices(facts, parameters);
  if (registered.length === 0) return withoutDevices(facts, parameters);
  const { commissioningSeconds } = parameters;
  const bare = registered.filter(({ device }) => device.band === undefined);
  const spent = spentBy(
    facts,
    registered.filter(({ device }) => device.band !== undefined),
    ({ inBand }) => inBand,
    commissioningSeconds,
  );
  const { spentMs, dutyMs } = total(spent);
  const words = deviceWords(parameters);
  const telling: Telling = {
    facts,
    commissioningSeconds,
    text: bandOf,
    layers: ({ inBand, outOfBand }) => [
      ['in-band', inBand],
      ['out-of-band', outOfBand],
    ],
    rest: 'no-reading',
    types: ['sensor.measured'],
  };
  const contributions = (): Contribution[] => [
    ...spent.map((item) => contributionOf(item, telling)),
    ...bare.map((device) => bandless(facts, device)),
  ];
  if (spent.length === 0) {
    const detail = { zh: `请为${words.zh}登记正常范围`, en: `register the band in which ${words.en} are in order` };
    return noEvidence({ detail: () => detail, contributions });
  }
  if (dutyMs === 0) return noEvidence({ detail: () => tooNew, contributions });
  const good = hoursOf(spentMs);
  const duty = hoursOf(dutyMs);
  const without = bare.length;
  const detail = (): Bilingual => ({
    zh: `${words.zh}共 ${spent.length} 台，${duty} 小时中 ${good} 小时读数在正常范围${without > 0 ? `；${without} 台未登记范围` : ''}`,
    en: `${spent.length} ${words.en} in band for ${good} of ${duty} h${without > 0 ? `; ${without} without a band` : ''}`,
  });
  const shortfall = (needed: number): Bilingual => {
    const short = below(spent, needed);
    const names = listed(short, (item) => {
      const text = bandOf(item);
      return { zh: `${item.device.device.name}（${text.zh}）`, en: `${item.device.device.name} (${text.en})` };
    });
    return {
      zh: `${spent.length} 台${words.zh}中 ${short.length} 台读数在范围内的时间不足：${names.zh}`,
      en: `${short.length} of ${spent.length} ${words.en} were in band for less of the time: ${names.en}`,
    };
  };
  return percentOf(spentMs / hourMs, dutyMs / hourMs, { detail, shortfall, contributions });
};
