import { hash } from 'node:crypto';
import type { CommandDownlink, DeviceCommand } from '../../commands.ts';
import { impossible } from '../../dialect.ts';
import { callOf, hubTag } from '../ocpp16/commands.ts';

/** A whole number that goes with a remote start; the command's own, so that it is the same however often it is asked. */
const remoteStartId = (id: string): number => hash('sha256', id, 'buffer').readUInt32BE() & 0x7f_ff_ff_ff;

/** OCPP 2.0.1, part 2: what the CSMS asks of a station. */
export const sayCommand = (command: DeviceCommand): CommandDownlink => {
  const call = (action: string, payload: object): CommandDownlink => callOf('ocpp201', command, [action, payload]);
  switch (command.command) {
    case 'restart':
      return call('Reset', { type: 'OnIdle' });
    case 'unlock-connector':
      return call('UnlockConnector', { evseId: command.arguments.connector, connectorId: 1 });
    case 'start-charging': {
      const { connector } = command.arguments;
      const where = connector === undefined ? {} : { evseId: connector };
      const idToken = { idToken: hubTag(command), type: 'Central' };
      return call('RequestStartTransaction', { ...where, idToken, remoteStartId: remoteStartId(command.id) });
    }
    case 'stop-charging':
      return call('RequestStopTransaction', { transactionId: command.arguments.session });
    default:
      return impossible(command.command, 'ocpp201');
  }
};
