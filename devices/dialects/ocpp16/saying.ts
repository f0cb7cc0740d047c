import { z } from 'zod';
import type { DeviceFact, DialectMessage } from '../../dialect.ts';
import { looseNumber } from '../../payload.ts';
import { timeFromIso } from '../../time.ts';

export const connectorId = looseNumber.pipe(
  z.int('a connector is a whole number; 0 is the whole post').min(0).max(1000),
);

/** Posts send 0 to 7 fraction digits, `Z`, an offset or none; an empty one counts as left out. */
export const timestamp = z
  .string()
  .refine((text) => text === '' || timeFromIso(text, 'UTC') !== undefined, {
    error: 'a time stamp, e.g. 2026-01-31T08:00:00Z',
  })
  .optional();

/** What all facts of one post share. */
export interface Saying {
  chargePoint: string;
  /** Who, and when if the post said so. */
  at(text: string | undefined): Pick<DeviceFact, 'externalId' | 'kind' | 'time'>;
}

export const sayingOf = ({ timeZone }: Pick<DialectMessage, 'timeZone'>, chargePoint: string): Saying => ({
  chargePoint,
  at(text) {
    const time = text === undefined ? undefined : timeFromIso(text, timeZone);
    return { externalId: chargePoint, kind: 'charging-post', ...(time === undefined ? {} : { time }) };
  },
});
