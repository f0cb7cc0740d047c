import { z } from 'zod';
import { registryId } from '../registry/registry.ts';
import { isoTime } from '../runtime/clock.ts';
import { instant } from '../runtime/schema.ts';
import type { ApiParts } from './api-parts.ts';
import type { Account } from './operation.ts';

export const idParams = z.strictObject({ id: registryId });

/** `limit` and `cursor` of every list. */
export const paging = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(200).optional(),
};

/** From when on a change of the register holds; left out, from now on. */
export const effective = z.strictObject({ effectiveFrom: instant.optional() });

/** A stream's revision as text, where reading begins. */
export const revisionText = z.coerce.number().int('a whole number from 0 on').min(0).max(2_147_483_647);

/** Who did it and when, for the events of a command. */
export const commandMeta = (parts: Pick<ApiParts, 'clock'>, account: Account) => ({
  occurredAt: isoTime(parts.clock.now()),
  actor: `user:${account.user}`,
});
