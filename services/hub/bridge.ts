import { type Bridge, startBridge } from '../ingest/bridge/bridge.ts';
import { bridgeSettings } from '../ingest/bridge/settings.ts';
import { publishWorkOrders } from '../ingest/work-order-topic.ts';
import { systemClock } from '../runtime/clock.ts';
import { type Base, type Intake, lifeSignSeconds } from './intake.ts';
import { gapEvents } from './outage.ts';

/** The bridge to an outside broker, where HUB_BRIDGE_URL names one. Throws `StartRefused` for what a person can mend. */
export const connectBridge = async (base: Base, { ingest, dialects }: Intake): Promise<Bridge | undefined> => {
  const { config, logger, metrics, index, opened, closing } = base;
  const { HUB_BRIDGE_URL } = config;
  if (HUB_BRIDGE_URL === undefined) return undefined;
  const bridge = await startBridge(
    {
      ...{ ingest, index, logger, metrics },
      recordGap: async (compounds, from, to) => {
        await opened.log.append(gapEvents(compounds, { from, to, cause: 'bridge-disconnected' }));
      },
      clock: systemClock,
    },
    bridgeSettings({ ...config, HUB_BRIDGE_URL }, index, dialects),
  );
  const alive = setInterval(() => {
    ingest
      .stillConnected(bridge.connectedDevices())
      .catch((error) => logger.warn({ err: error }, 'could not record that the bridge is connected'));
  }, lifeSignSeconds * 1000);
  closing.addEventListener('abort', () => clearInterval(alive), { once: true });
  publishWorkOrders(opened.log, bridge.deliver, closing).catch((error) =>
    logger.error({ err: error }, 'work orders are not told through the broker any longer'),
  );
  return bridge;
};
