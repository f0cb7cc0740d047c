import { type Compound, changed, type Device } from '../../registry/registry.ts';
import type { RegisterRow } from './fold.ts';

/** How something stood in the register from an instant on; the next version ends it. */
export interface Version<State> {
  fromMs: number;
  state: State;
}

export interface RegisteredState {
  device: Device;
  registeredAtMs: number;
  isRetired: boolean;
}

/**
 * A change holds from its own instant on. One that was told later wins over what was told before it, also over a change
 * that took effect after it: a correction backwards holds until today, as it does in the register itself.
 */
const stateAt = <State>(
  rows: readonly RegisterRow[],
  atMs: number,
  evolve: (state: State | undefined, row: RegisterRow) => State | undefined,
): State | undefined => {
  let state: State | undefined;
  for (const row of rows) if (row.atMs <= atMs) state = evolve(state, row);
  return state;
};

const versionsOf = <State>(
  rows: readonly RegisterRow[],
  evolve: (state: State | undefined, row: RegisterRow) => State | undefined,
): Version<State>[] => {
  const told = [...rows].sort((a, b) => a.revision - b.revision);
  const instants = [...new Set(told.map(({ atMs }) => atMs))].sort((a, b) => a - b);
  return instants.flatMap((fromMs) => {
    const state = stateAt(told, fromMs, evolve);
    return state === undefined ? [] : [{ fromMs, state }];
  });
};

/** All of one device's rows. Before its registration there is no version. */
export const deviceVersions = (rows: readonly RegisterRow[]): Version<RegisteredState>[] =>
  versionsOf<RegisteredState>(rows, (state, { type, atMs, data }) => {
    if (type === 'device.registered') {
      return { device: data as unknown as Device, registeredAtMs: atMs, isRetired: false };
    }
    if (state === undefined) return undefined;
    return type === 'device.retired'
      ? { ...state, isRetired: true }
      : { ...state, device: changed(state.device, data) };
  });

/** All of one compound's rows. What was first registered of it stands for the time before too. */
export const compoundVersions = (rows: readonly RegisterRow[]): Version<Compound>[] =>
  versionsOf<Compound>(
    rows.map((row) => (row.type === 'compound.registered' ? { ...row, atMs: Number.NEGATIVE_INFINITY } : row)),
    (state, { type, data }) =>
      type === 'compound.registered' ? (data as unknown as Compound) : state && changed(state, data),
  );

export const versionAt = <State>(versions: readonly Version<State>[], atMs: number): State | undefined =>
  versions.findLast(({ fromMs }) => fromMs <= atMs)?.state;
