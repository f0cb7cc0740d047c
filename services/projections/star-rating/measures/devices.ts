import { z } from 'zod';
import type { DeviceFacts, RatingFacts } from '../facts.ts';
import { type Contribution, deviceSubject, lifeTypes, saidBeneath } from './contribution.ts';
import {
  type Bilingual,
  deviceSelection,
  type Measured,
  noEvidence,
  notApplicable,
  type numberFigure,
  percentOf,
  valued,
  whenNone,
} from './measured.ts';
import { selectDevices } from './selection.ts';
import { deviceWords, figureWords, listed, named } from './words.ts';

const selection = { ...deviceSelection, whenNone };

interface Selection {
  deviceKinds?: z.infer<typeof deviceSelection.deviceKinds>;
  features?: z.infer<typeof deviceSelection.features>;
  whenNone: z.infer<typeof whenNone>;
  notApplicableIfZero?: z.infer<typeof numberFigure> | undefined;
}

/** What it means that no such device is registered. */
export const withoutDevices = ({ compound }: RatingFacts, parameters: Selection): Measured => {
  const figure = parameters.notApplicableIfZero;
  if (figure !== undefined && compound.figures[figure] === 0) {
    const words = figureWords([figure]);
    return notApplicable({ detail: () => ({ zh: `${words.zh}为 0`, en: `${words.en}: 0` }) });
  }
  const words = deviceWords(parameters);
  return parameters.whenNone === 'not-applicable'
    ? notApplicable({ detail: () => ({ zh: `小区没有${words.zh}`, en: `the compound has no ${words.en}` }) })
    : noEvidence({ detail: () => ({ zh: `请登记并接入${words.zh}`, en: `register and connect the ${words.en}` }) });
};

export const connectedShareParameters = z.strictObject({ name: z.literal('connected-share'), ...selection });

/** Share of the registered devices of which anything was ever heard. */
export const connectedShare = (facts: RatingFacts, parameters: z.infer<typeof connectedShareParameters>): Measured => {
  const devices = selectDevices(facts, parameters);
  if (devices.length === 0) return withoutDevices(facts, parameters);
  const never = devices.filter(({ firstHeardAtMs }) => firstHeardAtMs === null);
  const words = deviceWords(parameters);
  const connected = devices.length - never.length;
  return percentOf(connected, devices.length, {
    detail: () => ({
      zh: `${words.zh}共 ${devices.length} 台，${connected} 台已联网`,
      en: `${connected} of ${devices.length} ${words.en} were heard`,
    }),
    shortfall: () => {
      const names = named(never.map(({ device }) => device.name));
      return { zh: `从未上线：${names.zh}`, en: `never heard: ${names.en}` };
    },
    contributions: () =>
      devices.map((device) => {
        const heard = device.firstHeardAtMs !== null;
        return {
          subject: deviceSubject(device.device),
          counted: true,
          value: heard ? 100 : 0,
          numerator: heard ? 1 : 0,
          denominator: 1,
          text: heard ? { zh: '已联网', en: 'was heard' } : { zh: '从未上线', en: 'never heard' },
          intervals: [],
          // The first word may lie long before the window.
          beneath: { ...saidBeneath(facts, [device.device], lifeTypes), fromMs: null },
        };
      }),
  });
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
type RetentionParameters = z.infer<typeof retentionDaysParameters>;

/** What one device counts as. */
interface Retained {
  device: DeviceFacts;
  /** `null`: it has not reported. */
  days: number | null;
  owes: boolean;
  young: boolean;
}

type Owing = Pick<RetentionParameters, 'reportDueDays'>;
type Young = Pick<RetentionParameters, 'judgedByAgeUntilDays'>;

/** Whether a device that has not reported is asked for it already. */
export const owesReport = (ageMs: number, { reportDueDays }: Owing): boolean => ageMs / dayMs >= reportDueDays;

const holdsAll = (retainedDays: number, ageMs: number, { judgedByAgeUntilDays }: Young): boolean =>
  ageMs / dayMs < judgedByAgeUntilDays && retainedDays >= Math.floor(ageMs / dayMs) - 1;

/** The days that a device counts as holding. */
export const daysHeld = (retainedDays: number, ageMs: number, parameters: Young): number =>
  holdsAll(retainedDays, ageMs, parameters) ? Math.max(retainedDays, parameters.judgedByAgeUntilDays) : retainedDays;

const retainedBy = ({ atMs }: RatingFacts, device: DeviceFacts, parameters: RetentionParameters): Retained => {
  const ageMs = atMs - device.registeredAtMs;
  const { retainedDays } = device;
  if (retainedDays === null) return { device, days: null, owes: owesReport(ageMs, parameters), young: false };
  const young = holdsAll(retainedDays, ageMs, parameters);
  return { device, days: daysHeld(retainedDays, ageMs, parameters), owes: false, young };
};

const daysWords = (days: number): string => String(Math.floor(days * 10 + 1e-9) / 10);

const retainedText = ({ device, days, owes, young }: Retained): Bilingual => {
  if (days === null) {
    return owes
      ? { zh: '未收到录像留存报告', en: 'owes its retention report' }
      : { zh: '刚刚登记，尚不要求报告', en: 'only just registered, no report asked for yet' };
  }
  const told = daysWords(device.retainedDays ?? 0);
  return young
    ? { zh: `留存 ${told} 天，安装以来的录像齐全`, en: `holds ${told} d, all since it was installed` }
    : { zh: `留存 ${told} 天`, en: `holds ${told} d` };
};

/** Days that the worst device still holds, by its newest report. One that owes a report leaves no evidence. */
export const retentionDays = (facts: RatingFacts, parameters: RetentionParameters): Measured => {
  const devices = selectDevices(facts, parameters);
  if (devices.length === 0) return withoutDevices(facts, parameters);
  const words = deviceWords(parameters);
  const retained = (): Retained[] => devices.map((device) => retainedBy(facts, device, parameters));
  const contributions = (): Contribution[] =>
    retained().map((item) => ({
      subject: deviceSubject(item.device.device),
      counted: item.days !== null || item.owes,
      value: item.days,
      numerator: null,
      denominator: null,
      text: retainedText(item),
      intervals: [],
      beneath: saidBeneath(facts, [item.device.device], ['camera.retention-reported']),
    }));
  let worst: DeviceFacts | undefined;
  let leastDays = Number.POSITIVE_INFINITY;
  let isOwed = false;
  for (const device of devices) {
    const { days, owes } = retainedBy(facts, device, parameters);
    isOwed ||= owes;
    if (days === null || days >= leastDays) continue;
    worst = device;
    leastDays = days;
  }
  const reporting = () =>
    retained().flatMap(({ device, days }) => (days === null ? [] : [{ name: device.device.name, days }]));
  if (worst === undefined || isOwed) {
    const detail = (): Bilingual => {
      const owing = retained().filter(({ owes }) => owes);
      const count = reporting().length;
      const names = named(owing.map(({ device }) => device.device.name));
      return {
        zh: `需要录像留存报告：${words.zh}共 ${devices.length} 台，${count} 台已报告${owing.length > 0 ? `；未报告：${names.zh}` : ''}`,
        en: `retention reports wanted: ${count} of ${devices.length} ${words.en} reported${owing.length > 0 ? `; none from ${names.en}` : ''}`,
      };
    };
    return noEvidence({ detail, contributions });
  }
  const { name } = worst.device;
  return valued(leastDays, {
    detail: () => {
      const count = reporting().length;
      return {
        zh: `${words.zh} ${count} 台，留存最短的是${name}`,
        en: `${count} ${words.en}, the shortest is ${name}`,
      };
    },
    shortfall: (needed) => {
      const told = reporting();
      const short = told.filter(({ days }) => days < needed).sort((a, b) => a.days - b.days);
      const names = listed(short, ({ name, days }) => ({
        zh: `${name} ${daysWords(days)} 天`,
        en: `${name} ${daysWords(days)} d`,
      }));
      return {
        zh: `${told.length} 台${words.zh}中 ${short.length} 台留存不足：${names.zh}`,
        en: `${short.length} of ${told.length} ${words.en} hold less: ${names.en}`,
      };
    },
    contributions,
  });
};
