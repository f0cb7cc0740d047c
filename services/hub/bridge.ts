import { type Bridge, startBridge } from '../ingest/bridge/bridge.ts';
import { sessionExpirySeconds } from '../ingest/bridge/broker-connection.ts';
import { bridgeSettings } from '../ingest/bridge/settings.ts';
import { publishWorkOrders } from '../ingest/work-order-topic.ts';
import { healthOf } from '../projections/device-health/queries.ts';
import { systemClock } from '../runtime/clock.ts';
import { machineUptimeMs } from '../runtime/machine-uptime.ts';
import { type Base, type Intake, lifeSignSeconds } from './intake.ts';
import { gapEvents } from './outage.ts';
import type { Line } from './send-commands.ts';

/** Heard of within the life of a session, the gateway left one at the broker. */
const wasConnected = async ({ sql }: Base, gateway: string): Promise<boolean> => {
  const heardAt = (await healthOf(sql, [gateway])).get(gateway)?.lastHeardAt;
  return heardAt != null && systemClock.now() - Date.parse(heardAt) < sessionExpirySeconds * 1000;
};

/**
 * To devices behind the outside broker: those beneath its gateway, and those that spoke through it under their own
 * topics since the start. Whether one of them is there, only its own words tell.
 */
export const bridgeLine = (
  bridge: Pick<Bridge, 'carries' | 'deliver'>,
  availability: (device: string) => string | undefined,
): Line => ({
  reaches: ({ id, gateway }) => (bridge.carries(id) || bridge.carries(gateway ?? id)) && availability(id) !== 'offline',
  send: (_, { topic, payload }) => {
    bridge.deliver(topic, payload, 0);
    return true;
  },
});

/** The bridge to an outside broker, where HUB_BRIDGE_URL names one. Throws `StartRefused` for what a person can mend. */
export const connectBridge = async (base: Base, { ingest, dialects }: Intake): Promise<Bridge | undefined> => {
  const { config, logger, metrics, index, opened, closing } = base;
  const { HUB_BRIDGE_URL } = config;
  if (HUB_BRIDGE_URL === undefined) return undefined;
  const settings = bridgeSettings({ ...config, HUB_BRIDGE_URL }, index, dialects);
  const bridge = await startBridge(
    {
      ...{ ingest, index, logger, metrics },
      hadSession: await wasConnected(base, settings.gateway),
      recordGap: async (compounds, from, to) => {
        await opened.log.append(gapEvents(compounds, { from, to, cause: 'bridge-disconnected' }));
      },
      clock: systemClock,
      steadyMs: machineUptimeMs,
    },
    settings,
  );
  void bridge.inspect();
  const alive = setInterval(() => {
    ingest
      .stillConnected(bridge.connectedDevices())
      .catch((error) => logger.warn({ err: error }, 'could not record that the bridge is connected'));
  }, lifeSignSeconds * 1000);
  closing.addEventListener('abort', () => clearInterval(alive), { once: true });
  publishWorkOrders({
    ...{ log: opened.log, sql: base.sql, name: 'work-order-topic-bridge' as const, logger },
    deliver: bridge.deliver,
    clock: systemClock,
    signal: closing,
  });
  return bridge;
};
