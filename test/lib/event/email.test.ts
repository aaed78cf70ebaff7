import { isEmail, readEmail } from '../../../lib/event/email';
import { startCpuClock } from '../../support/cpu';

describe('an email', () => {
  it.each([
    'ada@example.com',
    'Ada.Lovelace+tag@mail.example.co.uk',
    "o'hara_7-x@example.com",
    'bounce=ada&co/x@example.com',
    '"ada lovelace"@example.com',
    'j\u00f6rg@ex\u00e4mple.de',
    '\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a',
    'ada@[192.0.2.1]',
    `${'a'.repeat(242)}@example.com`,
  ])('is %s', (text) => {
    expect(isEmail(text)).toBe(true);
  });

  it.each([
    'mailto:ada@example.com',
    'acct:ada@example.com',
    '<ada@example.com>',
    'Ada <ada@example.com>',
    'ada@example.com/dev',
    'ada@example.com:22',
    'ada@example.com?subject=x',
    'ada@example.com, bob@example.com',
    'ada@example',
    'ada@exa_mple.com',
    'ada@example.c',
    'ada@example.com.',
    'ada@example..com',
    'ada@.com',
    '.ada@example.com',
    'ada.@example.com',
    'a..b@example.com',
    'ada@bob@example.com',
    'ada lovelace@example.com',
    ' ada@example.com',
    '@example.com',
    'ada@',
    'ada@\u{1f600}.com',
    'ada',
    '',
    `${'a'.repeat(243)}@example.com`,
  ])('is not %s', (text) => {
    expect(isEmail(text)).toBe(false);
  });

  it('is decided on in no time, whatever is sent', () => {
    const spentMs = startCpuClock();

    isEmail(`a@${'.a'.repeat(500_000)}`);
    isEmail(`a@${'a.'.repeat(120)} `);
    isEmail(`${'a.'.repeat(120)}@`);

    expect(spentMs()).toBeLessThan(500);
  });
});

describe('readEmail', () => {
  it('takes the trait without the blanks around it', () => {
    expect(readEmail({ email: ' ada@example.com\n' })).toBe('ada@example.com');
  });

  it.each([undefined, null, 'ada@example.com', ['ada@example.com'], {}, { email: 7 }, { email: 'ada' }])(
    'finds none in %j',
    (traits) => {
      expect(readEmail(traits)).toBeUndefined();
    },
  );
});
