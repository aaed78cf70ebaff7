// The content security policies that docs/sdks.md names, as a strict page has them, with the addresses of a test in
// the places of those that they name.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NONCE } from './analytics-page';
import { ROOT } from './running-stack';

export interface PolicyAddresses {
  readonly relay: string;
  /** In the place of each of Customer.io's own. */
  readonly customerIo?: string;
}

/** Whatever no directive names is forbidden. */
const STRICT = "default-src 'none'";

export const documentedPolicy = (mode: 'cloud' | 'device', addresses: PolicyAddresses): string => {
  const page = readFileSync(join(ROOT, 'docs/sdks.md'), 'utf8');
  const policies = page.match(/(?<=```text\n)script-src [^`]*/g) ?? [];
  const directives = (policies[mode === 'cloud' ? 0 : 1] ?? '')
    .replaceAll('https://relay.example.com', addresses.relay)
    .replace(/https:\/\/(assets|track)\.customer\.io/g, addresses.customerIo ?? '')
    .replace('script-src', `script-src 'nonce-${NONCE}'`);
  return `${STRICT}; ${directives.replaceAll('\n', ' ')}`;
};
