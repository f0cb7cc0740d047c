/** What the hub tells of one message, as far as a report looks at it. */
export interface WatchedMessage {
  at: string;
  topic: string;
  outcome: string;
  reason: string | null;
  code: string | null;
  field: string | null;
  events: { type: string; occurredAt: string; clock: string; sourceId: string | null; data: Record<string, unknown> }[];
}

export interface Watched {
  seconds: number;
  silentAfterSeconds: number;
  /** The device's own, the oldest first. */
  messages: readonly WatchedMessage[];
  /** Why its connections ended within the watch: `will`, `connection-lost`, `goodbye` … */
  departures: readonly string[];
}

export interface Finding {
  check: 'messages' | 'refusals' | 'heartbeats' | 'time' | 'units' | 'duplicates' | 'gaps' | 'will';
  /** `unseen`: nothing happened by which it could be told. */
  verdict: 'pass' | 'warn' | 'fail' | 'unseen';
  text: string;
}

const finding = (check: Finding['check'], verdict: Finding['verdict'], text: string): Finding => ({
  check,
  verdict,
  text,
});
const eventsOf = ({ messages }: Watched) =>
  messages.flatMap(({ at, events }) => events.map((event) => ({ ...event, at })));

const ofMessages = ({ messages, seconds }: Watched): Finding =>
  messages.length === 0
    ? finding('messages', 'fail', `nothing was heard in ${seconds} s: is it connected, and does it publish?`)
    : finding('messages', 'pass', `${messages.length} messages in ${seconds} s`);

const ofRefusals = ({ messages }: Watched): Finding => {
  const refused = messages.filter(({ outcome }) => outcome === 'refused');
  const [first] = refused;
  if (first === undefined) return finding('refusals', 'pass', 'no message was refused');
  const where = first.field === null ? '' : ` at ${first.field}`;
  return finding('refusals', 'fail', `${refused.length} refused, first ${first.code}${where}: ${first.reason}`);
};

/** The device may be silent for a third of the limit, so that two messages may get lost before it counts as down. */
const ofHeartbeats = ({ messages, seconds, silentAfterSeconds }: Watched): Finding => {
  const dueSeconds = silentAfterSeconds / 3;
  const atMs = messages.map(({ at }) => Date.parse(at));
  const gaps = atMs.slice(1).map((ms, index) => (ms - atMs[index]!) / 1000);
  const longest = Math.round(Math.max(0, ...gaps));
  if (longest > silentAfterSeconds) {
    return finding('heartbeats', 'fail', `silent for ${longest} s, and down after ${silentAfterSeconds} s`);
  }
  if (longest > dueSeconds) {
    return finding('heartbeats', 'warn', `silent for ${longest} s; say something at least every ${dueSeconds} s`);
  }
  return seconds < dueSeconds
    ? finding('heartbeats', 'unseen', `watch for ${Math.ceil(dueSeconds)} s or longer to see its heartbeat`)
    : finding('heartbeats', 'pass', `never silent for more than ${longest} s`);
};

const skewSecondsMax = 60;

const ofTime = (watched: Watched): Finding => {
  const events = eventsOf(watched);
  if (events.length === 0) return finding('time', 'unseen', 'no event had a time to look at');
  const untimed = events.filter(({ clock }) => clock === 'untrusted');
  const skews = events
    .filter(({ clock }) => clock !== 'untrusted')
    .map(({ at, occurredAt }) => Math.round((Date.parse(at) - Date.parse(occurredAt)) / 1000));
  const worst = skews.reduce((most, skew) => (Math.abs(skew) > Math.abs(most) ? skew : most), 0);
  if (Math.abs(worst) > skewSecondsMax) {
    const which = worst > 0 ? 'old' : 'ahead';
    return finding('time', 'warn', `events up to ${Math.abs(worst)} s ${which}: a clock that is wrong, or a queue`);
  }
  return untimed.length > 0
    ? finding('time', 'warn', `${untimed.length} of ${events.length} events without a time to believe: set its clock`)
    : finding('time', 'pass', `every event has its time, within ${Math.abs(worst)} s of the hub's`);
};

/** Values that fit the contract and look like another unit. */
const suspicions: readonly { quantity: RegExp; isOdd(values: number[]): boolean; remedy: string }[] = [
  {
    quantity: /Percent$/,
    isOdd: (values) => values.every((value) => value > 0 && value <= 1),
    remedy: 'a fraction of 1? Send 0 to 100',
  },
  { quantity: /C$/, isOdd: (values) => values.some((value) => value > 200), remedy: 'kelvin or tenths? Send °C' },
  {
    quantity: /voltage.*V$|batteryV$/i,
    isOdd: (values) => values.some((value) => value > 1_000),
    remedy: 'millivolts? Send V',
  },
];

const ofUnits = (watched: Watched): Finding => {
  const byQuantity = new Map<string, number[]>();
  for (const { type, data } of eventsOf(watched)) {
    if (type !== 'sensor.measured') continue;
    for (const [quantity, value] of Object.entries((data as { values: object }).values)) {
      if (typeof value === 'number') byQuantity.set(quantity, [...(byQuantity.get(quantity) ?? []), value]);
    }
  }
  if (byQuantity.size === 0) return finding('units', 'unseen', 'it measured nothing');
  for (const [quantity, values] of byQuantity) {
    const odd = suspicions.find((suspicion) => suspicion.quantity.test(quantity) && suspicion.isOdd(values));
    if (odd !== undefined) return finding('units', 'warn', `${quantity} is ${values[0]}: ${odd.remedy}`);
  }
  return finding('units', 'pass', `${[...byQuantity.keys()].join(', ')} look right`);
};

const ofDuplicates = ({ messages }: Watched): Finding => {
  const known = messages.filter(({ reason }) => reason === 'known-already').length;
  return known === 0
    ? finding('duplicates', 'pass', 'nothing was said twice')
    : finding('duplicates', 'warn', `${known} messages were said again; the hub keeps one of each`);
};

const ofGaps = (watched: Watched): Finding => {
  const counters = eventsOf(watched).flatMap(({ sourceId }) => {
    const counter = sourceId?.match(/^seq:(\d+)$/)?.[1];
    return counter === undefined ? [] : [Number(counter)];
  });
  if (counters.length < 2) return finding('gaps', 'unseen', 'it sends no seq, by which lost messages would show');
  const lost = counters.slice(1).reduce((sum, seq, index) => sum + Math.max(0, seq - counters[index]! - 1), 0);
  return lost === 0
    ? finding('gaps', 'pass', `seq ran from ${counters[0]} to ${counters.at(-1)} without a gap`)
    : finding('gaps', 'fail', `${lost} messages are missing between seq ${counters[0]} and ${counters.at(-1)}`);
};

const ofWill = ({ departures }: Watched): Finding => {
  if (departures.includes('will')) return finding('will', 'pass', 'its will told that it was cut off');
  return departures.some((reason) => reason === 'connection-lost' || reason === 'keepalive')
    ? finding('will', 'warn', "it was cut off and left no will: set one on its status topic, or on its dialect's")
    : finding('will', 'unseen', 'cut its power while this runs to see its will');
};

/** What an integrator should mend before the device is handed over. */
export const conformanceOf = (watched: Watched): Finding[] =>
  [ofMessages, ofRefusals, ofHeartbeats, ofTime, ofUnits, ofDuplicates, ofGaps, ofWill].map((look) => look(watched));
