import { randomInt, randomUUID } from 'node:crypto';
import { createAddressPolicy } from '../outbound/address-policy.ts';
import { createAtlasClient } from '../outbound/atlas/client.ts';
import type { AtlasParts } from '../outbound/atlas/connector.ts';
import { createAtlasLinks } from '../outbound/atlas/links.ts';
import { loadAtlasMapping } from '../outbound/atlas/mapping.ts';
import { runAtlas } from '../outbound/atlas/run.ts';
import { issueMatterNotices } from '../outbound/issue-matter-notices.ts';
import { type DutyOf, issueNotices } from '../outbound/issue-notices.ts';
import { underLease } from '../outbound/lease.ts';
import { createMailer } from '../outbound/mailer.ts';
import { loadNoticeRules } from '../outbound/notice-rules.ts';
import type { NoticePlace } from '../outbound/notice-text.ts';
import type { SendHttp } from '../outbound/send-http.ts';
import { createHttpSender } from '../outbound/send-http.ts';
import { sendNotices } from '../outbound/send-notices.ts';
import { tellTargets } from '../outbound/tell-targets.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Duty } from '../work-orders/duty.ts';
import { onDuty } from '../work-orders/on-duty.ts';
import type { RosterBook } from '../work-orders/roster-read-model.ts';
import { zoneOf } from './duty-by-roster.ts';
import type { Base } from './intake.ts';

const randomSteps = 2 ** 32;

type PlaceOf = (of: { compound: string; building?: string | undefined }) => NoticePlace;

/** The connector to the Atlas CMMS that the settings name, where they do. */
const atlasOf = (
  { config, sql, opened }: Base,
  { send, duty, placeOf }: { send: SendHttp; duty: Duty; placeOf: PlaceOf },
): AtlasParts | undefined => {
  const { HUB_ATLAS_URL: url, HUB_ATLAS_API_KEY: apiKey } = config;
  if (url === undefined || apiKey === undefined) return undefined;
  return {
    ...{ log: opened.log, clock: systemClock, duty, placeOf },
    client: createAtlasClient({ send, url, apiKey }),
    links: createAtlasLinks(sql),
    mapping: loadAtlasMapping(),
  };
};

/** What goes out to other systems and to people, from one process at a time. Answers how to stop it. */
export const startOutbound = (hub: Base, { rosters, duty }: { rosters: RosterBook; duty: Duty }) => {
  const { config, sql, opened, index, logger } = hub;
  const sender = createHttpSender(createAddressPolicy(config.HUB_TARGET_NETWORKS));
  const { HUB_SMTP_URL: url, HUB_SMTP_FROM: from } = config;
  const mailer = url === undefined ? undefined : createMailer({ url, from: from! });
  const rules = loadNoticeRules();
  const base = { ...{ sql, logger, rules, log: opened.log, clock: systemClock, send: sender.send } };
  const random = (): number => randomInt(randomSteps) / randomSteps;
  const stopping = new AbortController();

  const dutyOf = ({ compound, ...question }: DutyOf, atMs: number) =>
    onDuty(rosters.of(compound), question, atMs, zoneOf(index, compound));
  const placeOf: PlaceOf = ({ compound, building }) => {
    const known = index.compound(compound);
    return {
      compoundName: known?.name ?? compound,
      buildingName: known?.buildings.find(({ id }) => id === building)?.name,
      timeZone: zoneOf(index, compound),
    };
  };
  const atlas = atlasOf(hub, { send: sender.send, duty, placeOf });
  const lease = { sql, name: 'outbound', owner: randomUUID(), clock: systemClock, logger, signal: stopping.signal };
  const running = underLease(lease, async (signal) => {
    await Promise.all([
      tellTargets({ ...base, random }, signal),
      issueNotices({ ...base, onDuty: dutyOf }, signal),
      issueMatterNotices({ ...base, onDuty: dutyOf }, signal),
      sendNotices({ ...base, random, placeOf, mail: mailer?.send }, signal),
      atlas && runAtlas({ ...base, random, atlas, compounds: config.HUB_ATLAS_COMPOUNDS }, signal),
    ]);
  });
  return async (): Promise<void> => {
    stopping.abort();
    await running;
    sender.close();
    mailer?.close();
  };
};
