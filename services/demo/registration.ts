import { DateTime } from 'luxon';
import { type HubClient, registerOnce, registerWithCredential } from '../client/hub-client.ts';
import type { Credential } from '../registry/credential.ts';
import { isoTime } from '../runtime/clock.ts';
import { inParallel } from './in-parallel.ts';
import type { DemoCompound, Past } from './world.ts';

const registeringAtOnce = 8;
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const reportedDays = 30;
const demoTimeZone = 'Asia/Shanghai';

/** Puts on record what people did before the demo began; only once, for a record has no id of its own. */
const recordPast = async (hub: HubClient, compound: string, past: Past, nowMs: number): Promise<void> => {
  const path = `/api/compounds/${compound}`;
  const ago = (days: number, hours = 0): string => isoTime(nowMs - days * dayMs + hours * hourMs);
  for (const { daysAgo, subject, held } of past.meetings) {
    const body = { plannedFor: ago(daysAgo), subject, at: ago(daysAgo + 10) };
    const { id } = await hub.post<{ id: string }>(`${path}/meetings`, body);
    if (held) await hub.post(`${path}/meetings/${id}/held`, { minutes: '会议纪要已公示', at: ago(daysAgo, 2) });
  }
  for (const { daysAgo, department, subject, answeredInTime } of past.whistles) {
    const body = { department, subject, dueAt: ago(daysAgo, 24), at: ago(daysAgo) };
    const { id } = await hub.post<{ id: string }>(`${path}/whistles`, body);
    const answer = { answer: '已到场会商', at: ago(daysAgo, answeredInTime ? 3 : 40) };
    await hub.post(`${path}/whistles/${id}/answered`, answer);
  }
  const tonight = DateTime.fromMillis(nowMs, { zone: demoTimeZone }).set({ hour: 23, minute: 30 });
  for (let daysAgo = 1; daysAgo <= reportedDays; daysAgo += 1) {
    if (past.unreportedDaysAgo.includes(daysAgo)) continue;
    await hub.post(`${path}/platform-reports`, { at: isoTime(tonight.minus({ days: daysAgo }).toMillis()) });
  }
};

export interface RegisteredWorld {
  /** Of the devices that connect by themselves; those of an earlier run are replaced. */
  credentials: Map<string, Credential>;
  /** Compounds that were not there before. */
  fresh: Set<string>;
}

/** Registers compounds and devices as an integrator would, or finds them there. */
export const registerWorld = async (
  hub: HubClient,
  world: readonly DemoCompound[],
  nowMs: number,
): Promise<RegisteredWorld> => {
  const credentials = new Map<string, Credential>();
  const fresh = new Set<string>();
  for (const { compound, devices, past } of world) {
    const registered = await registerOnce(hub, '/api/compounds', compound);
    if (registered !== undefined) {
      fresh.add(compound.id);
      await recordPast(hub, compound.id, past, nowMs);
    }
    // A device can only be registered beneath a gateway that is there.
    const direct = devices.filter(({ registration }) => registration.gateway === undefined);
    await inParallel(direct, registeringAtOnce, async ({ registration, player }) => {
      if (player === 'nobody') await registerOnce(hub, '/api/devices', registration);
      else credentials.set(registration.id, await registerWithCredential(hub, registration));
    });
    const beneath = devices.filter(({ registration }) => registration.gateway !== undefined);
    await inParallel(beneath, registeringAtOnce, ({ registration }) => registerOnce(hub, '/api/devices', registration));
  }
  return { credentials, fresh };
};
