import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandOptions, loggedIn, required, type Say } from './command.ts';

interface Issued {
  serial: string;
  certificate: string;
  key: string | null;
}

/** Named by the serial number too: a key is told once, and a renewal goes into the folder of those before it. */
const write = async (folder: string, device: string, { serial, certificate, key }: Issued): Promise<string[]> => {
  await mkdir(folder, { recursive: true });
  const name = join(folder, `${device}-${serial}`);
  const files = [`${name}.crt`, ...(key === null ? [] : [`${name}.key`])];
  if (key !== null) await writeFile(files[1]!, key, { mode: 0o600, flag: 'wx' });
  await writeFile(files[0]!, certificate, { flag: 'wx' });
  return files;
};

const daysOf = ({ days }: CommandOptions): { days?: number } => (days === undefined ? {} : { days: Number(days) });

/** An authority for a compound's devices: made by the hub, or the one whose certificate is in a file. */
export const addAuthority = async ([compound]: string[], options: CommandOptions, say: Say): Promise<number> => {
  const id = required(compound, 'The compound');
  const { certificate: file } = options;
  const body = file === undefined ? {} : { certificate: await readFile(file, 'utf8') };
  const hub = await loggedIn(options);
  const made = await hub.post<{ authority: string; subject: string; validTo: string }>(
    `/api/compounds/${id}/authorities`,
    body,
  );
  say(`${made.subject}, until ${made.validTo}: trusted for the devices of ${id}.`);
  say(`Authority ${made.authority}`);
  return 0;
};

/** A certificate for a device, into files named by it. */
export const issueCertificate = async ([device]: string[], options: CommandOptions, say: Say): Promise<number> => {
  const id = required(device, 'The device');
  const { csr: file, out } = options;
  const csr = file === undefined ? {} : { csr: await readFile(file, 'utf8') };
  const hub = await loggedIn(options);
  const issued = await hub.post<Issued & { validTo: string }>(`/api/devices/${id}/certificates`, {
    ...daysOf(options),
    ...csr,
  });
  const files = await write(out, id, issued);
  say(`Certificate ${issued.serial} of ${id}, until ${issued.validTo}: ${files.join(', ')}`);
  return 0;
};

/** The same for all devices of a compound, or of a kind in it, or for those whose certificate ends soon. */
export const issueCertificates = async (_: string[], options: CommandOptions, say: Say): Promise<number> => {
  const { kind, 'ending-within': ending, out } = options;
  const body = {
    ...{ compound: required(options.compound, '--compound'), ...daysOf(options) },
    ...(kind === undefined ? {} : { kind }),
    ...(ending === undefined ? {} : { endingWithinDays: Number(ending) }),
  };
  const hub = await loggedIn(options);
  const bundle = await hub.post<string>('/api/devices/certificates', body);
  const [, ...parts] = bundle.split(/^device: /m);
  for (const part of parts) {
    const [, device, serial] = /^(.*)\nserial: (.*)\n/.exec(part) as unknown as [string, string, string];
    const [certificate, key] = part.slice(part.indexOf('-----')).split(/(?=-----BEGIN PRIVATE KEY-----)/);
    await write(out, device, { serial, certificate: certificate!, key: key! });
  }
  say(`Certificates issued, with their keys in ${out}: ${parts.length}`);
  return 0;
};

export const revokeCertificate = async (
  [device, serial]: string[],
  options: CommandOptions,
  say: Say,
): Promise<number> => {
  const id = required(device, 'The device');
  const number = required(serial, 'The serial number');
  const hub = await loggedIn(options);
  const path = `/api/devices/${id}/certificates`;
  const { items } = await hub.get<{ items: unknown[] }>(`${path}?serial=${encodeURIComponent(number)}`);
  await hub.delete(`${path}/${encodeURIComponent(number)}`);
  say(`${number} of ${id} is revoked.`);
  // Allowed, since an authority that was brought issues elsewhere; more often it is a slip, and the right one still counts.
  if (items.length === 0) {
    say('The hub neither issued nor ever saw it: compare the number with the list on the page, Records, Devices.');
  }
  return 0;
};
