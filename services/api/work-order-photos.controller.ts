import { Controller, Inject, Res } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { workOrderStream } from '../event-log/event.ts';
import { carryOut } from '../work-orders/carry-out.ts';
import { photoAdded } from '../work-orders/commands.ts';
import { photoOf } from '../work-orders/photos.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';

const orderParams = z.strictObject({ id: z.string().max(100) });
const photoParams = orderParams.extend({ photo: photoAdded.shape.sha256 });

const add = operation({
  method: 'post',
  path: '/api/work-orders/{id}/photos',
  summary: 'Adds a photo to a work order: JPEG, PNG or WebP of at most 3 MiB, at most 20 of an order',
  role: 'operator',
  status: 201,
  params: orderParams,
  body: z.strictObject({
    /** The picture's bytes in base64. */
    data: z.base64(),
    shows: photoAdded.shape.shows,
    caption: photoAdded.shape.caption,
  }),
  answer: photoAdded,
});
const read = operation({
  method: 'get',
  path: '/api/work-orders/{id}/photos/{photo}',
  summary: 'A photo of a work order, by its hash',
  role: 'viewer',
  params: photoParams,
  answerType: 'image/*',
});
const erase = operation({
  method: 'delete',
  path: '/api/work-orders/{id}/photos/{photo}',
  summary: 'Erases a photo, e.g. because somebody in it asks; that it was there and who erased it stays on record',
  role: 'admin',
  params: photoParams,
  answer: z.object({ erased: z.literal(true) }),
});

interface Response {
  setHeader(name: string, value: string): void;
  end(bytes: Buffer): void;
}

const wisherOf = ({ user }: Account) => ({ actor: `user:${user}`, person: user });

@Controller()
export class WorkOrderPhotosController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(add)
  async add(@Input() { params, body, account }: InputOf<typeof add>): Promise<z.infer<typeof photoAdded>> {
    const { data, ...words } = body;
    const photo = photoOf(Buffer.from(data, 'base64'));
    const { sha256, mediaType, bytes } = photo;
    if ((await this.parts.log.readStream(workOrderStream(params.id), { maxCount: 1 })).length === 0) {
      throw new Refusal('work-order.unknown', `there is no work order ${params.id}`);
    }
    const added = { sha256, mediaType, sizeBytes: bytes.length, ...words };
    // The bytes first: an event must not name what was never stored.
    await this.parts.photos.put(params.id, photo);
    await carryOut(this.parts, params.id, { type: 'add-photo', data: added }, wisherOf(account));
    return added;
  }

  @Operation(read)
  async read(@Input() { params }: InputOf<typeof read>, @Res() response: Response): Promise<void> {
    const photo = await this.parts.photos.get(params.id, params.photo);
    if (photo === undefined) {
      throw new Refusal('work-order.photo-unknown', `work order ${params.id} has no photo ${params.photo}`);
    }
    response.setHeader('content-type', photo.mediaType);
    response.setHeader('cache-control', 'private, no-store');
    response.end(photo.bytes);
  }

  @Operation(erase)
  async erase(@Input() { params, account }: InputOf<typeof erase>): Promise<{ erased: true }> {
    const { id, photo: sha256 } = params;
    await carryOut(this.parts, id, { type: 'erase-photo', data: { sha256 } }, wisherOf(account));
    await this.parts.photos.erase(id, sha256);
    return { erased: true };
  }
}
