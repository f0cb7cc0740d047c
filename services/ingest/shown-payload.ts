/** A payload as an integrator may see it: its beginning, without whoever it names. */
export interface ShownPayload {
  sizeBytes: number;
  /** `null` where the bytes are no text. */
  text: string | null;
  /** The first bytes of what is no text. */
  hex: string | null;
  isCut: boolean;
}

const readBytesMax = 64 * 1024;
const shownCharactersMax = 4096;
const shownBytesMax = 64;
/** Longer strings are pictures and feature vectors. */
const stringCharactersMax = 300;
export const hidden = '•••';

/** Field names under which devices name people, in the spellings of the ecosystems that the hub speaks. */
const personalField =
  /^name$|^uid$|pers[io]+n|owner|holder|card|plate|licen[cs]e|phone|^tel|mobile|id_?t(ag|oken)|credential|employee|email|address|birth|custom_?id|sub_?label|user|password|token|secret/i;

const scalar = String.raw`"(?:[^"\\]|\\.)*"?|-?\d[\d.eE+-]*|\[[^[\]{}]*\]`;
const jsonMember = new RegExp(String.raw`"([^"\\]{1,64})"(\s*:\s*)(${scalar})`, 'g');
const xmlElement = /<([\w:.-]{1,64})((?:\s[^<>]*)?)>([^<>]+)<\//g;
const longString = new RegExp(String.raw`"((?:[^"\\]|\\.){${stringCharactersMax},})("|$)`, 'g');

/** Works on text, not on parsed JSON: what is broken is looked at most. */
const withoutPeople = (text: string, named: readonly string[]): string => {
  const masked = text
    .replace(longString, (_, value: string) => `"… ${value.length} characters …"`)
    .replace(jsonMember, (whole, field: string, colon: string) =>
      personalField.test(field) ? `"${field}"${colon}"${hidden}"` : whole,
    )
    .replace(xmlElement, (whole, field: string, attributes: string) =>
      personalField.test(field) ? `<${field}${attributes}>${hidden}</` : whole,
    );
  return named.reduce((shown, value) => shown.replaceAll(value, hidden), masked);
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes cut within a letter are still text. */
const textOf = (payload: Uint8Array): string | undefined => {
  const isWhole = payload.byteLength <= readBytesMax;
  try {
    return isWhole
      ? utf8.decode(payload)
      : new TextDecoder('utf-8', { fatal: true }).decode(payload.subarray(0, readBytesMax), { stream: true });
  } catch {
    return undefined;
  }
};

/** `named`: values that the dialect took for a person's, hidden wherever they stand. */
export const shownPayload = (payload: Uint8Array, named: readonly string[] = []): ShownPayload => {
  const sizeBytes = payload.byteLength;
  const text = textOf(payload);
  if (text === undefined || text.includes('\0')) {
    const hex = Buffer.from(payload.subarray(0, shownBytesMax)).toString('hex');
    return { sizeBytes, text: null, hex, isCut: sizeBytes > shownBytesMax };
  }
  const shown = withoutPeople(text, named);
  const isCut = sizeBytes > readBytesMax || shown.length > shownCharactersMax;
  return { sizeBytes, text: shown.slice(0, shownCharactersMax), hex: null, isCut };
};
