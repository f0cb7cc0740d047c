import { z } from 'zod';
import type { DeviceFacts, RatingFacts } from '../facts.ts';
import { clip, type Interval, lengthMs, subtract } from '../intervals.ts';
import {
  deviceSelection,
  type Measured,
  noEvidence,
  notApplicable,
  numberFigure,
  percentOf,
  whenNone,
} from './measured.ts';
import { selectDevices } from './selection.ts';
import { deviceWords, figureWords, hoursOf, shortfallWords } from './words.ts';

const selection = { ...deviceSelection, whenNone };

interface Selection {
  deviceKinds?: z.infer<typeof deviceSelection.deviceKinds>;
  features?: z.infer<typeof deviceSelection.features>;
  whenNone: z.infer<typeof whenNone>;
  notApplicableIfZero?: z.infer<typeof numberFigure> | undefined;
}

/** What it means that no such device is registered. */
const withoutDevices = ({ compound }: RatingFacts, parameters: Selection): Measured => {
  const figure = parameters.notApplicableIfZero;
  if (figure !== undefined && compound.figures[figure] === 0) {
    const words = figureWords([figure]);
    return notApplicable({ zh: `${words.zh}为 0`, en: `${words.en}: 0` });
  }
  const words = deviceWords(parameters);
  return parameters.whenNone === 'not-applicable'
    ? notApplicable({ zh: `小区没有${words.zh}`, en: `the compound has no ${words.en}` })
    : noEvidence({ zh: `请登记并接入${words.zh}`, en: `register and connect the ${words.en}` });
};

export const connectedShareParameters = z.strictObject({ name: z.literal('connected-share'), ...selection });

/** Share of the registered devices of which anything was ever heard. */
export const connectedShare = (facts: RatingFacts, parameters: z.infer<typeof connectedShareParameters>): Measured => {
  const devices = selectDevices(facts, parameters);
  if (devices.length === 0) return withoutDevices(facts, parameters);
  const never = devices.filter(({ firstHeardAtMs }) => firstHeardAtMs === null);
  const short = shortfallWords(never.map(({ device }) => device.name));
  const words = deviceWords(parameters);
  const connected = devices.length - never.length;
  return percentOf(connected, devices.length, {
    zh: `${words.zh}共 ${devices.length} 台，${connected} 台已联网${short.zh}`,
    en: `${connected} of ${devices.length} ${words.en} were heard${short.en}`,
  });
};

const timed = {
  ...selection,
  /** Time from registering to the first word is not held against a device that speaks within so long. */
  commissioningSeconds: z.int().min(0),
};

/** The part of the window in which a device had to be up: since it was registered, without the hub's own outages. */
const dutyOf = (facts: RatingFacts, device: DeviceFacts, commissioningSeconds: number): Interval[] => {
  const { registeredAtMs, firstHeardAtMs } = device;
  const commissioned =
    firstHeardAtMs !== null && firstHeardAtMs <= registeredAtMs + commissioningSeconds * 1000
      ? Math.max(firstHeardAtMs, registeredAtMs)
      : registeredAtMs;
  const { window } = facts;
  return subtract(clip([window], { fromMs: commissioned, toMs: window.toMs }), facts.gaps);
};

/** How much of their duty the devices spent in the times that `within` gives. */
const shareOfDuty = (
  facts: RatingFacts,
  devices: readonly DeviceFacts[],
  within: (device: DeviceFacts) => Interval[],
  commissioningSeconds: number,
): { spentMs: number; dutyMs: number } => {
  let spentMs = 0;
  let dutyMs = 0;
  for (const device of devices) {
    const duty = dutyOf(facts, device, commissioningSeconds);
    dutyMs += lengthMs(duty);
    spentMs += lengthMs(duty.flatMap((part) => clip(within(device), part)));
  }
  return { spentMs, dutyMs };
};

const tooNew = noEvidence({
  zh: '设备刚刚登记，尚无可统计的时间',
  en: 'the devices were only just registered, no time to look at yet',
});

export const onlineRateParameters = z.strictObject({
  name: z.literal('online-rate'),
  ...timed,
  notApplicableIfZero: numberFigure.optional(),
});

/** Share of time up. A device that was never heard was down all the time. */
export const onlineRate = (facts: RatingFacts, parameters: z.infer<typeof onlineRateParameters>): Measured => {
  const devices = selectDevices(facts, parameters);
  if (devices.length === 0) return withoutDevices(facts, parameters);
  const { spentMs, dutyMs } = shareOfDuty(facts, devices, ({ up }) => up, parameters.commissioningSeconds);
  if (dutyMs === 0) return tooNew;
  const never = devices.filter(({ firstHeardAtMs }) => firstHeardAtMs === null).length;
  const words = deviceWords(parameters);
  const up = hoursOf(spentMs);
  const duty = hoursOf(dutyMs);
  const share = percentOf(spentMs, dutyMs, {
    zh: `${words.zh}共 ${devices.length} 台，应在线 ${duty} 小时，在线 ${up} 小时${never > 0 ? `；${never} 台从未上线` : ''}`,
    en: `${devices.length} ${words.en} up for ${up} of ${duty} h${never > 0 ? `; ${never} never heard` : ''}`,
  });
  return { ...share, numerator: up, denominator: duty };
};

export const inBandShareParameters = z.strictObject({ name: z.literal('in-band-share'), ...timed });

/** Share of time in each device's own band. A silent device is down, so its time is not in band. */
export const inBandShare = (facts: RatingFacts, parameters: z.infer<typeof inBandShareParameters>): Measured => {
  const registered = selectDevices(facts, parameters);
  if (registered.length === 0) return withoutDevices(facts, parameters);
  const devices = registered.filter(({ device }) => device.band !== undefined);
  const words = deviceWords(parameters);
  if (devices.length === 0) {
    return noEvidence({ zh: `请为${words.zh}登记正常范围`, en: `register the band in which ${words.en} are in order` });
  }
  const { spentMs, dutyMs } = shareOfDuty(facts, devices, ({ inBand }) => inBand, parameters.commissioningSeconds);
  if (dutyMs === 0) return tooNew;
  const bare = registered.length - devices.length;
  const good = hoursOf(spentMs);
  const duty = hoursOf(dutyMs);
  const share = percentOf(spentMs, dutyMs, {
    zh: `${words.zh}共 ${devices.length} 台，${duty} 小时中 ${good} 小时读数在正常范围${bare > 0 ? `；${bare} 台未登记范围` : ''}`,
    en: `${devices.length} ${words.en} in band for ${good} of ${duty} h${bare > 0 ? `; ${bare} without a band` : ''}`,
  });
  return { ...share, numerator: good, denominator: duty };
};

const dayMs = 86_400_000;

export const retentionDaysParameters = z.strictObject({
  name: z.literal('retention-days'),
  ...selection,
  /** A camera is asked for a report once it has been registered for so long. */
  reportDueDays: z.number().min(0),
  /** A camera younger than this can't hold so many days: one that holds all of its own counts as having them. */
  judgedByAgeUntilDays: z.number().min(0),
});

/** Days that the worst device still holds, by its newest report. One that owes a report leaves no evidence. */
export const retentionDays = (facts: RatingFacts, parameters: z.infer<typeof retentionDaysParameters>): Measured => {
  const devices = selectDevices(facts, parameters);
  if (devices.length === 0) return withoutDevices(facts, parameters);
  const words = deviceWords(parameters);
  const ageDays = ({ registeredAtMs }: DeviceFacts): number => (facts.atMs - registeredAtMs) / dayMs;
  const reporting = devices.flatMap((device) =>
    device.retainedDays === null ? [] : [{ device, retainedDays: device.retainedDays }],
  );
  const owing = devices.filter((device) => device.retainedDays === null && ageDays(device) >= parameters.reportDueDays);
  if (owing.length > 0 || reporting.length === 0) {
    const short = shortfallWords(owing.map(({ device }) => device.name));
    return noEvidence({
      zh: `需要录像留存报告：${words.zh}共 ${devices.length} 台，${reporting.length} 台已报告${short.zh}`,
      en: `retention reports wanted: ${reporting.length} of ${devices.length} ${words.en} reported${short.en}`,
    });
  }
  const { judgedByAgeUntilDays } = parameters;
  const counted = reporting.map(({ device, retainedDays }) => {
    const young = ageDays(device) < judgedByAgeUntilDays;
    const holdsAll = young && retainedDays >= Math.floor(ageDays(device)) - 1;
    return { name: device.device.name, days: holdsAll ? Math.max(retainedDays, judgedByAgeUntilDays) : retainedDays };
  });
  const worst = counted.reduce((least, next) => (next.days < least.days ? next : least));
  return {
    applicable: true,
    value: worst.days,
    numerator: null,
    denominator: null,
    detail: {
      zh: `${words.zh} ${reporting.length} 台，留存最短的是${worst.name}`,
      en: `${reporting.length} ${words.en}, the shortest is ${worst.name}`,
    },
  };
};
