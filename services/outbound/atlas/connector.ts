import { Refusal } from '../../event-log/decider.ts';
import { type RecordedEvent, workOrderStream } from '../../event-log/event.ts';
import type { CarryOutParts, OrderWish } from '../../work-orders/carry-out.ts';
import { carryOutOnce } from '../../work-orders/carry-out-once.ts';
import { workOrderCommands } from '../../work-orders/commands.ts';
import type { Raised } from '../../work-orders/order-events.ts';
import { isOpen } from '../../work-orders/order-state.ts';
import { readOrder } from '../../work-orders/order-stream.ts';
import { type Verdict, verdictOf, verdictOfFailure } from '../verdict.ts';
import { type AtlasClient, type AtlasInput, type AtlasOrder, AtlasRefused } from './client.ts';
import { type AtlasLink, type AtlasLinks, atlasConnector } from './links.ts';
import { type AtlasMapping, filledIn } from './mapping.ts';

export const atlasActor = `connector:${atlasConnector}`;

/** A change that is stamped while we read may show up a little later with an earlier stamp. */
const overlapMs = 5 * 60_000;
/** Twenty thousand changes: what a company does in weeks. */
const pagesMax = 400;

export interface AtlasParts extends CarryOutParts {
  client: AtlasClient;
  links: AtlasLinks;
  mapping: AtlasMapping;
  placeOf(raised: Pick<Raised, 'compound' | 'building'>): { compoundName: string; buildingName: string | undefined };
}

const marked = (order: string): string => `[${order}]`;

const inputOf = ({ mapping, placeOf }: AtlasParts, order: string, raised: Raised): AtlasInput => {
  const values = {
    ...{ order, titleZh: raised.title.zh, titleEn: raised.title.en, text: raised.text },
    ...{ deviceName: raised.deviceName, trade: raised.trade },
    ...placeOf(raised),
  };
  const linked = <Key extends string>(key: Key, ids: Record<string, number>, of: string | undefined) =>
    ids[of ?? ''] === undefined ? {} : { [key]: { id: ids[of ?? '']! } };
  return {
    title: filledIn(mapping.fields.title, values),
    description: filledIn(mapping.fields.description, values).trim(),
    priority: mapping.priorities[raised.priority],
    status: mapping.statuses['work-order.raised'] ?? 'OPEN',
    ...(raised.deadlines.resolve === null ? {} : { dueDate: raised.deadlines.resolve }),
    ...linked('location', mapping.locations, raised.compound),
    ...linked('team', mapping.teams, raised.trade),
    ...linked('asset', mapping.assets, raised.device),
  };
};

const tell = async (parts: AtlasParts, event: RecordedEvent, signal: AbortSignal): Promise<string> => {
  const { client, links, mapping } = parts;
  if (event.meta.actor === atlasActor) return 'came from there';
  const order = event.stream.slice(workOrderStream('').length);
  const link = await links.of(order);
  if (event.type === 'work-order.raised' && link === undefined) {
    // Created before, perhaps, and the answer never came.
    const known =
      (await client.findByTitle(marked(order), signal)) ??
      (await client.create(inputOf(parts, order, event.data as Raised), signal));
    await links.put({ order, remoteId: String(known.id), remoteStatus: known.status });
    return `is its work order ${known.id}`;
  }
  const status = mapping.statuses[event.type as keyof typeof mapping.statuses];
  if (link === undefined || status === undefined || status === link.remoteStatus) return 'nothing to tell';
  const { note, reason } = event.data as { note?: string; reason?: string };
  const changed = await client.changeStatus(
    link.remoteId,
    status,
    filledIn(mapping.feedback, { note, reason }),
    signal,
  );
  await links.put({ ...link, remoteStatus: changed.status });
  return `its work order ${link.remoteId} is ${changed.status}`;
};

/** Brings one event to Atlas, as a courier asks for it. */
export const deliverToAtlas =
  (parts: AtlasParts) =>
  async (event: RecordedEvent, signal: AbortSignal): Promise<Verdict> => {
    try {
      return { taken: true, said: await tell(parts, event, signal) };
    } catch (error) {
      if (signal.aborted) throw error;
      if (!(error instanceof AtlasRefused)) return verdictOfFailure(error);
      if (error.answer.status === 404 && event.type !== 'work-order.raised') {
        await parts.links.drop(event.stream.slice(workOrderStream('').length));
        return { taken: true, said: 'its work order was deleted there' };
      }
      return verdictOf(error.answer, parts.clock.now());
    }
  };

const personOf = ({ primaryUser }: AtlasOrder): string | undefined =>
  [primaryUser?.firstName, primaryUser?.lastName].filter(Boolean).join(' ') || undefined;

/** Carries out here what a status over there means. Answers why its last command was refused. */
const obey = async (parts: AtlasParts, link: AtlasLink, remote: AtlasOrder): Promise<string | null> => {
  const wishes = parts.mapping.commands[remote.status];
  const values = { primaryUser: personOf(remote), feedback: remote.feedback ?? undefined };
  let refused: string | null = null;
  for (const { command, data } of wishes) {
    const { state } = await readOrder(parts.log, link.order);
    if (!isOpen(state)) return null;
    // Whoever has the order keeps it: they name the one who works there, and not always.
    if (command === 'dispatch' && state.assignee !== null) continue;
    const filled = Object.fromEntries(Object.entries(data).map(([key, text]) => [key, filledIn(text, values)]));
    const wish = { type: command, data: workOrderCommands[command].parse(filled) } as OrderWish;
    const commandId = `${remote.id} ${remote.updatedAt} ${command}`;
    try {
      await carryOutOnce(parts, { order: link.order, commandId, wish }, { actor: atlasActor, person: 'Atlas CMMS' });
      refused = null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused = `Atlas CMMS says ${remote.status}. ${error.message}`;
    }
  }
  return refused;
};

/** What was changed over there since the last look, the oldest change first. */
const changedSince = async (
  { client }: AtlasParts,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<AtlasOrder[]> => {
  const fromMs = cursor === undefined ? Number.POSITIVE_INFINITY : Date.parse(cursor) - overlapMs;
  const changed: AtlasOrder[] = [];
  for (let pageNum = 0; pageNum < pagesMax; pageNum += 1) {
    const { content, last } = await client.newestFirst(pageNum, signal);
    changed.unshift(...content.filter(({ updatedAt }) => Date.parse(updatedAt) >= fromMs).reverse());
    const oldest = content.at(-1);
    if (cursor === undefined) return content.slice(0, 1);
    if (last || oldest === undefined || Date.parse(oldest.updatedAt) < fromMs) break;
  }
  return changed;
};

/**
 * Looks once at what was changed over there. Polled: Atlas' own webhooks are said once and not again when nobody
 * answers, and need a licence.
 */
export const lookAtAtlas = async (parts: AtlasParts, signal: AbortSignal): Promise<void> => {
  const { links } = parts;
  const cursor = await links.cursor();
  const changed = await changedSince(parts, cursor, signal);
  const known = await links.ofRemote(changed.map(({ id }) => String(id)));
  for (const remote of changed) {
    const link = known.get(String(remote.id));
    if (link === undefined || link.remoteStatus === remote.status) continue;
    const trouble = await obey(parts, link, remote);
    await links.put({ ...link, remoteStatus: remote.status }, trouble);
    link.remoteStatus = remote.status;
  }
  const newest = changed.at(-1)?.updatedAt ?? cursor ?? '1970-01-01T00:00:00.000Z';
  if (cursor === undefined || Date.parse(newest) > Date.parse(cursor)) await links.moveTo(newest);
};
