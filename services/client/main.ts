import { parseArgs } from 'node:util';
import { addAuthority, issueCertificate, issueCertificates, revokeCertificate } from './certificates.ts';
import { type CommandOptions, commandOptions, type Say } from './command.ts';
import { addDevice } from './device-add.ts';
import { listen } from './listen.ts';
import { publish } from './publish.ts';
import { verifyDevice } from './verify-device.ts';

const usage = `npx xingyuan <command> [--hub http://localhost:8080] [--mqtt mqtt://localhost:1883] [--user admin] [--password …]

  device add <id> --compound <id> --kind <kind> [--dialect canonical] [--model <model>] [--name …] [--gateway <id>] [--position <id>]
      Registers a device and tells its MQTT credential this once, with a line to try it.
  compound authority <id> [--certificate <file>]
      An authority (CA) for a compound's devices: the hub makes one, or trusts the one whose certificate is in the file.
  device certificate <id> [--days 365] [--csr <file>] [--out <folder>]
      Issues a certificate: <id>-<serial>.crt and, told this once, its .key; with --csr for a key that the device made.
  device certificates --compound <id> [--kind <kind>] [--ending-within <days>] [--days 365] [--out <folder>]
      The same for many, on request only where the last one ends so soon. Those before count until they end.
  device revoke-certificate <id> <serial>
      It counts no longer, and its device is sent away.
  listen <device> [--outcome recorded|no-op|refused|failed] [--topic <part>] [--seconds <n>] [--json]
      Shows each message of a device or gateway as it comes, and what becomes of it or why not.
  publish <topic> <payload|-> --username <device> --secret <its password> [--retain]
      Publishes as the device and tells what became of it. With --try instead of a credential nothing is sent:
      it tells what the hub would make of it.
  verify-device <device> [--seconds 60] [--strict]
      Watches a device and reports on heartbeats, time, units, duplicates, gaps and will. Ends with 1 where it fails,
      with --strict also where it warns.

The hub's password may also stand in HUB_ADMIN_PASSWORD, the device's in XINGYUAN_DEVICE_SECRET; - reads from stdin.`;

type Command = (positionals: string[], options: CommandOptions, say: Say) => Promise<number>;
const commands: Record<string, Command> = {
  'compound authority': addAuthority,
  'device add': addDevice,
  'device certificate': issueCertificate,
  'device certificates': issueCertificates,
  'device revoke-certificate': revokeCertificate,
  listen,
  publish,
  'verify-device': verifyDevice,
};

const say: Say = (line) => void process.stdout.write(`${line}\n`);

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: commandOptions(process.env) });
  const words = ['compound', 'device'].includes(positionals[0] ?? '') ? 2 : 1;
  const command = commands[positionals.slice(0, words).join(' ')];
  if (command === undefined || values.help) {
    say(usage);
    if (values.help) return 0;
    if (positionals.length > 0) throw new Error(`There is no command "${positionals.slice(0, words).join(' ')}".`);
    return 2;
  }
  return command(positionals.slice(words), values, say);
};

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  return 2;
});
