import { Duplex } from 'node:stream';
import type { Chance } from './chance.ts';
import type { Scheduler } from './scheduler.ts';

/** The device's end of a connection. */
export interface Wire {
  /** `arrived` is called when the bytes are at the hub, if they ever are. */
  send(bytes: Buffer, arrived: (atMs: number) => void): void;
  /** The device closes its end. */
  close(): void;
}

export interface WireEvents {
  received(bytes: Buffer): void;
  /** The connection is over, as the device notices it. */
  closed(): void;
  /** The hub's end is over. */
  hubClosed(atMs: number): void;
}

export interface NetworkParts {
  scheduler: Scheduler;
  chance: Chance;
  /** The hub's port; `false` while nobody listens. */
  accept(stream: Duplex, address: string): boolean;
  /** Mean time between two losses of one connection. */
  meanHoursToLoss(): number;
}

interface Direction {
  lastMs: number;
}

/** How long bytes take, in the order in which they were sent. */
const createDelays = ({ scheduler, chance }: NetworkParts) => {
  const delayMs = (): number => {
    if (chance.hit(0.002)) return chance.between(5_000, 90_000);
    return chance.hit(0.03) ? chance.between(300, 3_000) : chance.between(3, 120);
  };
  return (direction: Direction): number => {
    direction.lastMs = Math.max(direction.lastMs, scheduler.clock.now() + delayMs());
    return direction.lastMs;
  };
};

/** One connection, with its hub's end as a stream. */
const createWire = (parts: NetworkParts, arrivalMs: (direction: Direction) => number, events: WireEvents) => {
  const { scheduler, chance } = parts;
  const up: Direction = { lastMs: 0 };
  const down: Direction = { lastMs: 0 };
  // What is under way on a lost connection arrives nowhere.
  const state = { isLost: false, deviceEnded: false, hubEnded: false };

  const endDevice = (): void => {
    if (state.deviceEnded) return;
    state.deviceEnded = true;
    scheduler.touch();
    events.closed();
  };
  const endHub = (): void => {
    if (state.hubEnded) return;
    state.hubEnded = true;
    scheduler.touch();
    events.hubClosed(scheduler.clock.now());
    scheduler.at(arrivalMs(down), endDevice);
  };
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      const bytes = Buffer.from(chunk);
      scheduler.touch();
      scheduler.at(arrivalMs(down), () => {
        if (state.isLost || state.deviceEnded) return;
        scheduler.touch();
        events.received(bytes);
      });
      done();
    },
    final(done) {
      done();
      stream.destroy();
    },
    destroy(_error, done) {
      endHub();
      done(null);
    },
  });
  const reset = (): void => {
    scheduler.touch();
    stream.destroy();
  };
  const wire: Wire = {
    send(bytes, arrived) {
      scheduler.at(arrivalMs(up), () => {
        if (state.isLost || state.hubEnded) return;
        scheduler.touch();
        arrived(scheduler.clock.now());
        stream.push(bytes);
      });
    },
    close() {
      state.deviceEnded = true;
      scheduler.at(arrivalMs(up), reset);
    },
  };
  return {
    ...{ wire, stream, reset, endDevice },
    isOver: (): boolean => state.hubEnded,
    firstArrivalMs: (): number => arrivalMs(up),
    refuse(): void {
      state.isLost = true;
      scheduler.at(arrivalMs(down), endDevice);
    },
    lose(): void {
      if (state.hubEnded || state.deviceEnded) return;
      state.isLost = true;
      scheduler.after(chance.between(10, 60_000), endDevice);
      scheduler.after(chance.between(10, 120_000), reset);
    },
  };
};

/**
 * Connections as TCP makes them: what is sent arrives once and in order or not at all, but late; two connections have
 * nothing to do with each other. A connection is lost with what is under way, and both ends notice at different times.
 */
export const createNetwork = (parts: NetworkParts) => {
  const { scheduler, chance, accept, meanHoursToLoss } = parts;
  const arrivalMs = createDelays(parts);
  let standing = new Set<ReturnType<typeof createWire>>();
  let dialled = 0;
  const present = () => {
    standing = new Set([...standing].filter((one) => !one.isOver()));
    return [...standing];
  };
  return {
    dial(events: WireEvents): Wire {
      const one = createWire(parts, arrivalMs, events);
      dialled += 1;
      const address = `10.0.${(dialled >> 8) & 255}.${dialled & 255}`;
      scheduler.at(one.firstArrivalMs(), () => {
        scheduler.touch();
        if (!accept(one.stream, address)) return one.refuse();
        standing.add(one);
        scheduler.after(-Math.log(1 - chance.random()) * meanHoursToLoss() * 3_600_000, one.lose);
      });
      return one.wire;
    },
    /** The hub's process is gone: its system resets every connection. */
    resetAll(): void {
      for (const one of present()) one.reset();
    },
    /** Many connections at once, as when a switch in a compound reboots. */
    loseSome(share: number): void {
      for (const one of present()) if (chance.hit(share)) one.lose();
    },
  };
};

export type Network = ReturnType<typeof createNetwork>;
