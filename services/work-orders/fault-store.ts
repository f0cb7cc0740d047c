import type { RecordedEvent } from '../event-log/event.ts';
import { isoTime } from '../runtime/clock.ts';
import type { FaultMemory, RoutingRules, StormState } from './fault-draft.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { FaultPolicy } from './fault-policy.ts';
import { type FaultRecord, faultKey } from './fault-routing.ts';
import { type MaintenanceWindow, maintenanceStream } from './maintenance.ts';

/** Where the router keeps what it remembers. */
export interface FaultStore {
  recordsOf(devices: readonly string[]): Promise<FaultRecord[]>;
  /** Records for which an order or a window stands. */
  heldBy(refs: readonly string[]): Promise<FaultRecord[]>;
  stormsOf(compounds: readonly string[]): Promise<StormState[]>;
  /** Windows that end after an instant. */
  windowsOf(compounds: readonly string[], since: string): Promise<MaintenanceWindow[]>;
  write(plan: FaultPlan): Promise<void>;
}

const ended = ['work-order.closed', 'work-order.cancelled'];
/** Longest that a timer runs, as a policy may set it. */
const timerMs = 31 * 86_400_000;

/** Types by which what hangs on each other is judged together. */
const kinTypes = ({ rules }: FaultPolicy): Set<string> =>
  new Set([
    ...['fault.came-due', 'maintenance.cancelled'],
    ...rules
      .filter(({ silence, covers }) => silence || covers.length > 0)
      .flatMap(({ on, clearedBy }) => [on.type, ...clearedBy.map(({ type }) => type)]),
  ]);

const withKin = ({ deviceOf, hangingOn }: RoutingRules, devices: Iterable<string>): Set<string> => {
  const kin = new Set<string>();
  for (const device of devices) {
    for (const above of [device, ...(deviceOf(device)?.hangsOn ?? []).map(({ id }) => id)]) {
      if (kin.has(above) && above !== device) continue;
      kin.add(above);
      for (const beneath of hangingOn?.(above) ?? []) kin.add(beneath);
    }
  }
  return kin;
};

const refsOf = (events: readonly RecordedEvent[]): string[] =>
  events.flatMap(({ type, stream }) => {
    if (ended.includes(type)) return [stream.slice('work-order-'.length)];
    return type === 'maintenance.cancelled' ? [stream.slice(maintenanceStream('').length)] : [];
  });

/** Everything that a batch may touch. */
export const readMemory = async (
  store: FaultStore,
  rules: RoutingRules,
  events: readonly RecordedEvent[],
): Promise<FaultMemory> => {
  const compounds = [...new Set(events.flatMap(({ meta }) => meta.compound ?? []))];
  const storms = await store.stormsOf(compounds);
  const earliest = events.map(({ meta }) => meta.occurredAt).sort()[0] ?? '';
  const since = earliest === '' ? '' : isoTime(Date.parse(earliest) - timerMs);
  const windows = await store.windowsOf(compounds, since);
  const dissolving = events.some(({ type }) => type === 'fault.storm-came-due')
    ? storms.flatMap(({ groups }) => Object.values(groups).map(({ order }) => order))
    : [];
  const held = await store.heldBy([...refsOf(events), ...dissolving]);
  const types = kinTypes(rules.policy);
  const spoken = events.flatMap(({ meta }) => meta.device ?? []);
  const withRelatives = events.filter(({ type }) => types.has(type)).flatMap(({ meta }) => meta.device ?? []);
  const devices = new Set([
    ...spoken,
    ...withKin(rules, [...withRelatives, ...held.map(({ device }) => device)]),
    ...storms.flatMap(({ recent }) => recent.map(({ device }) => device)),
  ]);
  const records = await store.recordsOf([...devices]);
  // Whatever hung on a device when it fell silent is let go when it is back, wherever it hangs by then.
  const covering = records.flatMap(({ openOrder, rule }) =>
    openOrder !== null && rule?.covers.length ? [openOrder] : [],
  );
  const beneath = await store.heldBy(covering);
  const all = new Map([...held, ...beneath, ...records].map((record) => [faultKey(record), record]));
  return { records: [...all.values()], storms, windows };
};

/** A memory that lives as long as a back-test, or a test. */
export const createMemoryStore = () => {
  const byDevice = new Map<string, Map<string, FaultRecord>>();
  const byRef = new Map<string, Map<string, FaultRecord>>();
  const storms = new Map<string, StormState>();
  const windows = new Map<string, MaintenanceWindow>();

  const keep = (
    index: typeof byDevice,
    at: string | null | undefined,
    key: string,
    record: FaultRecord | null,
  ): void => {
    if (at == null) return;
    const found = index.get(at) ?? new Map<string, FaultRecord>();
    if (record === null) found.delete(key);
    else found.set(key, record);
    if (found.size === 0) index.delete(at);
    else index.set(at, found);
  };
  const put = (record: FaultRecord): void => {
    const key = faultKey(record);
    keep(byRef, byDevice.get(record.device)?.get(key)?.wait?.ref, key, null);
    keep(byDevice, record.device, key, record);
    keep(byRef, record.wait?.ref, key, record);
  };
  const store: FaultStore = {
    recordsOf: async (devices) => devices.flatMap((device) => [...(byDevice.get(device)?.values() ?? [])]),
    heldBy: async (refs) => refs.flatMap((ref) => [...(byRef.get(ref)?.values() ?? [])]),
    stormsOf: async (compounds) => compounds.flatMap((compound) => storms.get(compound) ?? []),
    windowsOf: async (compounds, since) =>
      [...windows.values()].filter(({ compound, to }) => compounds.includes(compound) && to > since),
    write: async (plan) => {
      for (const record of plan.records) put(record);
      for (const storm of plan.storms) storms.set(storm.compound, storm);
      for (const window of plan.windows) windows.set(window.id, window);
    },
  };
  return {
    store,
    rows: (): FaultRecord[] => [...byDevice.values()].flatMap((records) => [...records.values()]),
    storms: (): StormState[] => [...storms.values()],
    load(rows: readonly FaultRecord[], states: readonly StormState[] = []): void {
      byDevice.clear();
      byRef.clear();
      storms.clear();
      for (const row of rows) put(row);
      for (const state of states) storms.set(state.compound, state);
    },
  };
};
