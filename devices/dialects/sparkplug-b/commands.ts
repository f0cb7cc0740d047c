import type { CommandDownlink, DeviceCommand } from '../../commands.ts';
import { impossible } from '../../dialect.ts';
import { bornMetrics, type Recall } from './births.ts';
import { dataType, writeCommand } from './payload.ts';

/**
 * A command writes a metric that its birth has named; what came of it is told as a change of that metric, which nothing
 * ties to the command. `switch` has no metric of its own in the standard: a device with several leaves it open which.
 */
export const sayCommand = (
  { command, arguments: given, device, at }: DeviceCommand,
  recall: Recall,
): CommandDownlink => {
  const id = device.externalId ?? '';
  const [group, edge, own] = id.split('/');
  const born = bornMetrics(recall, id).map(([name, alias, type]) => ({ name, alias, type }));
  const isControl = (name: string): boolean => name.startsWith('Node Control/');
  const write = (metric: (typeof born)[number], value: boolean): CommandDownlink => ({
    topic: own === undefined ? `spBv1.0/${group}/NCMD/${edge}` : `spBv1.0/${group}/DCMD/${edge}/${own}`,
    payload: writeCommand(metric, value, Date.parse(at)),
    unanswered: true,
  });
  if (command === 'restart') {
    const reboot = born.find(({ name }) => name === 'Node Control/Reboot');
    return reboot === undefined
      ? { impossible: `The birth of ${id} has no Node Control/Reboot.` }
      : write(reboot, true);
  }
  if (command !== 'switch') return impossible(command, 'sparkplug-b');
  const [only, ...others] = born.filter(({ name, type }) => type === dataType.boolean && !isControl(name));
  if (only === undefined) return { impossible: `The birth of ${id} has nothing that is on or off.` };
  if (others.length === 0) return write(only, given.on);
  const names = [only, ...others].map(({ name }) => name).join(', ');
  return { impossible: `${id} has several things that are on or off: ${names.slice(0, 300)}.` };
};
