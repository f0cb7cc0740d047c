import { destination, type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on standard error, so that what the hub says to a person stays readable on standard output. */
export const createLogger = (level: string): Logger => pino({ level, base: null }, destination(2));

export const silentLogger: Logger = pino({ level: 'silent' });
