import { parseSettings } from '../../../lib/config/parse-settings';
import { lookUpName, type Settings, usableSources } from '../../../lib/config/settings';

const sourceOf = (name: string, over: object = {}) => ({
  name,
  writeKey: `key-${name}`,
  siteId: 's',
  apiKey: 'a',
  ...over,
});
const settingsOf = (sources: readonly unknown[], over: Partial<Settings> = {}): Settings => ({
  ...parseSettings(JSON.stringify(sources), 'SOURCES'),
  readAtMs: 0,
  mayBeOutdated: false,
  ...over,
});

describe('looking up a name', () => {
  const mistaken = settingsOf([sourceOf('first', { region: 'uk' }), sourceOf('second')]);

  it('finds its source', () => {
    expect(lookUpName(mistaken, 'second')).toMatchObject({ kind: 'source', source: { name: 'second' } });
    expect(usableSources(mistaken).map(({ name }) => name)).toEqual(['second']);
  });

  it('that is not given means the first, also when that is left out: its messages are not the next one’s', () => {
    expect(lookUpName(mistaken, undefined)).toMatchObject({ kind: 'left_out', name: 'first' });
    expect(lookUpName(settingsOf([sourceOf('a'), sourceOf('b')]), undefined)).toMatchObject({
      kind: 'source',
      source: { name: 'a' },
    });
  });

  it('tells a source that is left out from one that there is not', () => {
    expect(lookUpName(mistaken, 'first')).toMatchObject({ kind: 'left_out', name: 'first' });
    expect(lookUpName(mistaken, 'third')).toEqual({ kind: 'unknown' });
  });

  it.each([
    ['a name cannot be read', settingsOf([sourceOf('no name'), sourceOf('second')])],
    ['newer settings cannot be used', settingsOf([sourceOf('second')], { mayBeOutdated: true })],
  ])('decides nothing of an unknown one while %s', (_, settings) => {
    expect(lookUpName(settings, 'third')).toEqual({ kind: 'undecided' });
    expect(lookUpName(settings, 'second')).toMatchObject({ kind: 'source' });
  });
});
