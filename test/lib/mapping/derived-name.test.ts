import { fitName, type NameSource } from '../../../lib/mapping/derived-name';
import { translate } from '../../../lib/mapping/translate';
import type { MappingSettings } from '../../../lib/mapping/translation';

const SETTINGS: MappingSettings = { workspaceIdentifiers: 'email_or_id', convertTimestamps: true };
const SHOP = 'https://store.example.com/';

describe('a name', () => {
  it.each<[string, NameSource['attribute'], string, string]>([
    ['a short URL is whole', 'url', `${SHOP}?a=1#b`, `${SHOP}?a=1#b`],
    ['of 100 bytes is whole', 'url', `${SHOP}?${'q'.repeat(73)}`, `${SHOP}?${'q'.repeat(73)}`],
    ['a longer URL goes without its query', 'url', `${SHOP}lamps?${'q'.repeat(73)}`, `${SHOP}lamps`],
    ['a longer path goes without its fragment', 'path', `/lamps#${'q'.repeat(100)}`, '/lamps'],
    ['what is nothing but a query is cut', 'url', `?${'q'.repeat(200)}`, `?${'q'.repeat(99)}`],
    ['a question is no query', 'name', `Why? ${'x'.repeat(200)}`, `Why? ${'x'.repeat(95)}`],
    [
      'of an event that asks nothing else is cut',
      'event_name',
      `#1 ${'é'.repeat(60)}`,
      `#1 ${'é'.repeat(48)}`,
    ],
    ['a blank at the end goes', 'name', `${'x'.repeat(99)} yz`, 'x'.repeat(99)],
  ])('%s', (_, attribute, text, expected) => {
    expect(fitName({ attribute, text }, SETTINGS)).toBe(expected);
    expect(fitName({ attribute, text }, { ...SETTINGS, longNames: 'cut' })).toBe(expected);
  });
});

it.each([
  ['event_name', 'event'],
  ['name', 'name'],
  ['url', 'url'],
] as const)('is rejected where the source wants it, when it does not fit, %s', (attribute, field) => {
  const settings: MappingSettings = { ...SETTINGS, longNames: 'reject' };

  expect(fitName({ attribute, text: 'é'.repeat(50) }, settings)).toBe('é'.repeat(50));
  expect(fitName({ attribute, text: 'é'.repeat(51) }, settings)).toEqual({
    reason: 'invalid_event',
    detail: `${field}: a name of more than 100 bytes, which longNames of the source rejects`,
  });
});

it('A long path stands among the attributes once', () => {
  const properties = { path: `/${'lamps/'.repeat(40)}` };
  const event = { type: 'page', userId: 'u1', messageId: 'm1', timestamp: '2026-01-01', properties };

  const translation = translate(event, SETTINGS);

  const [operation] = translation.outcome === 'operations' ? translation.operations : [];
  expect(operation).toMatchObject({ name: properties.path.slice(0, 100) });
  expect(operation).toHaveProperty('attributes', properties);
});
