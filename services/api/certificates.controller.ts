import { X509Certificate } from 'node:crypto';
import { Controller, Inject, Res } from '@nestjs/common';
import { z } from 'zod';
import {
  bringAuthority,
  type IssuedToDevice,
  issueCertificate,
  issueCertificates,
  makeAuthority,
  removeAuthority,
  revokeCertificate,
} from '../registry/certificate-commands.ts';
import { certificatesOf, endingBefore } from '../registry/certificate-queries.ts';
import { compoundOrRefuse, deviceOrRefuse } from '../registry/commands.ts';
import { serialOf } from '../registry/device-certificate.ts';
import type { AddedAuthority } from '../registry/events.ts';
import { isoTime } from '../runtime/clock.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import {
  type AuthorityItem,
  authorityItem,
  certificateItem,
  type IssuedCertificate,
  issuedCertificate,
} from './certificate-schemas.ts';
import { chosenDevices, devicesChosen, type FileResponse, secretFile } from './chosen-devices.ts';
import { commandMeta, idParams } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';

const pem = z.string().min(1).max(20_000);
const serial = z.string().regex(/^[0-9a-fA-F: ]{1,80}$/, 'a serial number in hexadecimal');
const days = z.int().min(1).max(3_650).default(365);
/** Each costs the hub some milliseconds. */
const fileMax = 2_000;

const authorities = operation({
  method: 'get',
  path: '/api/compounds/{id}/authorities',
  summary: "Who signs certificates for a compound's devices, the newest last",
  role: 'viewer',
  params: idParams,
  answer: z.object({ items: z.array(authorityItem) }),
});
const addAuthority = operation({
  method: 'post',
  path: '/api/compounds/{id}/authorities',
  summary:
    "An authority (CA) for a compound's devices: the hub makes one, or, with `certificate`, trusts one that signs elsewhere. A change over takes two at once",
  role: 'operator',
  params: idParams,
  body: z.strictObject({ certificate: pem.optional() }),
  status: 201,
  answer: authorityItem,
});
const dropAuthority = operation({
  method: 'delete',
  path: '/api/compounds/{id}/authorities/{authority}',
  summary: 'Trust an authority no more: none of its certificates counts from now on',
  role: 'operator',
  params: idParams.extend({ authority: z.string().regex(/^[0-9a-f]{64}$/) }),
  status: 204,
});
const list = operation({
  method: 'get',
  path: '/api/devices/{id}/certificates',
  summary: 'The newest 100 certificates of a device, issued, used or revoked, or the one with that serial number',
  role: 'viewer',
  params: idParams,
  query: z.strictObject({ serial: serial.optional() }),
  answer: z.object({ items: z.array(certificateItem) }),
});
const issue = operation({
  method: 'post',
  path: '/api/devices/{id}/certificates',
  summary:
    'Issue a certificate with a new key, told this once, or for a signing request (`csr`). Those before it count until they expire or are revoked',
  role: 'operator',
  params: idParams,
  body: z.strictObject({ days, csr: pem.optional() }),
  status: 201,
  answer: issuedCertificate,
});
const revoke = operation({
  method: 'delete',
  path: '/api/devices/{id}/certificates/{serial}',
  summary: 'Revoke a certificate at once, whoever issued it; the device is sent away',
  role: 'operator',
  params: idParams.extend({ serial }),
  status: 204,
});
const issueMany = operation({
  method: 'post',
  path: '/api/devices/certificates',
  summary: `Issue certificates with new keys for up to ${fileMax} devices and answer them this once, as a file; with \`endingWithinDays\` only where the last one ends by then`,
  role: 'operator',
  body: z.strictObject({ ...chosenDevices, days, endingWithinDays: z.int().min(0).max(3_650).optional() }),
  answerType: 'text/plain',
});

/** As readers of PEM want it: what stands outside of the blocks is for people. */
const bundled = ({ device, serial, validTo, certificate: text, key }: IssuedToDevice): string =>
  `device: ${device}\nserial: ${serial}\nvalid to: ${validTo}\n${text}\n${key}\n`;

const shown = ({ authority: id, certificate: text, origin }: AddedAuthority): AuthorityItem => {
  const { subject, validTo } = new X509Certificate(text);
  return {
    ...{ authority: id, origin, certificate: text },
    ...{ subject: subject.replaceAll('\n', ', '), validTo: isoTime(Date.parse(validTo)) },
  };
};

@Controller()
export class CertificatesController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(authorities)
  authorities(@Input() { params }: InputOf<typeof authorities>): z.infer<typeof authorities.answer> {
    compoundOrRefuse(this.parts.index, params.id);
    return { items: this.parts.index.authoritiesOf(params.id).map(shown) };
  }

  @Operation(addAuthority)
  async addAuthority(@Input() { params, body, account }: InputOf<typeof addAuthority>) {
    const meta = commandMeta(this.parts, account);
    const added =
      body.certificate === undefined
        ? makeAuthority(this.parts, params.id, meta)
        : bringAuthority(this.parts, params.id, body.certificate, meta);
    return shown(await added);
  }

  @Operation(dropAuthority)
  async dropAuthority(@Input() { params, account }: InputOf<typeof dropAuthority>): Promise<void> {
    await removeAuthority(this.parts, params.id, params.authority, commandMeta(this.parts, account));
  }

  @Operation(list)
  async list(@Input() { params, query }: InputOf<typeof list>): Promise<z.infer<typeof list.answer>> {
    const { id } = deviceOrRefuse(this.parts.index, params.id);
    const wanted = query.serial === undefined ? undefined : serialOf(query.serial);
    return { items: await certificatesOf(this.parts.sql, id, wanted) };
  }

  @Operation(issue)
  async issue(@Input() { params, body, account }: InputOf<typeof issue>): Promise<IssuedCertificate> {
    const meta = commandMeta(this.parts, account);
    const { device: _, ...issued } = await issueCertificate(this.parts, params.id, body, meta);
    return issued;
  }

  @Operation(revoke)
  async revoke(@Input() { params, account }: InputOf<typeof revoke>): Promise<void> {
    await revokeCertificate(this.parts, params.id, params.serial, commandMeta(this.parts, account));
  }

  @Operation(issueMany)
  async issueMany(
    @Input() { body, account }: InputOf<typeof issueMany>,
    @Res({ passthrough: true }) response: FileResponse,
  ): Promise<string> {
    const { index, sql, clock } = this.parts;
    const chosen = devicesChosen(index, body);
    const { endingWithinDays } = body;
    const ending =
      endingWithinDays === undefined
        ? undefined
        : await endingBefore(
            sql,
            chosen.map(({ id }) => id),
            isoTime(clock.now() + endingWithinDays * 86_400_000),
          );
    const devices = chosen.filter(({ id }) => ending?.has(id) ?? true);
    if (devices.length > fileMax) {
      throw new ApiRefusal(422, 'certificate.too-many', `${devices.length} devices; name up to ${fileMax} at a time`);
    }
    const issued = await issueCertificates(this.parts, body.compound, devices, body, commandMeta(this.parts, account));
    return secretFile(response, { name: 'certificates.pem', type: 'text/plain' }, issued.map(bundled).join(''));
  }
}
