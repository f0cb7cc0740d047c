import { openEventLog } from '../../services/event-log/open.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import { type AuditedEvent, auditLog, auditPositions } from './audit-log.ts';
import { auditReadModels } from './audit-read-models.ts';
import type { Ledger } from './ledger.ts';
import { keyOf } from './speech.ts';

const pageMax = 2_000;

export interface AuditedStorage {
  databaseUrl: string;
  /** Left out, the log lies in the same database. */
  logUrl?: string;
}

export interface Audited {
  found: string[];
  /** Figures for the line that says what was done. */
  summary: string;
}

const wantedOf = (event: { type: string; data: unknown }): string | undefined =>
  event.type === 'ingest.payload-refused' ? (event.data as { sha256: string }).sha256 : undefined;

/** Every rule over one hub's storage, while no hub runs on it. */
export const audit = async (ledger: Ledger, { databaseUrl, logUrl }: AuditedStorage): Promise<Audited> => {
  const inPostgres = logUrl === undefined;
  const { log, verify } = await openEventLog(logUrl ?? databaseUrl, { clock: systemClock, readOnly: true });
  const pool = openPool(databaseUrl, { maxConnections: 4, statementTimeoutSeconds: 600 });
  try {
    const events: AuditedEvent[] = [];
    for (let from: string | null = null; ; ) {
      const page = await log.readAll(from, pageMax);
      if (page.length === 0) break;
      for (const event of page) {
        const { id, position, stream, type, meta } = event;
        events.push({
          id,
          position,
          stream,
          type,
          device: meta.device,
          key: keyOf(event),
          refusedSha256: wantedOf(event),
        });
      }
      from = page.at(-1)!.position;
    }
    const found = auditLog(ledger, events, { order: inPostgres ? 'per-device' : 'per-stream' });
    if (inPostgres) found.push(...auditPositions(events.map(({ position }) => position)));
    const verdict = await verify();
    if (!verdict.ok) found.push(`the chain of hashes breaks at ${verdict.brokenAt}: ${verdict.reason}`);
    const models = await auditReadModels(log, pool, transact(pool));
    found.push(...models.found);
    const { messages, acknowledged, refused, sentAgain } = ledger.counts();
    const summary = [
      `${messages} messages, ${acknowledged} acknowledged (${refused} of them refused), ${sentAgain} sent again`,
      `${events.length} events in the log, ${models.rows} rows of read models`,
    ].join('; ');
    return { found, summary };
  } finally {
    await log.close();
    await pool.end();
  }
};
