/** The hub can't start, for a reason that a person can mend: shown as one sentence with the remedy, no stack. */
export class StartRefused extends Error {
  readonly code = 'start-refused';
}
