import type { CommandDownlink, DeviceCommand } from '../../commands.ts';
import { type Decoded, facts, impossible } from '../../dialect.ts';
import type { Saying } from './saying.ts';
import { numberKey } from './transactions.ts';

type Recall = (key: string) => string | undefined;

/** Words of the `.conf` messages that mean the post will do it. */
const acceptedWords = new Set(['Accepted', 'RebootRequired', 'Scheduled', 'Unlocked']);

/** What a post answered to a command: a status, or the code of its CALLERROR. */
export const commandAnswered = (id: string, text: string, saying: Saying): Decoded =>
  facts({
    ...saying.at(undefined),
    type: 'device.command-answered',
    data: { commandId: id.slice(0, 500), accepted: acceptedWords.has(text), text: text.slice(0, 500) },
    sourceId: `answer:${id}`.slice(0, 200),
  });

/** OCPP 1.6, 7.15: at most 20 characters. In the hub's name, so that nobody's card stands in a command. */
export const hubTag = ({ id }: DeviceCommand): string => `hub-${id.replaceAll('-', '').slice(-16)}`;

export const callOf = (
  root: 'ocpp' | 'ocpp201',
  { id, device }: DeviceCommand,
  [action, payload]: [action: string, payload: object],
): CommandDownlink => ({
  topic: `${root}/${device.externalId ?? device.id}/down`,
  payload: JSON.stringify([2, id, action, payload]),
});

/** OCPP 1.6, chapter 5: what the central system asks of a post. */
export const sayCommand = (command: DeviceCommand, recall: Recall): CommandDownlink => {
  const { device } = command;
  const call = (action: string, payload: object): CommandDownlink => callOf('ocpp', command, [action, payload]);
  switch (command.command) {
    case 'restart':
      return call('Reset', { type: 'Soft' });
    case 'unlock-connector':
      return call('UnlockConnector', { connectorId: command.arguments.connector });
    case 'start-charging': {
      const { connector } = command.arguments;
      const where = connector === undefined ? {} : { connectorId: connector };
      return call('RemoteStartTransaction', { ...where, idTag: hubTag(command) });
    }
    case 'stop-charging': {
      const { session } = command.arguments;
      const transaction = recall(numberKey(device.externalId ?? device.id, session));
      if (transaction === undefined) return { impossible: `session: ${session} is not known to run.` };
      return call('RemoteStopTransaction', { transactionId: Number(transaction) });
    }
    default:
      return impossible(command.command, 'ocpp16');
  }
};
