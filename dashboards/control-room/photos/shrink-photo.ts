import { base64Of } from '../forms/base64.ts';

/** Enough to read a nameplate, and far below what the hub takes. */
const edgeMaxPx = 1920;
const quality = 0.82;

export function fittedSize(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, edgeMaxPx / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** A picture as base64 JPEG, drawn anew: what a telephone writes into the file (where it was, whose it is) stays out. */
export async function shrinkPhoto(file: Blob): Promise<string> {
  const picture = await createImageBitmap(file);
  const { width, height } = fittedSize(picture.width, picture.height);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.drawImage(picture, 0, 0, width, height);
  picture.close();
  return base64Of(await canvas.convertToBlob({ type: 'image/jpeg', quality }));
}
