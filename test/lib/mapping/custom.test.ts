// The catalogue of lib/mapping/custom.ts: one folder a case under test/golden-custom, with the event and the list of
// events that is made of it; `source.json`, a name, where the source matters. Whoever writes code there adds a folder.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { custom } from '../../../lib/mapping/custom';

const GOLDEN = path.join(__dirname, '../../golden-custom');

const read = (folder: string, file: string): unknown =>
  JSON.parse(readFileSync(path.join(GOLDEN, folder, `${file}.json`), 'utf8'));

const deepFreeze = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
};

it.each(readdirSync(GOLDEN))('%s', (folder) => {
  const event = deepFreeze(Object(read(folder, 'event')));
  const hasSource = existsSync(path.join(GOLDEN, folder, 'source.json'));
  const context = { source: hasSource ? String(read(folder, 'source')) : 'golden' };

  const made = [custom(event, context) ?? []].flat();

  expect(JSON.stringify(made)).toBe(JSON.stringify(read(folder, 'events')));
  expect(JSON.stringify([custom(event, context) ?? []].flat())).toBe(JSON.stringify(made));
});
