import { createHash } from 'node:crypto';
import { connectHub, type HubClient, HubRefused } from '../client/hub-client.ts';
import type { WorkOrderDetail, WorkOrderItem } from '../projections/work-order-board/board.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { type OrderSeen, type ShiftAct, shiftActs } from './people.ts';
import { type DemoCompound, responsibleFor } from './world.ts';

const user = 'zhiban';
const everyMs = 2000;
const ordersMax = 200;

export interface ShiftParts {
  hubUrl: string;
  /** The admin's, who opens the shift's account. */
  admin: HubClient;
  adminPassword: string;
  world: readonly DemoCompound[];
  clock: Clock;
  logger: Logger;
}

/** The same at every start on the same data, and known to nobody who does not know the admin's. */
const passwordOf = (adminPassword: string): string =>
  createHash('sha256').update(`${user} ${adminPassword}`).digest('base64url');

const openAccount = async (admin: HubClient, password: string): Promise<void> => {
  try {
    await admin.post('/api/accounts', { user, role: 'operator', password });
  } catch (error) {
    if (!(error instanceof HubRefused && error.code === 'account.exists')) throw error;
  }
};

/** Orders of the compound, with who acted on them; an order that nobody has touched needs no second look. */
const ordersSeen = async (hub: HubClient, compound: string): Promise<OrderSeen[]> => {
  const { items } = await hub.get<{ items: WorkOrderItem[] }>(
    `/api/work-orders?state=open&compound=${compound}&limit=${ordersMax}`,
  );
  return Promise.all(
    items.map(async (item): Promise<OrderSeen> => {
      if (item.state === 'raised') return { ...item, lastStepAt: item.raisedAt, touchedByVisitor: false };
      const { timeline } = await hub.get<WorkOrderDetail>(`/api/work-orders/${item.id}`);
      const people = timeline.filter(({ actor }) => actor?.startsWith('user:'));
      return {
        ...item,
        lastStepAt: timeline.at(-1)?.at ?? item.raisedAt,
        touchedByVisitor: people.some(({ actor }) => actor !== `user:${user}`),
      };
    }),
  );
};

const carryOut = async (hub: HubClient, logger: Logger, { order, command, body }: ShiftAct): Promise<void> => {
  try {
    await hub.post(`/api/work-orders/${order}/${command}`, body);
  } catch (error) {
    // Somebody was faster, or the device reported the fault again: at the next look the order stands otherwise.
    if (!(error instanceof HubRefused) || error.status === 401) throw error;
    logger.debug({ order, command, reason: error.message }, 'the shift was refused');
  }
};

/** The simulated shift (值班员), who works through the API like anybody else. Answers how to send it home. */
export const startShift = async (parts: ShiftParts): Promise<() => Promise<void>> => {
  const { hubUrl, admin, world, clock, logger } = parts;
  const password = passwordOf(parts.adminPassword);
  await openAccount(admin, password);
  let hub = await connectHub(hubUrl, user, password);

  const round = async (): Promise<void> => {
    for (const compound of world) {
      const seen = await ordersSeen(hub, compound.compound.id);
      const acts = shiftActs(seen, clock.now(), (device) => responsibleFor(compound, device));
      for (const act of acts) await carryOut(hub, logger, act);
    }
  };
  const roundOrLogin = async (): Promise<void> => {
    try {
      await round();
    } catch (error) {
      if (!(error instanceof HubRefused && error.status === 401)) throw error;
      // A session lasts twelve hours, a shift in a demo may be longer.
      hub = await connectHub(hubUrl, user, password);
    }
  };

  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= roundOrLogin()
      .catch((error) => logger.warn({ err: error }, 'the shift could not work'))
      .finally(() => {
        running = undefined;
      });
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
};
