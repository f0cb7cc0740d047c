/** A yes, a no, or nothing said: "not stated" must not read as a no. */
export const flagValue = (flag: boolean | undefined): 'yes' | 'no' | undefined =>
  flag === undefined ? undefined : flag ? 'yes' : 'no';
