import { deviceStream, telemetryStream } from '../event-log/event.ts';

const staying = deviceStream('');
const passing = telemetryStream('');

/** Whether a stream is one of a device's two; an order's events name a device too, and are not said by it. */
export const isOfDevice = (stream: string): boolean => stream.startsWith(staying) || stream.startsWith(passing);
