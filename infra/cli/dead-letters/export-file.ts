// The file that `export` writes: one dead letter a line, body and attributes as they are on the queue. `discard` gives
// up only what stands in such a file.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { isObject } from '../../../lib/json/json-object';
import { cannotRead, Failure } from '../failure';
import { linesOf } from '../lines';
import { nextCommand, type Place } from '../next-command';
import type { Letter } from './letter';

export const toLine = (letter: Letter): string =>
  JSON.stringify({
    sqsMessageId: letter.sqsMessageId,
    reason: letter.reason,
    detail: letter.detail,
    source: letter.source,
    failedAt: new Date(letter.failedAtMs).toISOString(),
    attributes: letter.attributes,
    body: letter.body,
  });

/** What is the same of a letter and of its line. */
export const fingerprint = (sqsMessageId: string, body: string): string =>
  createHash('sha256').update(`${sqsMessageId}\n${body}`).digest('base64');

const writeOne = (place: Place): string =>
  `Write one first:${nextCommand('dead-letters export <file>', place)}`;

/** @param place what it should be an export of. @throws Failure for a file that is not one of `export`. */
export const readExported = async (path: string, place: Place): Promise<ReadonlySet<string>> => {
  const exported = new Set<string>();
  let line = 0;
  try {
    for await (const text of linesOf(createReadStream(path))) {
      line += 1;
      exported.add(fingerprintOf(JSON.parse(text)));
    }
  } catch (error) {
    // The file cannot be read at all; the error of the system says so.
    if (line === 0) return cannotRead(path, writeOne(place))(error);
    const what = error instanceof Error ? error.message : String(error);
    throw new Failure(`${path} is no export of dead letters (line ${line}): ${what}`, writeOne(place));
  }
  return exported;
};

const fingerprintOf = (entry: unknown): string => {
  if (isObject(entry) && typeof entry['sqsMessageId'] === 'string' && typeof entry['body'] === 'string') {
    return fingerprint(entry['sqsMessageId'], entry['body']);
  }
  throw new Error('it has no sqsMessageId and body');
};
