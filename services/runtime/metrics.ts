import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Counts one per call, and tells the counter when somebody reads it: prom-client checks and hashes the labels at every
 * `inc`, which a message that is taken in forty thousand times a second can't afford. One such counting per counter.
 */
export const countByLabels = (counter: Counter): ((...labels: string[]) => void) => {
  const counts = new Map<string, { labels: string[]; count: number }>();
  let latest: { labels: string[]; count: number } | undefined;
  Object.assign(counter, {
    collect: () => {
      for (const entry of counts.values()) {
        if (entry.count > 0) counter.inc(labelsOf(counter, entry.labels), entry.count);
        entry.count = 0;
      }
    },
  });
  return (...labels) => {
    // Nearly always the same ones as before: a key is made of them only when they change.
    if (latest?.labels.every((label, index) => label === labels[index])) {
      latest.count += 1;
      return;
    }
    const key = labels.length === 1 ? labels[0]! : labels.join('\0');
    latest = counts.get(key) ?? { labels, count: 0 };
    counts.set(key, latest);
    latest.count += 1;
  };
};

const labelsOf = (counter: Counter, values: string[]): Record<string, string> => {
  const { labelNames } = counter as unknown as { labelNames: string[] };
  return Object.fromEntries(labelNames.map((name, index) => [name, values[index]!]));
};

const metricsOfTheLog = (registers: Registry[]) => ({
  diskFreeBytes: new Gauge({
    name: 'hub_log_disk_free_bytes',
    help: 'Free space on the disk that holds the event log, where that is on this machine',
    registers,
  }),
  diskRefusing: new Gauge({
    name: 'hub_log_disk_refusing',
    help: '1 while nothing is taken in from devices because the disk is nearly full, else 0',
    registers,
  }),
  logRetentionLastRun: new Gauge({
    name: 'hub_log_retention_last_run_timestamp_seconds',
    help: 'When telemetry past its retention was last looked for in the event log',
    registers,
  }),
  logHeadPublished: new Gauge({
    name: 'hub_log_head_published_timestamp_seconds',
    help: 'When a new head of the event log was last told, by where',
    labelNames: ['target'] as const,
    registers,
  }),
  logHeadFailing: new Gauge({
    name: 'hub_log_head_failing',
    help: '1 while the head of the event log cannot be told there, else 0',
    labelNames: ['target'] as const,
    registers,
  }),
});

const metricsOfTheRater = (registers: Registry[]) => ({
  ratingOldestSeconds: new Gauge({
    name: 'hub_rating_oldest_age_seconds',
    help: "Age of the oldest of all compounds' newest ratings; a healthy rater keeps it below an hour",
    registers,
  }),
  ratingSeconds: new Histogram({
    name: 'hub_rating_seconds',
    help: 'What the rater spent on one compound',
    buckets: [0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 5],
    registers,
  }),
});

const metricsOfTheIngest = (registers: Registry[]) => ({
  messages: new Counter({
    name: 'hub_messages_total',
    help: 'MQTT messages taken in, by what became of them',
    labelNames: ['outcome', 'reason', 'dialect'] as const,
    registers,
  }),
  events: new Counter({
    name: 'hub_events_total',
    help: 'Events recorded by the ingest, by type',
    labelNames: ['type'] as const,
    registers,
  }),
  acknowledgeSeconds: new Histogram({
    name: 'hub_acknowledge_seconds',
    help: 'From a message read to its outcome known, the commit included',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  }),
  ingestFailures: new Counter({
    name: 'hub_ingest_failures_total',
    help: 'Messages that the log or the database could not take; they were not acknowledged',
    registers,
  }),
  rawMessagesNotKept: new Counter({
    name: 'hub_raw_messages_not_kept_total',
    help: 'Recorded messages whose bytes were not kept beside their events, because more came than could be written',
    registers,
  }),
});

/** All metrics of one hub process; names follow Prometheus' conventions (base unit last, `_total` for counters). */
export const createMetrics = () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    connections: new Gauge({ name: 'hub_mqtt_connections', help: 'Open MQTT connections', registers }),
    connectionsRefused: new Counter({
      name: 'hub_mqtt_connections_refused_total',
      help: 'MQTT connections or packets refused before a payload was read',
      labelNames: ['reason'] as const,
      registers,
    }),
    overQuota: new Counter({
      name: 'hub_mqtt_over_quota_total',
      help: 'MQTT messages over the quota of their device, gateway or compound, refused or made to wait',
      labelNames: ['scope', 'answer'] as const,
      registers,
    }),
    projectionLagSeconds: new Gauge({
      name: 'hub_projection_lag_seconds',
      help: 'Receive time of the newest event applied, against now; 0 when nothing is waiting',
      labelNames: ['projection'] as const,
      registers,
    }),
    projectionFailing: new Gauge({
      name: 'hub_projection_failing',
      help: '1 while a projection fails and tries again, else 0',
      labelNames: ['projection'] as const,
      registers,
    }),
    projectionEvents: new Counter({
      name: 'hub_projection_events_total',
      help: 'Events that a projection was handed',
      labelNames: ['projection'] as const,
      registers,
    }),
    ready: new Gauge({
      name: 'hub_ready',
      help: '1 when this process is ready as /health/ready tells it, else 0; looked up at every scrape',
      registers,
    }),
    ...{ ...metricsOfTheLog(registers), ...metricsOfTheIngest(registers), ...metricsOfTheRater(registers) },
    timeSeriesPolicyOverdue: new Gauge({
      name: 'hub_time_series_policy_overdue',
      help: '1 while nobody carried a policy of the readings out in time',
      labelNames: ['policy'] as const,
      registers,
    }),
    timeSeriesPolicyTakenOver: new Gauge({
      name: 'hub_time_series_policy_taken_over',
      help: '1 while the hub does the work of a TimescaleDB job that is late or failing',
      labelNames: ['policy'] as const,
      registers,
    }),
    timeSeriesPolicyLastRun: new Gauge({
      name: 'hub_time_series_policy_last_run_timestamp_seconds',
      help: 'When a policy of the readings was last carried out',
      labelNames: ['policy'] as const,
      registers,
    }),
  };
};

export type Metrics = ReturnType<typeof createMetrics>;
