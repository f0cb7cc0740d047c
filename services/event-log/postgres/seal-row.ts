import type { Part } from '../chain.ts';
import type { Seal } from '../verify-chain.ts';

export const sealColumns = 'first_position, last_position, root, hash, parts';

export interface SealRow extends Record<'first_position' | 'last_position' | 'root' | 'hash', string> {
  parts: Part[] | null;
}

export const sealOf = ({ first_position, last_position, root, hash, parts }: SealRow): Seal => ({
  ...{ firstPosition: Number(first_position), lastPosition: Number(last_position), root, parts, hash },
});
