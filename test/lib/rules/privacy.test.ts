import { compilePrivacy, DEFAULT_DENY_LIST } from '../../../lib/rules/privacy';
import type { PrivacySettings } from '../../../lib/rules/rule';
import { startCpuClock } from '../../support/cpu';

const NOTHING: PrivacySettings = {
  deny: [],
  useDefaultDenyList: false,
  ip: 'keep',
  deadLetters: 'as_it_came',
};

const clean = (value: unknown, settings: Partial<PrivacySettings>): unknown =>
  compilePrivacy({ ...NOTHING, ...settings })?.(value);

it('Nothing is compiled where nothing is kept back', () => {
  expect(compilePrivacy(NOTHING)).toBeUndefined();
});

describe('a denied key', () => {
  it.each([
    'credit_card',
    'creditCard',
    'Credit Card',
    'CREDIT-CARD',
    'payment.credit_card',
    'creditcard.last4',
  ])('is %s too', (key) => {
    expect(clean({ [key]: 1, other: 2 }, { deny: ['credit_card'] })).toStrictEqual({ other: 2 });
  });

  it.each(['user[password]', 'user[0][password]', '[password]', 'password[]', 'user[password][]'])(
    'is a step of a key as forms write it: %j',
    (key) => {
      const kept = { 'user[name]': 'Ada', 'user[password_hint]': 'y' };

      expect(clean({ [key]: 'x', ...kept }, { deny: ['password'] })).toEqual(kept);
    },
  );

  it('is a whole key, not a part of one', () => {
    const value = { pinned: true, spin: 1, user_pin: 2, list: [{ pins: 3 }, 'pin'] };

    expect(clean(value, { deny: ['pin'] })).toBe(value);
  });

  it('goes at any depth, in arrays as well, and what came is not changed', () => {
    const value = { a: [{ ssn: 1, b: 2 }, [{ ssn: 3 }]], ssn: { deep: true } };
    const before = structuredClone(value);

    expect(clean(value, { deny: ['ssn'] })).toEqual({ a: [{ b: 2 }, [{}]] });
    expect(value).toEqual(before);
  });

  it('that names a destination in integrations leaves its yes or no, and nothing else', () => {
    const integrations = { 'Customer.io': false, customer: { id: 7 }, Customers: true, CUSTOMER: 'x' };
    const event = { integrations, properties: { customer: true } };

    expect(clean(event, { deny: ['customer'] })).toEqual({
      integrations: { 'Customer.io': false, customer: true, Customers: true },
      properties: {},
    });
    const untouched = [{ integrations: { 'Customer.io': false, ip: true } }];
    expect(clean(untouched, { deny: ['customer', 'io'], ip: 'drop' })).toBe(untouched);
  });

  it.each([
    ['an event', (event: object) => event],
    ['events', (event: object) => [event]],
    ['a batch', (event: object) => ({ batch: [event] })],
    ['what EventBridge makes of it', (event: object) => ({ detail: event })],
  ])('called like a destination goes from what is no choice of it, in %s', (_, whole) => {
    const choices = { customer: true };
    const data = (integrations: object) => ({ integrations, text: JSON.stringify({ integrations }) });
    const event = { integrations: choices, properties: data(choices), traits: [data(choices)] };

    expect(clean(whole(event), { deny: ['customer'] })).toEqual(
      whole({ integrations: choices, properties: data({}), traits: [data({})] }),
    );
  });

  it.each([
    ['{"a":', '}'],
    ['[', ']'],
  ])('goes with everything that lies too deep to be looked through: %s', (open, close) => {
    const nested = (depth: number, text: string) =>
      JSON.parse(`${open.repeat(depth)}${text}${close.repeat(depth)}`);

    expect(clean(nested(5_000, '"clear"'), { deny: ['ssn'] })).toEqual(nested(100, 'null'));
    expect(clean(nested(100, '5'), { deny: ['ssn'] })).toEqual(nested(100, '5'));
    // What is JSON within text lies one level deeper.
    expect(clean(nested(98, '"[5]"'), { deny: ['ssn'] })).toEqual(nested(98, '"[5]"'));
    expect(clean(nested(99, '"[5]"'), { deny: ['ssn'] })).toEqual(nested(99, '"null"'));
  });

  it('beside a key called __proto__ leaves that as it is', () => {
    const value = JSON.parse('{"__proto__":{"ssn":1,"b":2},"ssn":3}');

    expect(JSON.stringify(clean(value, { deny: ['ssn'] }))).toBe('{"__proto__":{"b":2}}');
  });

  it('is looked for among more keys than are remembered', () => {
    const compiled = compilePrivacy({ ...NOTHING, deny: ['ssn'] });
    const many = Object.fromEntries(Array.from({ length: 10_500 }, (_, index) => [`key ${index}`, index]));

    expect(compiled?.(many)).toBe(many);
    expect(compiled?.({ ssn: 1, late: 2 })).toEqual({ late: 2 });
  });

  it('is any of the default list only where that is named', () => {
    const value = Object.fromEntries(DEFAULT_DENY_LIST.map((key) => [key, 1]));

    expect(clean(value, { useDefaultDenyList: true })).toEqual({});
    expect(clean(value, { deny: ['ssn'] })).toMatchObject({ password: 1 });
  });
});

describe('a denied key within text', () => {
  it.each([
    ['https://a.example/reset?token=a%20b&page=2#token=c', 'https://a.example/reset?token=&page=2#token='],
    ['?Token=a', '?Token='],
    ['token=a=b', 'token='],
    ['/p?user[token]=a&user.token=b&user%5Btoken%5D=c', '/p?user[token]=&user.token=&user%5Btoken%5D='],
    ['a=1; token=2;3', 'a=1; token='],
    ['"?token=1"', '"?token='],
    [
      'https://a.example/?next=https://b.example/?token=a',
      'https://a.example/?next=https://b.example/?token=',
    ],
    ['https://a.example/?tok%65n=a', 'https://a.example/?tok%65n='],
  ])('%j loses its value: %j, and stays that', (text, expected) => {
    expect(clean({ context: { page: { url: text } } }, { deny: ['token'] })).toEqual({
      context: { page: { url: expected } },
    });
    expect(clean([expected], { deny: ['token'] })).toEqual([expected]);
  });

  it('that is JSON goes as from any object', () => {
    const text = JSON.stringify({ token: 1, deep: [{ token: 2, page: '?token=3' }], other: '{"token":4}' });

    const expected = '{"deep":[{"page":"?token="}],"other":"{}"}';
    for (const payload of [text, ` ${text}`, `\r\n${text}`]) {
      expect(clean({ payload }, { deny: ['token'] })).toEqual({ payload: expected });
    }
    expect(clean({ payload: `[${text}]` }, { deny: ['token'] })).toEqual({ payload: `[${expected}]` });
  });

  it.each([
    '{"token',
    '[x](token)',
    'token',
    'my-token=1',
    'tokens=1',
    '%E0%A4%A=1',
    '{"a":1.10}',
    'a == b',
    '',
  ])('that is none leaves the text as it is: %j', (text) => {
    const value = { text };

    expect(clean(value, { deny: ['token'] })).toBe(value);
  });

  it('of an address is truncated or dropped there too', () => {
    const value = { url: '/?ip=203.0.113.77&page=2', body: '{"ip":"203.0.113.77"}' };

    expect(clean(value, { ip: 'truncate' })).toEqual({
      url: '/?ip=203.0.113.0&page=2',
      body: '{"ip":"203.0.113.0"}',
    });
    expect(clean(value, { ip: 'drop' })).toEqual({ url: '/?ip=&page=2', body: '{}' });
  });

  it('leaves alone what an event and a person are known by', () => {
    const names = { messageId: 'token=1', userId: '{"token":1}', anonymousId: 'token=2', type: 'token=3' };
    const value = { ...names, groupId: 'token=4', previousId: 'token=5' };

    expect(clean(value, { deny: ['token'] })).toBe(value);
  });

  it('goes from what stands in the place of an id, and is none', () => {
    expect(clean({ userId: { token: 1, id: 2 } }, { deny: ['token'] })).toEqual({ userId: { id: 2 } });
  });

  it('is found in a text of ten times the largest event in time', () => {
    const text = `${'a'.repeat(100_000)}${'?a'.repeat(50_000)}${'&a='.repeat(50_000)}&token=1`;
    const spentMs = startCpuClock();

    expect(JSON.stringify(clean([text], { deny: ['token'] }))).toMatch(/&token="\]$/);
    expect(spentMs()).toBeLessThan(2_000);
  });
});

describe('an address', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0'],
    [' 203.0.113.77 ', '203.0.113.0'],
    ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3::'],
    ['2001:db8::1', '2001:db8:0::'],
    ['::1', '0:0:0::'],
    ['::', '0:0:0::'],
    ['fe80::', 'fe80:0:0::'],
    ['FE80:1:2:3:4:5:6::', 'FE80:1:2::'],
  ])('%j is truncated to %j, and stays that', (address, expected) => {
    expect(clean({ ip: address }, { ip: 'truncate' })).toEqual({ ip: expected });
    expect(clean({ ip: expected }, { ip: 'truncate' })).toEqual({ ip: expected });
  });

  it.each([
    ['unknown'],
    ['203.0.113.77, 10.0.0.1'],
    ['203.0.113.77:443'],
    ['::ffff:203.0.113.77'],
    ['1::2::3'],
    ['1:2:3'],
    ['1:2:3:4:5:6:7:8:9'],
    ['1:2:3:4::5:6:7:8'],
    ['12345::'],
    ['g1::'],
    ['1g::'],
    [7],
    [['203.0.113.77']],
    [null],
  ])('%j cannot be truncated, and goes', (address) => {
    expect(clean({ ip: address, other: 1 }, { ip: 'truncate' })).toEqual({ other: 1 });
  });

  it.each([
    ...['ip', 'IP', 'ipAddress', 'ip_addr', 'request_ip', 'client_ip', 'userIp', 'last_ip', 'source_ip'],
    ...['remote_ip', 'REMOTE_ADDR', 'remoteAddress', 'x-forwarded-for', 'X-Real-IP', 'network.ip'],
  ])('under %s goes where it is to be dropped', (key) => {
    expect(clean({ context: { [key]: '203.0.113.77' } }, { ip: 'drop' })).toEqual({ context: {} });
  });

  it('stays where it is to be kept, and where a denied parameter holds one nothing of it does', () => {
    expect(clean({ ip: '203.0.113.77', ssn: 1 }, { deny: ['ssn'] })).toEqual({ ip: '203.0.113.77' });
    expect(clean(['?token=203.0.113.77'], { deny: ['token'], ip: 'truncate' })).toEqual(['?token=']);
  });

  it('under another name stays', () => {
    const value = { tip: '203.0.113.77', ips: 3 };

    expect(clean(value, { ip: 'drop' })).toBe(value);
  });
});
