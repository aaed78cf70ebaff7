// Whatever is written in the settings, and wherever a key was pasted: no message repeats it, every message is an
// expected one, and each source ends as exactly one of used and left out.

import fc from 'fast-check';
import { parseSettings } from '../../lib/config/parse-settings';
import { sourceSchema } from '../../lib/config/source';
import { SettingsError } from '../../lib/errors';
import { runs } from '../support/property-runs';

const SECRET = 'hush-4d2a';
/** Names apart: one that is right may be quoted, since it is a label of logs and metrics. */
const FIELDS = Object.keys(sourceSchema.shape).filter((field) => field !== 'name');

const secretValue = fc.oneof(
  fc.constantFrom(SECRET, ` ${SECRET} `, `https://u:${SECRET}@x.example`, `https://x.example/v1?${SECRET}`),
  fc.constantFrom<unknown>(null, true, 0, 1.5, '', 'eu', 100, [SECRET], { [SECRET]: SECRET }),
);
const fieldName = fc.oneof(fc.constantFrom(...FIELDS), fc.constantFrom(SECRET, `${SECRET} `, '__proto__'));
const name = fc.oneof(fc.constantFrom<unknown>('shop', 'blog', `${SECRET} key`, ` `, 7, null, [SECRET]));
const mistaken = fc
  .tuple(name, fc.dictionary(fieldName, secretValue))
  .map(([ownName, fields]) => ({ ...fields, name: ownName }));
const right = fc
  .tuple(fc.constantFrom('shop', 'blog', 'news'), fc.integer({ min: 1, max: 2 }))
  .map(([ownName, requestsPerSecond]) => ({
    name: ownName,
    writeKey: `${SECRET}-${ownName}`,
    siteId: SECRET,
    apiKey: SECRET,
    requestsPerSecond,
  }));
const several = fc
  .tuple(right, fc.array(fc.oneof(right, mistaken, secretValue), { maxLength: 3 }), fc.boolean())
  .map(([source, destinations, isFlatToo]) => ({
    name: source.name,
    writeKey: source.writeKey,
    ...(isFlatToo ? { siteId: SECRET } : {}),
    destinations: destinations.map((one) =>
      typeof one === 'object' && one !== null && 'writeKey' in one ? { ...one, writeKey: undefined } : one,
    ),
  }));
const written = fc.array(fc.oneof(right, mistaken, several, secretValue), { maxLength: 5 });

const messageOf = (json: string): string => {
  try {
    return parseSettings(json, 'SOURCES').mistakes.join('\n');
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return String((error as Error).message);
  }
};

it('No message holds anything of what is written, and none is unexpected', () => {
  fc.assert(
    fc.property(written, fc.nat(), (sources, cut) => {
      const json = JSON.stringify(sources);

      expect(messageOf(json)).not.toContain('hush');
      expect(messageOf(json.slice(0, cut % (json.length + 1)))).not.toContain('hush');
    }),
    { numRuns: runs(2_000) },
  );
});

it('A source is used exactly when nothing is said of it, and no two that are used share name, key or differ in rate', () => {
  fc.assert(
    fc.property(written, (sources) => {
      const json = JSON.stringify([...sources, { name: 'last', writeKey: 'l', siteId: 'l', apiKey: 'l' }]);
      const { entries, mistakes } = parseSettings(json, 'SOURCES');
      const used = entries.flatMap((entry) => (entry.kind === 'source' ? [entry.source] : []));
      const named = new Set(mistakes.map((mistake) => Number(/^source (\d+)/.exec(mistake)?.[1])));

      expect(entries.map(({ kind }) => kind)).toEqual(
        entries.map((_, index) => (named.has(index) ? 'left_out' : 'source')),
      );
      expect(new Set(used.map((source) => source.name)).size).toBe(used.length);
      expect(new Set(used.map((source) => source.writeKey)).size).toBe(used.length);
      const rates = Map.groupBy(used, (source) => `${source.trackUrl} ${source.siteId}`);
      for (const same of rates.values())
        expect(new Set(same.map((source) => source.requestsPerSecond)).size).toBe(1);
    }),
    { numRuns: runs(2_000) },
  );
});
