import type { PrivacySettings } from '../../../lib/rules/rule';
import { cleanOf, withoutPrivate } from '../../../lib/rules/without-private';

const PRIVACY: PrivacySettings = {
  deny: ['ssn'],
  useDefaultDenyList: false,
  ip: 'keep',
  deadLetters: 'as_it_came',
};
const VALUE = { ssn: 1, plan: 'pro' };

it('A value is without what never leaves, whatever the dead letters of the source hold', () => {
  expect(withoutPrivate(VALUE, { privacy: PRIVACY })).toEqual({ plan: 'pro' });
});

it.each([[{}], [{ privacy: { ...PRIVACY, deny: [] } }]])('Of %j a value is the very same', (settings) => {
  expect(withoutPrivate(VALUE, settings)).toBe(VALUE);
});

it('The settings of a source are compiled once', () => {
  const settings = { ...PRIVACY };
  const clean = cleanOf(settings);

  expect(clean).toBeDefined();
  expect(cleanOf(settings)).toBe(clean);
});
