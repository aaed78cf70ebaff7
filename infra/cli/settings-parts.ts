// The parts that settings beyond one parameter are stored in: by names made of what they hold, so that none ever changes.

import { createHash } from 'node:crypto';

/** Parts that are named here. Others are the operator's own, and stay. */
export const OWN_PART = /\/[0-9a-f]{16}$/;
const OWN_NAME_CHARACTERS = 16;

/** As the array has it: `./<name>`. */
export const nameOfPart = (text: string): string =>
  `./${createHash('sha256').update(text).digest('hex').slice(0, OWN_NAME_CHARACTERS)}`;
