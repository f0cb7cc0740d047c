import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { fingerprintOf } from '../runtime/signing-key.ts';
import { type BundleVerdict, checkBundle, isGood } from './check-bundle.ts';

/** Checks an evidence bundle where there is no hub: it reads the file and nothing else. */
const usage = `npm run verify-evidence -- <file> [--key <public key or fingerprint>] [--head <position>:<hash>]...

  --key   the hub's key, as GET /api/log/key tells it: ask the hub's owner, not the file.
  --head  a head of the log that you hold: shows that the events lie before it, in the same log. Ask for a bundle with
          ?head=<position>, and it reaches back to it.
Ends with 0 where nothing speaks against the bundle, else with 1.`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const amountOf = ({ value, numerator, denominator }: NonNullable<BundleVerdict['header']>): string => {
  if (value === null) return 'no evidence';
  return numerator === null ? String(value) : `${value} (${numerator} of ${denominator})`;
};

const tellSubject = (header: NonNullable<BundleVerdict['header']>): void => {
  const { compound, criterion, at, knownAt, standard, explanation } = header;
  say(`Compound   ${compound.name} (${compound.id})`);
  say(`Criterion  ${criterion.id} ${criterion.title.zh} / ${criterion.title.en}`);
  say(`Standard   ${standard.name} ${standard.title.zh} / ${standard.title.en}`);
  say(`Instant    ${at}${knownAt === null ? '' : `, by what was known at ${knownAt}`}`);
  say(`Value      ${amountOf(header)}`);
  say(`           ${explanation.zh}`);
  say(`           ${explanation.en}`);
  say(`Key        Ed25519 ${header.key.publicKey}`);
  say(`           fingerprint ${fingerprintOf(header.key.publicKey)}`);
};

const proven = ({ header, counts, addsUp, keyIsExpected }: BundleVerdict, heads: readonly string[]): string[] => [
  `No byte was changed since whoever holds the key${keyIsExpected ? ', which is the one you named,' : ''} signed it.`,
  ...(header!.head === null || counts.events === 0
    ? []
    : [
        `${counts.events} events in ${counts.commits} commits stand word for word in the log that has the head ${header!.head.position}:${header!.head.hash}.`,
      ]),
  ...(heads.length === 0 ? [] : [`That log also had the ${heads.length === 1 ? 'head' : 'heads'} that you hold.`]),
  ...(addsUp === true ? [`The ${counts.items} contributions add up to the value.`] : []),
];

const notProven = ({ header, counts, keyIsExpected }: BundleVerdict, heads: readonly string[]): string[] => [
  ...(header!.proof === 'none' ? [`That the events stand in the log: ${header!.note.en}`] : []),
  ...(keyIsExpected === null
    ? ["That the key is the hub's: compare it with one you have from elsewhere (--key)."]
    : []),
  ...(heads.length === 0 && header!.head !== null
    ? ['That this head is the one others know: hold it against one that you keep (--head).']
    : []),
  counts.incomplete === 0
    ? 'That there were no other events: a bundle shows what is in the log, not what is not.'
    : `That there were no other events: of ${counts.incomplete} contributions not all are here.`,
  'That what was said was so: a log shows what was said to the hub, and when, and nothing more.',
];

const tell = (verdict: BundleVerdict, heads: readonly string[]): void => {
  const { fault, header, signed, keyIsExpected, headsMissed, addsUp } = verdict;
  if (header !== null) tellSubject(header);
  if (isGood(verdict)) {
    say(`\nThe bundle holds, all ${verdict.lines} lines of it. Proven:`);
    for (const line of proven(verdict, heads)) say(`  + ${line}`);
    say('Not proven:');
    for (const line of notProven(verdict, heads)) say(`  - ${line}`);
    return;
  }
  say('\nThe bundle does not hold.');
  if (fault !== null) say(`  ! Line ${fault.line}: ${fault.reason}.`);
  if (fault !== null && signed) say('  ! Yet it is signed: whoever holds the key signed what is not so.');
  if (keyIsExpected === false) say('  ! Its key is not the one you named.');
  for (const hash of headsMissed) say(`  ! Nothing in it leads to the head ${hash}.`);
  if (addsUp === false) say('  ! The contributions do not add up to the value.');
};

const main = async (): Promise<boolean> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { head: { type: 'string', multiple: true }, key: { type: 'string' } },
  });
  const [file] = positionals;
  const heads = (values.head ?? []).map((head) => head.split(':').at(-1)!);
  if (file === undefined || positionals.length > 1 || heads.some((hash) => !/^[0-9a-f]{64}$/.test(hash))) {
    process.stderr.write(`${usage}\n`);
    return false;
  }
  const verdict = await checkBundle(createReadStream(file), { heads, key: values.key });
  tell(verdict, heads);
  return isGood(verdict);
};

main().then(
  (isWell) => process.exit(isWell ? 0 : 1),
  (error: NodeJS.ErrnoException) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
