import type { Ledger, LedgerEntry } from './ledger.ts';

/** An event of the log, as far as the auditor minds. */
export interface AuditedEvent {
  id: string;
  position: string;
  stream: string;
  type: string;
  device: string | undefined;
  /** The sender's own name for it; `undefined` for what the hub itself wrote. */
  key: string | undefined;
  /** Of a dead letter: the hash of the refused bytes. */
  refusedSha256: string | undefined;
}

export interface AuditOptions {
  /** A log in PostgreSQL has one order for all; KurrentDB promises it per stream. */
  order: 'per-device' | 'per-stream';
}

/** Findings of one rule, the first few of them told. */
const toldMax = 5;

const createFindings = () => {
  const byRule = new Map<string, string[]>();
  return {
    add(rule: string, text: string): void {
      byRule.set(rule, [...(byRule.get(rule) ?? []), text]);
    },
    list: (): string[] =>
      [...byRule].map(([rule, texts]) => {
        const more = texts.length > toldMax ? ` … and ${texts.length - toldMax} more` : '';
        return `${rule} (${texts.length}): ${texts.slice(0, toldMax).join('; ')}${more}`;
      }),
  };
};

type Findings = ReturnType<typeof createFindings>;

interface Place {
  position: string;
  id: string;
  times: number;
}

interface DeviceLog {
  places: Map<string, Place>;
  /** Hash of refused bytes → ids of the dead letters that keep them. */
  refused: Map<string, Set<string>>;
  /** Keys in log order, apart for each stream where only a stream has an order. */
  orders: Map<string, string[]>;
}

const byDevice = (events: Iterable<AuditedEvent>, { order }: AuditOptions): Map<string, DeviceLog> => {
  const devices = new Map<string, DeviceLog>();
  for (const { device, key, refusedSha256, position, stream, id } of events) {
    if (device === undefined || (key === undefined && refusedSha256 === undefined)) continue;
    const log = devices.get(device) ?? { places: new Map(), refused: new Map(), orders: new Map() };
    devices.set(device, log);
    if (refusedSha256 !== undefined) {
      const ids = log.refused.get(refusedSha256) ?? new Set();
      log.refused.set(refusedSha256, ids.add(id));
    }
    if (key === undefined) continue;
    const before = log.places.get(key);
    log.places.set(key, { position, id, times: (before?.times ?? 0) + 1 });
    const orderKey = order === 'per-device' ? '' : stream;
    const keys = log.orders.get(orderKey) ?? [];
    log.orders.set(orderKey, keys);
    keys.push(key);
  }
  return devices;
};

const auditRefused = (device: string, entry: LedgerEntry, log: DeviceLog, findings: Findings): void => {
  const { acknowledged, refusedSha256 = '' } = entry;
  const letters = log.refused.get(refusedSha256);
  if (letters === undefined) {
    if (acknowledged) findings.add('refused and not kept as a dead letter', `${device} sha256 ${refusedSha256}`);
    return;
  }
  if (letters.size > 1)
    findings.add('kept as several dead letters', `${device} sha256 ${refusedSha256} × ${letters.size}`);
  const named = acknowledged?.deadLetter;
  if (named !== undefined && !letters.has(named)) {
    findings.add('a dead letter was promised that is not there', `${device} ${named}`);
  }
};

/** MQTT 5, 3.4.2.1: over its quota, so the hub has taken nothing; the device may say it again. */
export const quotaExceeded = 0x97;

const auditAccepted = (device: string, entry: LedgerEntry, log: DeviceLog, findings: Findings): void => {
  const { acknowledged, keys } = entry;
  const places = keys.map((key) => log.places.get(key));
  const turnedAway = acknowledged?.reasonCode === quotaExceeded;
  if (turnedAway && places.some((place) => place !== undefined)) {
    findings.add('turned away and stored', `${device} ${keys[0]}`);
  }
  if (turnedAway) return;
  for (const [index, place] of places.entries()) {
    const name = `${device} ${keys[index]}`;
    if (place === undefined && acknowledged) findings.add('acknowledged and lost', name);
    if (place !== undefined && place.times > 1) findings.add('stored more than once', `${name} × ${place.times}`);
  }
  if (acknowledged === undefined) return;
  if (acknowledged.reasonCode >= 0x80) {
    findings.add('refused though nothing is wrong with it', `${device} ${keys[0]} code ${acknowledged.reasonCode}`);
  }
  const last = places.at(-1);
  if (acknowledged.receipt !== undefined && last !== undefined && last.position !== acknowledged.receipt) {
    findings.add(
      'a receipt names another position',
      `${device} ${keys.at(-1)}: told ${acknowledged.receipt}, is ${last.position}`,
    );
  }
};

const auditOrder = (device: string, entries: readonly LedgerEntry[], log: DeviceLog, findings: Findings): void => {
  const spoken = new Map(entries.flatMap(({ keys }) => keys).map((key, index) => [key, index] as const));
  for (const keys of log.orders.values()) {
    let before = -1;
    for (const key of keys) {
      const place = spoken.get(key);
      if (place === undefined) findings.add('stored and never said', `${device} ${key}`);
      else if (place < before) findings.add('out of the order in which it was said', `${device} ${key}`);
      else before = place;
    }
  }
};

/**
 * Compares what the devices know with what the log holds: every acknowledged event once, nothing twice, each device's
 * events in the order in which it said them, refused messages as dead letters, receipts true.
 */
export const auditLog = (
  ledger: Pick<Ledger, 'entries' | 'violations'>,
  events: Iterable<AuditedEvent>,
  options: AuditOptions,
): string[] => {
  const findings = createFindings();
  for (const text of ledger.violations) findings.add('against the protocol', text);
  const logs = byDevice(events, options);
  for (const [device, entries] of ledger.entries) {
    const log = logs.get(device) ?? { places: new Map(), refused: new Map(), orders: new Map() };
    for (const said of entries) {
      const wasRefused = said.eitherSha256 !== undefined && said.keys.every((key) => !log.places.has(key));
      const entry = wasRefused ? { ...said, refusedSha256: said.eitherSha256 } : said;
      const audit = entry.refusedSha256 === undefined ? auditAccepted : auditRefused;
      audit(device, entry, log, findings);
      const accepted = entry.acknowledged && entry.acknowledged.reasonCode < 0x80;
      if (entry.refusedSha256 !== undefined && accepted && entry.acknowledged?.receipt !== undefined) {
        findings.add('taken though it must be refused', `${device} sha256 ${entry.refusedSha256}`);
      }
    }
    auditOrder(device, entries, log, findings);
  }
  return findings.list();
};

/** Positions of a log in PostgreSQL count from 1 without gaps. */
export const auditPositions = (positions: Iterable<string>): string[] => {
  let expected = 1;
  for (const position of positions) {
    if (Number(position) !== expected) return [`positions: after ${expected - 1} comes ${position}`];
    expected += 1;
  }
  return [];
};
