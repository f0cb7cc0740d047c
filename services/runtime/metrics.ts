import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** All metrics of one hub process; names follow Prometheus' conventions (base unit last, `_total` for counters). */
export const createMetrics = () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
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
    connections: new Gauge({ name: 'hub_mqtt_connections', help: 'Open MQTT connections', registers }),
    connectionsRefused: new Counter({
      name: 'hub_mqtt_connections_refused_total',
      help: 'MQTT connections or packets refused before a payload was read',
      labelNames: ['reason'] as const,
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
      help: 'Events that went past a projection',
      labelNames: ['projection'] as const,
      registers,
    }),
    ready: new Gauge({
      name: 'hub_ready',
      help: '1 when this process is ready as /health/ready tells it, else 0; looked up at every scrape',
      registers,
    }),
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
