import { randomUUID } from 'node:crypto';
import type { HubClient } from '../../../services/client/hub-client.ts';
import { eventOf } from '../../../services/event-log/decider.ts';
import { compoundStream } from '../../../services/event-log/event.ts';
import { openPostgresEventLog } from '../../../services/event-log/postgres/postgres-event-log.ts';
import type { RatingReplay } from '../../../services/projections/rating-replay/replay.ts';
import { compound } from '../../../services/registry/registry.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { byLength, type Scenario } from '../scenario.ts';
import { type SupervisedHub, superviseHub } from '../supervised-hub.ts';
import { seconds, until } from '../wait.ts';

const compounds = 100;
const days = 30;
const overSecondsMax = 120;

const timeBefore = (count: number): string => new Date(performance.timeOrigin - count * 86_400_000).toISOString();

/** They have to have been there on the days that are rated, so no hub can register them now. */
const registerLongAgo = async (url: string): Promise<void> => {
  const log = await openPostgresEventLog({ url, clock: systemClock });
  const meta = { occurredAt: timeBefore(2 * days) };
  const appends = Array.from({ length: compounds }, (_, index) => {
    const data = compound.parse({ id: `court-${index}`, name: '小区', profile: 'new', households: 100 });
    const event = eventOf(randomUUID(), { type: 'compound.registered', data }, { ...meta, compound: data.id });
    return { stream: compoundStream(data.id), expectedRevision: 'no-stream' as const, events: [event] };
  });
  await log.append(appends);
  await log.close();
};

/** Every compound, until yesterday. */
const ask = async (client: HubClient): Promise<string> => {
  const { items } = await client.get<{ items: { name: string }[] }>('/api/standards');
  const dayBefore = (count: number): string => timeBefore(count).slice(0, 10);
  const wanted = { standard: items.at(-1)!.name, from: dayBefore(days), to: dayBefore(1) };
  return (await client.post<{ id: string }>('/api/rating-replays', wanted)).id;
};

const path = (id: string): string => `/api/rating-replays/${id}`;

/** What came of it, once it is over: the same for each, however often the hub was killed meanwhile. */
const resultOf = async (client: HubClient, id: string): Promise<string> => {
  const {
    state,
    progress,
    summary,
    days: byDay,
  } = await until(overSecondsMax, 'the replay is over', async () => {
    const replay = await client.get<RatingReplay>(path(id));
    return replay.state !== 'queued' && replay.state !== 'running' && replay;
  });
  const { items: changes } = await client.get<{ items: unknown[] }>(`${path(id)}/changes`);
  const { items } = await client.get<{ items: { type: string }[] }>(`/api/events?stream=rating-replay-${id}`);
  return JSON.stringify({ state, progress, summary, byDay, changes, events: items.map(({ type }) => type) });
};

/** Answers whether the replay was under way when the hub was killed. */
const killMeanwhile = async (hub: SupervisedHub, client: HubClient, id: string, delaySeconds: number) => {
  const progressOf = async (): Promise<number> => (await client.get<RatingReplay>(path(id))).progress.done;
  await until(overSecondsMax, 'the replay is under way', async () => (await progressOf()) > 0);
  await seconds(delaySeconds);
  const isUnderWay = (await progressOf()) < compounds;
  await hub.kill();
  return isUnderWay;
};

/** SIGKILL of the hub while it rates anew what was: it goes on where it stood, and finds what it finds undisturbed. */
export const ratingReplaySigkill: Scenario = {
  name: 'rating-replay-sigkill',
  async run(context) {
    const kills = byLength(context, { short: 1, default: 20, long: 200 });
    const database = await startFaultDatabase(context);
    await registerLongAgo(database.directUrl());
    const hub = await superviseHub(context, { environment: { DATABASE_URL: database.directUrl() } });
    let client = await hub.client();
    const undisturbed = await resultOf(client, await ask(client));
    const found: string[] = [];
    let hits = 0;
    for (let kill = 1; kill <= kills; kill += 1) {
      const id = await ask(client);
      if (await killMeanwhile(hub, client, id, kill === 1 ? 0 : context.random() * 0.2)) hits += 1;
      client = await hub.client();
      const result = await resultOf(client, id);
      if (result !== undisturbed) found.push(`kill ${kill}: ${result} instead of ${undisturbed}`);
    }
    if (hits === 0) found.push('no replay was under way at any kill: nothing was tried');
    found.push(...hub.unexpectedEnds(), ...(await hub.stop()));
    return { done: `${kills} × SIGKILL of the hub, ${hits} in the midst of a replay: ${undisturbed}`, found };
  },
};
