import { translateActivity } from '../../../../lib/mapping/to-segment/translate-activity';
import { translateReported } from '../../../../lib/mapping/to-segment/translate-reported';
import type { PrivacySettings } from '../../../../lib/rules/rule';

const PRIVACY: PrivacySettings = {
  deny: ['subject', 'metric'],
  useDefaultDenyList: false,
  ip: 'keep',
  deadLetters: 'as_it_came',
};
const SETTINGS = { activityPropertyCase: 'snake', privacy: PRIVACY } as const;
const WEBHOOK = {
  event_id: '01E4C4CT6YDC7Y5M7FE1GWWPQJ',
  object_type: 'email',
  metric: 'sent',
  timestamp: 1_613_063_089,
  data: { identifiers: { id: '42' }, delivery_id: 'd1', subject: 'private' },
};

it('What a webhook tells is forwarded without what never leaves; the fields of every webhook stay', () => {
  const { subject: _, ...data } = WEBHOOK.data;

  const reported = translateReported(WEBHOOK, SETTINGS);

  expect(reported.outcome).toBe('event');
  expect(reported).toEqual(translateActivity({ ...WEBHOOK, data }, SETTINGS));
  expect(reported).not.toEqual(translateActivity(WEBHOOK, SETTINGS));
});

it('A webhook from which nothing must go is what it is', () => {
  const { privacy: _, ...open } = SETTINGS;

  expect(translateReported(WEBHOOK, open)).toEqual(translateActivity(WEBHOOK, open));
});

it.each([[null], [[WEBHOOK]], ['sent']])('What is no webhook is rejected as such: %j', (value) => {
  expect(translateReported(value, SETTINGS)).toEqual(translateActivity(value, SETTINGS));
});
