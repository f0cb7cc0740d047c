import { Counter, Gauge, type Registry } from 'prom-client';

/** The bridge's metrics, beside the ingest's own, which count its messages too. */
export const createBridgeMetrics = (registry: Registry, unanswered: () => number) => {
  const registers = [registry];
  return {
    connected: new Gauge({
      name: 'hub_bridge_connected',
      help: '1 while the bridge is connected to the outside broker and subscribed',
      registers,
    }),
    unanswered: new Gauge({
      name: 'hub_bridge_unanswered_messages',
      help: 'Messages of the broker on their way to the log',
      registers,
      collect() {
        this.set(unanswered());
      },
    }),
    sessionsLost: new Counter({
      name: 'hub_bridge_sessions_lost_total',
      help: 'Times the broker had forgotten the session, and with it what it kept for the hub',
      registers,
    }),
    drops: new Counter({
      name: 'hub_bridge_connections_dropped_total',
      help: 'Connections dropped without acknowledging because the log could not take a message',
      registers,
    }),
    brokerDropped: new Gauge({
      name: 'hub_bridge_broker_dropped_messages',
      help: 'Messages that Mosquitto says it has dropped since its start, of all its clients',
      registers,
    }),
    untold: new Counter({
      name: 'hub_bridge_untold_total',
      help: 'Refusals and work orders that could not be published through the broker',
      registers,
    }),
  };
};

export type BridgeMetrics = ReturnType<typeof createBridgeMetrics>;
