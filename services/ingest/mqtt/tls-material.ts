import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { StartRefused } from '../../runtime/start-refused.ts';

/** What MQTT and OCPP over TLS stand on, as PEM. */
export interface TlsMaterial {
  key: Buffer;
  cert: Buffer;
  /** Who signs the devices' certificates; left out, none is asked for. */
  authority?: Buffer;
}

export interface TlsFiles {
  key: string | undefined;
  cert: string | undefined;
  authority: string | undefined;
}

const variables = { key: 'HUB_MQTT_TLS_KEY', cert: 'HUB_MQTT_TLS_CERT', authority: 'HUB_MQTT_TLS_CA' } as const;

const read = (what: keyof TlsFiles, path: string | undefined): Buffer => {
  if (path === undefined) {
    throw new StartRefused(
      `HUB_OCPP_TLS_PORT or HUB_MQTT_TLS_PORT is set, so ${variables[what]} must name a PEM file.`,
    );
  }
  try {
    return readFileSync(path);
  } catch (error) {
    throw new StartRefused(
      `${variables[what]}: ${path} can't be read (${(error as Error).message}). Name a PEM file that the hub's user may read.`,
    );
  }
};

const checkCertificate = (what: 'cert' | 'authority', path: string, pem: Buffer, nowMs: number): void => {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    throw new StartRefused(`${variables[what]}: ${path} holds no certificate in PEM (-----BEGIN CERTIFICATE-----).`);
  }
  if (nowMs > Date.parse(certificate.validTo)) {
    throw new StartRefused(
      `${variables[what]}: the certificate in ${path} expired on ${certificate.validTo}. Renew it, then start again.`,
    );
  }
  if (nowMs < Date.parse(certificate.validFrom)) {
    throw new StartRefused(
      `${variables[what]}: the certificate in ${path} is valid only from ${certificate.validFrom} on. Set the clock right, or take another one.`,
    );
  }
};

/** Reads and checks the files, so that a wrong one is found at start. Throws `StartRefused`. */
export const readTlsMaterial = (files: TlsFiles, nowMs: number): TlsMaterial => {
  const key = read('key', files.key);
  const cert = read('cert', files.cert);
  checkCertificate('cert', files.cert!, cert, nowMs);
  const material: TlsMaterial = { key, cert };
  if (files.authority !== undefined) {
    material.authority = read('authority', files.authority);
    checkCertificate('authority', files.authority, material.authority, nowMs);
  }
  try {
    createSecureContext({ key, cert });
  } catch (error) {
    throw new StartRefused(
      `HUB_MQTT_TLS_KEY: ${files.key} is not the private key of the certificate in ${files.cert} (${(error as Error).message}). Name the two that belong together.`,
    );
  }
  return material;
};
