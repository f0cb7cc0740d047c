import { CorruptEvent } from '../stored-event.ts';

/**
 * Whether the same work may succeed on another connection: no SQLSTATE at all (the connection broke), or class
 * 08 connection, 53 resources, 55 object state, 57 operator intervention.
 */
export const isTransient = (error: unknown): boolean => {
  if (
    error instanceof RangeError ||
    error instanceof SyntaxError ||
    error instanceof TypeError ||
    error instanceof CorruptEvent
  )
    return false;
  const code = (error as { code?: unknown }).code;
  return typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || /^(08|53|55|57)/.test(code);
};
