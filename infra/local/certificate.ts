// The local stack's own certificate. It is kept, because whoever trusts it once should not have to do so again
// after the next start; only the machine it was made on ever has its key.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { HOST } from './addresses';

export interface Certificate {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
  /** What SDKs are told to trust. */
  readonly path: string;
}

/** The most that Apple's systems accept of a certificate that was trusted by hand is 825 days. */
const VALID_DAYS = 800;
const RENEW_BEFORE_DAYS = 30;
const DAY_MS = 86_400_000;
/** This machine, as the Android emulator sees it. */
const EMULATOR_HOST = '10.0.2.2';

/** Reads it from the folder, or makes one that lasts and leaves it there. */
export const localCertificate = async (folder: string): Promise<Certificate> => {
  const path = join(folder, 'localhost.pem');
  const keyPath = join(folder, 'localhost-key.pem');
  const kept = await Promise.all([readFile(keyPath, 'utf8'), readFile(path, 'utf8')]).catch(() => undefined);
  if (kept && isUsable(...kept)) return { key: kept[0], cert: kept[1], path };
  const { private: key, cert } = await make();
  await mkdir(folder, { recursive: true });
  await writeFile(keyPath, key, { mode: 0o600 });
  await writeFile(path, cert);
  return { key, cert, path };
};

/** Also false for halves of two, which starting twice at once can leave. */
const isUsable = (key: string, cert: string): boolean => {
  try {
    const certificate = new X509Certificate(cert);
    const renewalMs = Date.parse(certificate.validTo) - RENEW_BEFORE_DAYS * DAY_MS;
    return Date.now() < renewalMs && certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
};

const make = () =>
  generate([{ name: 'commonName', value: 'cio-relay on this machine' }], {
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + VALID_DAYS * DAY_MS),
    extensions: [
      // Some stores take only what may sign, if only itself, and nothing below it.
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: HOST },
          { type: 7, ip: EMULATOR_HOST },
        ],
      },
    ],
  });
