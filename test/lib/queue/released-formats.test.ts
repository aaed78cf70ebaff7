// Messages of every version stay on the queues while a new one is deployed, and dead letters for two weeks: each
// format that was ever written is kept as a fixture, and read.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEvents, readMessage } from '../../../lib/queue/message';
import { recordOf } from '../../support/sqs-record';

interface Fixture {
  readonly what: string;
  readonly body: string;
  readonly attributes: Record<string, string>;
  /** The one it is for; left out, it is for all that its source has. */
  readonly workspace?: string;
  /** As they go to the mapping. */
  readonly events: readonly unknown[];
}

const FOLDER = join(__dirname, '../../fixtures/messages');
const fixtures = readdirSync(FOLDER).flatMap((version) =>
  readdirSync(join(FOLDER, version)).map((file): [string, string, Fixture] => [
    version,
    file.replace('.json', ''),
    JSON.parse(readFileSync(join(FOLDER, version, file), 'utf8')) as Fixture,
  ]),
);

it('has messages of the first version', () => {
  expect(fixtures.map(([version]) => version)).toContain('0.1.0');
});

it.each(fixtures)('reads a message of %s: %s', (_version, _name, { body, attributes, workspace, events }) => {
  const message = readMessage(recordOf({ body, attributes }));

  expect(message.workspaceName).toBe(workspace);
  expect(readEvents(message).map(({ event }) => event)).toEqual(events);
});
