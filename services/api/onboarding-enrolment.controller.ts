import { Controller, Inject, Req } from '@nestjs/common';
import { toString as qrImage } from 'qrcode';
import { z } from 'zod';
import { enrol, newClaimCode, newProvisioningKey, revokeEnrolments } from '../registry/enrolment.ts';
import { isoTime } from '../runtime/clock.ts';
import { instant } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, idParams } from './input.ts';
import { createLimit } from './intake-limits.ts';
import { networkOf } from './login-attempts.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { credentialAnswer } from './schemas.ts';

const hours = z.number().min(1).max(720);

const claimCode = operation({
  method: 'post',
  path: '/api/devices/{id}/claim-code',
  summary: 'A code that gives a device its MQTT credential once, for its sticker: as text, and as a QR code (SVG)',
  role: 'operator',
  params: idParams,
  body: z.strictObject({ hours: hours.default(168) }),
  status: 201,
  answer: z.object({ code: z.string(), expiresAt: instant, qrText: z.string(), qrSvg: z.string() }),
});
const provisioningKey = operation({
  method: 'post',
  path: '/api/compounds/{id}/provisioning-keys',
  summary: 'A key, told this once, with which so many gateways of a compound register themselves',
  role: 'operator',
  params: idParams,
  body: z.strictObject({
    dialect: z.string().max(64).default('auto'),
    gateways: z.int().min(1).max(1000).default(1),
    hours: hours.default(24),
  }),
  status: 201,
  answer: z.object({ key: z.string(), expiresAt: instant }),
});
const revoke = operation({
  method: 'delete',
  path: '/api/compounds/{id}/provisioning-keys',
  summary: 'End every provisioning key and claim code of a compound',
  role: 'operator',
  params: idParams,
  answer: z.object({ ended: z.int() }),
});
const enrolment = operation({
  method: 'post',
  path: '/api/enrol',
  summary: 'Turn a claim code, or a provisioning key and the serial number of a gateway, into an MQTT credential',
  role: 'nobody',
  body: z.strictObject({ code: z.string().min(1).max(50), serial: z.string().min(1).max(100).optional() }),
  status: 201,
  answer: z.object({ device: z.string(), compound: z.string(), credential: credentialAnswer }),
});

interface Request {
  ip?: string;
  protocol: string;
  headers: Record<string, string | undefined>;
}

@Controller()
export class OnboardingEnrolmentController {
  /** Sixty bits can't be guessed at this pace, nor by ten thousand who try together. */
  private readonly limit: (key: string) => void;

  constructor(@Inject(apiParts) private readonly parts: ApiParts) {
    this.limit = createLimit(parts.clock, { messagesPerSecond: 1, burst: 60 });
  }

  @Operation(claimCode)
  async claimCode(@Input() { params, body, account }: InputOf<typeof claimCode>, @Req() request: Request) {
    const told = await newClaimCode(this.parts, params.id, body.hours, commandMeta(this.parts, account));
    const hub = `${request.protocol}://${request.headers.host ?? ''}`;
    const qrText = `xingyuan:claim?${new URLSearchParams({ hub, code: told.code })}`;
    return { ...told, qrText, qrSvg: await qrImage(qrText, { type: 'svg', errorCorrectionLevel: 'M' }) };
  }

  @Operation(provisioningKey)
  provisioningKey(@Input() { params, body, account }: InputOf<typeof provisioningKey>) {
    return newProvisioningKey(this.parts, params.id, body, commandMeta(this.parts, account));
  }

  @Operation(revoke)
  async revoke(@Input() { params }: InputOf<typeof revoke>): Promise<{ ended: number }> {
    return { ended: await revokeEnrolments(this.parts.sql, params.id) };
  }

  @Operation(enrolment)
  enrolment(@Input() { body }: InputOf<typeof enrolment>, @Req() request: Request) {
    this.limit(networkOf(request.ip ?? ''));
    return enrol(this.parts, body, { occurredAt: isoTime(this.parts.clock.now()), actor: 'enrolment' });
  }
}
