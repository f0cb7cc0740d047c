import { simulator as accessGate } from '../../devices/kinds/access-gate/simulator.ts';
import { simulator as camera } from '../../devices/kinds/camera/simulator.ts';
import { simulator as chargingPost } from '../../devices/kinds/charging-post/simulator.ts';
import { simulator as sensor } from '../../devices/kinds/sensor/simulator.ts';
import type { Pace, SimulatedMessage, SimulationStep, Simulator, SimulatorOptions } from '../../devices/simulator.ts';
import type { Player } from './world.ts';

/** A simulator with the state of one device. */
export interface Puppet {
  step(step: SimulationStep): SimulatedMessage[];
  /** Nothing happened until then: what it did not play it does not make up for. */
  skipTo(nowMs: number): void;
}

const animate = <State extends Pace>(simulator: Simulator<State>, options: SimulatorOptions): Puppet => {
  let state = simulator.start(options);
  return {
    step(step) {
      const after = simulator.simulate(state, step);
      state = after.state;
      return after.messages;
    },
    skipTo(nowMs) {
      // Before its first step a simulator has yet to introduce itself.
      if (state.lastMs !== undefined) state = { ...state, lastMs: nowMs };
    },
  };
};

export const puppetOf = ({ kind, variant }: Player, options: SimulatorOptions): Puppet => {
  const own = { ...options, ...(variant === undefined ? {} : { variant }) };
  switch (kind) {
    case 'access-gate':
      return animate(accessGate, own);
    case 'camera':
      return animate(camera, own);
    case 'charging-post':
      return animate(chargingPost, own);
    case 'sensor':
      return animate(sensor, own);
  }
};
