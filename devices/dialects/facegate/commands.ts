import { z } from 'zod';
import { defined } from '../../codecs/state-facts.ts';
import type { CommandDownlink, DeviceCommand } from '../../commands.ts';
import { type Decoded, facts, impossible, noOp } from '../../dialect.ts';
import type { Push } from './envelope.ts';

/** V1.25: the platform speaks on `mqtt/face/<device>`, the device answers on `…/Ack` under the same `messageId`. */
export const sayCommand = ({ id, command, device }: DeviceCommand): CommandDownlink => {
  const facesluiceId = device.externalId ?? device.id;
  const say = (operator: string, info: object): CommandDownlink => ({
    topic: `mqtt/face/${facesluiceId}`,
    payload: JSON.stringify({ operator, messageId: id, info: { facesluiceId, ...info } }),
  });
  switch (command) {
    case 'open-gate':
      return say('Unlock', { openDoor: 1, Showinfo: '请通行' });
    case 'restart':
      return say('RebootDevice', {});
    default:
      return impossible(command, 'facegate');
  }
};

const ownCommands = new Set(['Unlock-Ack', 'RebootDevice-Ack']);
const outcome = z.looseObject({ result: z.string().optional().catch(undefined), detail: z.unknown().optional() });

/** Answers to what other platforms ask (lists of people, settings) are none of the hub's. */
export const decodeAnswer = ({ operator, device, messageId, code, info }: Push): Decoded => {
  if (!ownCommands.has(operator) || messageId === undefined) return noOp('command-answer');
  const { result, detail } = outcome.parse(info);
  const text = typeof detail === 'string' && detail !== '' ? detail.slice(0, 500) : undefined;
  return facts({
    ...{ externalId: device, kind: 'access-gate', type: 'device.command-answered' },
    data: {
      ...{ commandId: messageId.slice(0, 500), accepted: code === 200 && result?.toLowerCase() !== 'fail' },
      ...defined({ text }),
    },
    sourceId: `answer:${messageId}`.slice(0, 200),
  });
};
