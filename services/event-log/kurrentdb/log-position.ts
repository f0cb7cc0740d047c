import type { Position } from '../event.ts';

/** Where a record stands in the server's transaction file. */
export interface LogPosition {
  commit: bigint;
  prepare: bigint;
}

export const positionText = ({ commit, prepare }: LogPosition): Position => `${commit}/${prepare}`;

/** Throws `RangeError` for a position of another log. */
export const parsePosition = (position: Position): LogPosition => {
  const [, commit, prepare] = /^(\d{1,19})\/(\d{1,19})$/.exec(position) ?? [];
  if (commit === undefined || prepare === undefined) {
    throw new RangeError(`"${position}" is not a position of this log`);
  }
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
};

export const comparePositions = (a: LogPosition, b: LogPosition): number => {
  const difference = a.commit === b.commit ? a.prepare - b.prepare : a.commit - b.commit;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};
