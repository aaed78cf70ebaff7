import { readdirSync, readFileSync } from 'node:fs';
import { readBrokenJson } from '../../../lib/ingest/read-broken-json';
import { startCpuClock } from '../../support/cpu';

const FIXTURES = 'test/fixtures/broken-bodies';
const event = (id: string, more = ''): string => `{"type":"track","messageId":"${id}","userId":"u"${more}}`;
const idsOf = (text: string, kind: 'event' | 'batch' = 'batch'): unknown[] =>
  readBrokenJson(text, kind).envelopes.flatMap(({ events }) =>
    events.map((one) => (one as { messageId?: unknown }).messageId),
  );
const END = '],"writeKey":"wk"}';
const LOOKALIKE = event('nested');

describe('readBrokenJson', () => {
  it('takes what follows a batch that lost its bracket for the fields of the envelope', () => {
    const { envelopes, isComplete } = readBrokenJson(`{"batch":[${event('a')},"writeKey":"wk"}`, 'batch');

    expect(envelopes).toEqual([{ events: [JSON.parse(event('a'))], fields: { writeKey: 'wk' } }]);
    expect(isComplete).toBe(true);
  });

  it.each(readdirSync(FIXTURES))('saves of %s what is whole', (name) => {
    const body = readFileSync(`${FIXTURES}/${name}/body.txt`, 'utf8');

    expect(() => JSON.parse(body)).toThrow(SyntaxError);
    expect(readBrokenJson(body, 'batch')).toEqual(
      JSON.parse(readFileSync(`${FIXTURES}/${name}/saved.json`, 'utf8')),
    );
  });

  it.each([
    ['lost a quote', event('x').replace('"u"', 'u"')],
    ['lost a bracket of an array', event('x', `,"list":${LOOKALIKE},${LOOKALIKE}]`)],
    ['lost a colon', event('x', `,"properties"${LOOKALIKE}`)],
    ['has a word before an object', event('x', `,"properties":x${LOOKALIKE},"a":1`)],
    ['has a broken neighbour in an array', event('x', `,"list":[{"a":b},${LOOKALIKE}]`)],
    ['lost its first brace', event('x', `,"list":[${LOOKALIKE}]`).slice(1)],
    ['lost its last brace', event('x', `,"a":${LOOKALIKE}`).slice(0, -1)],
    ['has a cut number', event('x', ',"a":1.')],
    ['holds events in a string', event('x', ',"a":"{\\"type\\":\\"track\\"},{","b":x')],
  ])('saves the neighbours of an event that %s, and no part of it', (_, broken) => {
    expect(idsOf(`{"batch":[${event('a')},${broken},${event('b')}${END}`)).toEqual(['a', 'b']);
  });

  it.each([
    ['first', '{"batch":[],"type":"track","messageId":"b","userId":"u"}'],
    ['first, with events', `{"batch":[${LOOKALIKE}],"type":"track","messageId":"b","userId":"u"}`],
    ['first, by the word of very old SDKs', '{"batch":[],"action":"track","messageId":"b"}'],
    ['later', event('b', `,"batch":[${LOOKALIKE}]`)],
    ['twice', `{"batch":[],"type":"track","messageId":"b","userId":"u","batch":[${LOOKALIKE}]}`],
  ])('saves an event that has a `batch` of its own %s, and nothing that is in there', (_, own) => {
    expect(idsOf(`{"batch":[${event('a')},,${own},${event('c')}${END}`)).toEqual(['a', 'b', 'c']);
    expect(idsOf(`[${own},,${event('c')}]`)).toEqual(['b', 'c']);
    expect(idsOf(`${own}${own}`)).toEqual(['b', 'b']);
    expect(idsOf(`${event('a')}${own}`)).toEqual(['a', 'b']);
  });

  it('finds the fields of an envelope after and before a broken event', () => {
    const body = `{"context":{"ip":NaN},"batch":[${event('a')},{"type":],"sentAt":"t","integrations":{},"writeKey":"wk"}`;

    expect(readBrokenJson(body, 'batch')).toMatchObject({
      envelopes: [{ fields: { context: { ip: null }, sentAt: 't', integrations: {}, writeKey: 'wk' } }],
      isComplete: false,
    });
  });

  it('does not take a field out of a broken one', () => {
    const body = `{"context":{"a":b,"writeKey":"nested"},"batch":[${event('a')}${END}`;

    expect(readBrokenJson(body, 'batch').envelopes[0]?.fields).toEqual({ writeKey: 'wk' });
  });

  it.each([
    ['CRLF', `${event('a')}\r\n\r\n${event('b')}\r\n`],
    ['nothing', `${event('a')}${event('b')}`],
    ['a byte order mark before them', `\uFEFF${event('a')}\n${event('b')}`],
  ])('reads events one after another with %s between, whatever the path', (_, text) => {
    expect(idsOf(text)).toEqual(['a', 'b']);
    expect(idsOf(text, 'event')).toEqual(['a', 'b']);
    expect(readBrokenJson(text, 'event').isComplete).toBe(true);
  });

  it('needs no type of an event whose path says it', () => {
    expect(readBrokenJson('{"userId":"u","properties":{"a":NaN}}', 'event')).toEqual({
      envelopes: [{ events: [{ userId: 'u', properties: { a: null } }], fields: {} }],
      isComplete: true,
    });
  });

  it.each([
    ['nothing', ''],
    ['JSON in a string', JSON.stringify(event('a'))],
    ['a cut event', event('a').slice(0, -1)],
    ['a value that is missing', '{"type":"track","a":,"b":1}'],
    ['two strings without a comma, which may be one', '{"type":"track","a":["b""c"]}'],
    ['two numbers that may be one', '{"type":"track","a":[1 2]}'],
    ['names without quotes', '{type:"track"}'],
    ['an escape that JSON does not know', '{"type":"track","a":"\\x"}'],
    ['characters of another encoding', '\uFFFD\uFFFD{\uFFFD"\uFFFD'],
  ])('saves nothing of %s', (_, text) => {
    expect(idsOf(text)).toEqual([]);
    expect(idsOf(text, 'event')).toEqual([]);
  });

  it('leaves what waits when the end is lost too, because it may be a part', () => {
    const body = `{"batch":[${event('a')},{"type":"track","list":{"a":1},${event('b')}`;

    expect(readBrokenJson(body, 'batch')).toMatchObject({ isComplete: false });
    expect(idsOf(body)).toEqual(['a']);
  });

  it.each([
    ['open arrays', '['],
    ['open objects', '{"a":'],
    ['quotes', '"'],
    ['escaped quotes', '"\\"'],
    ['closed brackets', ']}'],
    ['cut events', '{"type":"track","a":"b{'],
    ['events cut after a name', '{"type":"track"'],
    ['cut envelopes', '{"batch":[{"a":x,'],
    ['blanks in strings', '"   ,'],
    ['ends of envelopes', '],"sentAt":1,'],
    ['fields', '"sentAt":1,'],
    ['commas', ',,,,},'],
    ['mismatched brackets', '{[}'],
    ['batches in batches', '{"batch":['],
    ['batches in batches that are whole', '{"batch":[]},'],
  ])('takes four times as long for four times as many %s, not sixteen', (_, unit) => {
    const text = unit.repeat(Math.floor(524_288 / unit.length));
    const quarter = text.slice(0, text.length / 4);

    // Quadratic time would be sixteen times; the milliseconds are what the collector of garbage may add.
    const isInTime = () => cpuMs(text) < 10 * cpuMs(quarter) + 100;
    // Up to three times: the machine may be busy with something else.
    expect([1, 2, 3].some(isInTime)).toBe(true);
  });
});

const cpuMs = (text: string): number => {
  const spentMs = startCpuClock();
  readBrokenJson(text, 'batch');
  readBrokenJson(text, 'event');
  return spentMs();
};
