import { topicMatches } from '../../../devices/topic-filter.ts';
import type { RegistryIndex } from '../../registry/registry-index.ts';
import { type Refused, refusal } from '../route.ts';

/** What the hub itself says through the broker, or others say to devices: heard under `xy/v1/#`, and not taken in. */
const notForTheHub = ['xy/v1/+/work-orders', 'xy/v1/+/+/refusals', 'xy/v1/+/+/commands', 'xy/trial/+'];

/** Asked of every message: by far most are events. */
export const isForTheHub = (topic: string): boolean =>
  topic.endsWith('/events') || !notForTheHub.some((filter) => topicMatches(filter, topic));

/**
 * Who says what comes through a broker, which hides the publisher's credential. A canonical topic is of the registered
 * device that it names: the broker's access list keeps each account to its own topics. Everything else is said by the
 * gateway that stands for the broker.
 */
export const senderOf = (
  index: Pick<RegistryIndex, 'device'>,
  gateway: string,
  topic: string,
): { sender: string; refusal?: Refused } => {
  const [root, , , named] = topic.split('/');
  if (root !== 'xy' || named === undefined) return { sender: gateway };
  const device = index.device(named);
  if (device !== undefined && device.retiredAt === null) return { sender: device.id };
  const what = device === undefined ? `No device ${named} is registered` : `The device ${named} was retired`;
  const reason = `${what}. Register it, beneath the gateway ${gateway} if this message is to be taken up again, and give it an account of the broker that may write to its own topics only.`;
  return { sender: gateway, refusal: refusal('unknown-device', reason) };
};
