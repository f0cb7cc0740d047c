import type { Device } from './registry.ts';

/** How one device hangs on another, in the order in which a loss explains a silence. */
const fields = ['gateway', 'uplink', 'poweredBy'] as const;
type Field = (typeof fields)[number];
const aboveOf = (device: Pick<Device, Field>): { id: string; field: Field }[] =>
  fields.flatMap((field) => {
    const id = device[field];
    return id === undefined ? [] : [{ id, field }];
  });

/** Devices to be registered in turn: each after those of the list that it hangs on. What hangs on itself is left. */
export const inTurns = <T extends Pick<Device, 'id' | Field>>(devices: readonly T[]): { turns: T[][]; left: T[] } => {
  const turns: T[][] = [];
  let left = [...devices];
  for (;;) {
    const waiting = new Set(left.map(({ id }) => id));
    const isFree = (device: T): boolean => aboveOf(device).every(({ id }) => !waiting.has(id));
    const turn = left.filter(isFree);
    if (turn.length === 0) return { turns, left };
    turns.push(turn);
    left = left.filter((device) => !isFree(device));
  }
};

type Hanging = Pick<Device, 'id' | Field> & { retiredAt: string | null };

/** Which device is heard, connected or fed through which, kept with every device that is put into the index. */
export const createHanging = () => {
  const above = new Map<string, { id: string; field: Field }[]>();
  const beneath = new Map<string, Set<string>>();
  return {
    put(before: Hanging | undefined, device: Hanging): void {
      const ups = aboveOf(device);
      // Most hang on nothing, and an empty list for each of a city's devices is worth leaving out.
      if (ups.length > 0) above.set(device.id, ups);
      else above.delete(device.id);
      for (const { id } of before === undefined ? [] : aboveOf(before)) beneath.get(id)?.delete(device.id);
      if (device.retiredAt !== null) return;
      for (const { id } of ups) {
        beneath.set(id, (beneath.get(id) ?? new Set<string>()).add(device.id));
      }
    },
    /** What a device hangs on, directly or through others: the nearest first, each once. */
    hangsOn(id: string): { id: string; field: Field }[] {
      const found = new Map<string, Field>();
      let level = [id];
      while (level.length > 0) {
        const nextLevel = level.flatMap((each) => above.get(each) ?? []);
        level = [];
        for (const next of nextLevel) {
          if (next.id === id || found.has(next.id)) continue;
          found.set(next.id, next.field);
          level.push(next.id);
        }
      }
      return [...found].map(([each, field]) => ({ id: each, field }));
    },
    /** Everything that hangs on a device, directly or through others. */
    hangingOn(id: string): string[] {
      const found = new Set<string>();
      const left = [id];
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        for (const child of beneath.get(next) ?? []) {
          if (child === id || found.has(child)) continue;
          found.add(child);
          left.push(child);
        }
      }
      return [...found];
    },
  };
};
