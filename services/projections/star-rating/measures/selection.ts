import type { Device } from '../../../registry/registry.ts';
import type { DeviceFacts, RatingFacts } from '../facts.ts';

export interface DeviceSelection {
  deviceKinds?: readonly Device['kind'][] | undefined;
  features?: readonly Device['features'][number][] | undefined;
}

/** It has at least one of the features. */
export const hasFeature = ({ device }: DeviceFacts, features: readonly Device['features'][number][]): boolean =>
  features.some((feature) => device.features.includes(feature));

export const selectDevices = ({ devices }: RatingFacts, { deviceKinds, features }: DeviceSelection): DeviceFacts[] =>
  devices.filter(
    (facts) =>
      (deviceKinds === undefined || deviceKinds.includes(facts.device.kind)) &&
      (features === undefined || hasFeature(facts, features)),
  );
