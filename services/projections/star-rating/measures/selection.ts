import type { Device } from '../../../registry/registry.ts';
import type { DeviceFacts, RatingFacts } from '../facts.ts';

export interface DeviceSelection {
  deviceKinds?: readonly Device['kind'][] | undefined;
  features?: readonly Device['features'][number][] | undefined;
}

/** It has at least one of the features. */
export const hasFeature = ({ device }: DeviceFacts, features: readonly Device['features'][number][]): boolean =>
  features.some((feature) => device.features.includes(feature));

export const isSelected = (facts: DeviceFacts, { deviceKinds, features }: DeviceSelection): boolean =>
  (deviceKinds === undefined || deviceKinds.includes(facts.device.kind)) &&
  (features === undefined || hasFeature(facts, features));

export const selectDevices = ({ devices }: RatingFacts, selection: DeviceSelection): DeviceFacts[] =>
  devices.filter((facts) => isSelected(facts, selection));
