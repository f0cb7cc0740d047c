import type { Clock } from '../../runtime/clock.ts';
import { type EventLog, WrongExpectedRevision } from '../event-log.ts';
import { gatherSeals } from '../gather-seals.ts';
import { gathering, sealsGatheredType, sealsPerGathering } from '../gathering.ts';
import { logStream } from '../log-stream.ts';
import type { ProvableSeal, SealedLog } from '../prove-events.ts';
import { expires } from '../retention.ts';
import { mayExpireIn } from '../sealed-parts.ts';
import type { StoredEvent } from '../stored-event.ts';
import { comparePositions, type LogPosition, parsePosition, positionText } from './log-position.ts';
import { sealAll } from './notary.ts';
import type { Reader } from './reader.ts';
import { type OwnRecord, ownRecord, sealsStream } from './record.ts';
import { lastSeal, type SealData, sealOf } from './seals.ts';
import type { Sender } from './sender.ts';

interface SealedLogParts {
  reader: Reader;
  sender: Sender;
  clock: Clock;
}

const sealsRemembered = 10_000;
const sealTries = 3;

const isBefore = (position: string, other: LogPosition): boolean =>
  comparePositions(parsePosition(position), other) < 0;

/** The seals by their revision in their stream, each of which is one. */
const createSeals = (reader: Reader) => {
  const known = new Map<number, SealData>();
  let count = 0;
  const page = async (from: number, maxCount: number): Promise<SealData[]> => {
    const records = await reader.stream(sealsStream, { from, maxCount });
    return records.map((record) => {
      const seal = sealOf(record);
      if (seal === undefined)
        throw new Error(`what stands at revision ${record.revision} of ${sealsStream} is no seal`);
      if (known.size >= sealsRemembered) known.clear();
      known.set(Number(record.revision), seal);
      return seal;
    });
  };
  const at = async (revision: number): Promise<SealData | undefined> =>
    revision < 0 ? undefined : (known.get(revision) ?? (await page(revision, 1))[0]);
  return {
    at,
    page,
    /** Revision of the first seal of which `holds` is true, as of all after it; one past the last where there is none. */
    async first(holds: (seal: SealData) => boolean): Promise<number> {
      const last = await at(count - 1);
      if (last === undefined || !holds(last)) count = (await lastSeal(reader)).revision + 1;
      let [low, high] = [0, count];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (holds((await at(middle))!)) high = middle;
        else low = middle + 1;
      }
      return low;
    },
  };
};

const provableSeal = ({ firstEvent, lastEvent, root, hash, parts }: SealData): ProvableSeal => ({
  ...{ firstPosition: firstEvent, lastPosition: lastEvent, root, hash, parts: parts ?? null },
});

const storedEvent = (record: OwnRecord, number: number): StoredEvent => {
  const { stream, revision, id, type, data, meta } = record;
  return { position: number, stream, revision, id, type, data, meta };
};

/** A stretch's events, numbered; one part of them is left out where some have expired, for nobody can tell which. */
const numberedEvents = ({ firstEvent, lastEvent, parts }: SealData, records: readonly OwnRecord[]) => {
  const count = lastEvent - firstEvent + 1;
  const mayExpire = parts === undefined ? undefined : mayExpireIn(parts, count);
  const portion = (own: readonly OwnRecord[], places: readonly number[]) =>
    own.length === places.length ? own.map((record, index) => ({ record, number: firstEvent + places[index]! })) : [];
  const places = Array.from({ length: count }, (_, place) => place);
  if (mayExpire === undefined) return portion(records, places);
  return [false, true]
    .flatMap((may) =>
      portion(
        records.filter(({ stream }) => expires(stream) === may),
        places.filter((place) => mayExpire[place] === may),
      ),
    )
    .sort((left, right) => left.number - right.number);
};

/**
 * What a proof reads of the log in KurrentDB: events are counted by its seals, from 1 in the order of the log, and what
 * isn't sealed yet is sealed when somebody asks for the head.
 */
export const sealedKurrentLog = ({ reader, sender, clock }: SealedLogParts): SealedLog => {
  const seals = createSeals(reader);

  const eventsUnder = async (revision: number) => {
    const [before, seal] = [await seals.at(revision - 1), (await seals.at(revision))!];
    const from = before === undefined ? null : parsePosition(before.lastPosition);
    const { records } = await reader.all(from, seal.lastEvent - seal.firstEvent + 1);
    const last = parsePosition(seal.lastPosition);
    return numberedEvents(
      seal,
      records.filter(({ position }) => comparePositions(position, last) <= 0),
    );
  };

  return {
    async head() {
      const newest = await reader.newest();
      for (let tries = 0; ; tries += 1) {
        const { lastEvent, position, hash } = await lastSeal(reader);
        if (newest === undefined && position === null) return null;
        const isSealed = position !== null && (newest === undefined || !isBefore(position, newest.position));
        if (isSealed) return { position: lastEvent, hash };
        if (tries === sealTries) throw new Error('the end of the event log could not be sealed');
        // Others may seal at the same time, and not as far.
        await sealAll({ reader, sender, clock });
      }
    },
    async headsAt(position) {
      const at = parsePosition(position);
      const after = await seals.first(({ lastPosition }) => comparePositions(parsePosition(lastPosition), at) > 0);
      // A head is told with the newest event's position: if a seal came to end right there later, the one before it is meant.
      const sealed = [await seals.at(after - 2), await seals.at(after - 1)];
      return sealed.flatMap((seal) => seal?.lastEvent ?? []);
    },
    async numbersOf(positions) {
      const wanted = new Set(positions);
      const numbers = new Map<string, number>();
      const seen = new Set<number>();
      for (const position of wanted) {
        if (numbers.has(position)) continue;
        const at = parsePosition(position);
        const revision = await seals.first(({ lastPosition }) => !isBefore(lastPosition, at));
        if (seen.has(revision) || (await seals.at(revision)) === undefined) continue;
        seen.add(revision);
        for (const { record, number } of await eventsUnder(revision)) {
          const text = positionText(record.position);
          if (wanted.has(text)) numbers.set(text, number);
        }
      }
      return numbers;
    },
    async sealsAfter(position, limit) {
      const from = await seals.first(({ firstEvent }) => firstEvent > position);
      return (await seals.page(from, limit)).map(provableSeal);
    },
    async hashAt(position) {
      const seal = await seals.at(await seals.first(({ lastEvent }) => lastEvent >= position));
      return seal?.lastEvent === position ? seal.hash : undefined;
    },
    async eventsOf(stretches) {
      const events: StoredEvent[] = [];
      for (const { firstPosition } of stretches) {
        const revision = await seals.first(({ lastEvent }) => lastEvent >= firstPosition);
        for (const { record, number } of await eventsUnder(revision)) events.push(storedEvent(record, number));
      }
      return events;
    },
    async gatherings() {
      const records = await reader.stream(logStream, { from: 'start', maxCount: Number.MAX_SAFE_INTEGER });
      return records.flatMap((record) => {
        const own = ownRecord(record);
        if (own?.type !== sealsGatheredType) return [];
        return [{ position: positionText(own.position), gathering: gathering.parse(JSON.parse(own.data)) }];
      });
    },
  };
};

/** As `gatherSeals`, where several processes may: it is for whoever is first, and what follows must follow on that. */
export const gatherAmongOthers = async (
  parts: Pick<EventLog, 'append' | 'readStream'> & { sealed: SealedLog; clock: Clock },
  sizes = sealsPerGathering,
): Promise<number> => {
  const [newest] = await parts.readStream(logStream, { backwards: true, maxCount: 1 });
  let revision = newest?.revision ?? -1;
  const append: EventLog['append'] = async ([entry]) => {
    const expectedRevision = revision === -1 ? 'no-stream' : revision;
    revision += 1;
    return parts.append([{ ...entry!, expectedRevision }]);
  };
  return gatherSeals({ ...parts, append }, sizes).catch((error: unknown) => {
    if (error instanceof WrongExpectedRevision) return 0;
    throw error;
  });
};
