import { type OpenedEventLog, openEventLog } from '../event-log/open.ts';
import { checkDatabase } from '../runtime/check-database.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import { visitEmbeddedPostgres } from '../runtime/visit-embedded.ts';

export interface Visited {
  /** Where log and read models are: PostgreSQL's address, the log's own where EVENT_LOG_URL names one. */
  url: string;
  opened: OpenedEventLog;
}

/** The log's address, the hub's own PostgreSQL started for it where nobody else has. */
export const atDatabase = async <T>(
  config: Config,
  options: { mayCreate?: boolean },
  work: (url: string) => Promise<T>,
): Promise<T> => {
  const given = config.EVENT_LOG_URL ?? config.DATABASE_URL;
  if (given !== undefined) {
    const variable = config.EVENT_LOG_URL === undefined ? 'DATABASE_URL' : 'EVENT_LOG_URL';
    if (given.startsWith('postgres')) await checkDatabase(given, variable);
    return work(given);
  }
  const visit = await visitEmbeddedPostgres(config.HUB_DATA_DIR, options);
  try {
    return await work(visit.url);
  } finally {
    await visit.stop();
  }
};

/** Opens the log for reading, beside a hub that may be running. */
export const visitLog = <T>(config: Config, work: (visited: Visited) => Promise<T>): Promise<T> =>
  atDatabase(config, {}, async (url) => {
    const opened = await openEventLog(url, {
      clock: systemClock,
      retentionDays: config.HUB_TELEMETRY_RETENTION_DAYS,
      readOnly: true,
    });
    try {
      return await work({ url, opened });
    } finally {
      await opened.log.close();
    }
  });
