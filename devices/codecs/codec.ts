/** One LoRaWAN frame as the network server hands it on when it has no decoder of its own. */
export interface Frame {
  bytes: Uint8Array;
  fPort: number | undefined;
  /** What is known of the model, in lower case: device profile, tags, device name. May be empty. */
  model: string;
}

type Value = number | string | boolean;

/** A vendor's frame in the vendor's own words, `{ battery: 100, magnet_status: 'open' }`; what a part of the device says
 * stands under the part's name, `{ probe: { temperature: 4.5 } }`. */
export type Fields = Record<string, Value | Record<string, Value>>;

/** One vendor's payload format. Pure; answers nothing when the frame isn't its own: a wrong guess would be an invented reading. */
export interface Codec {
  /** kebab-case, the name of its file. */
  name: string;
  decode(frame: Frame): Fields | undefined;
}
