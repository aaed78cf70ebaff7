// What rules cost: `translate` with 20 of them on against the same without, in one process, in turn. Parsing is
// left out of both, so that the ratio is that of the work itself. `npm run bench`.

import type { Source } from '../../lib/config/source';
import { translateByRules } from '../../lib/mapping/translate-by-rules';
import { corpusOf } from '../support/corpus';
import { parseSources } from '../support/sources';
import { printResult, quiet } from './measure';

const EVENTS = 20_000;
/** As ingest packs them into 64 KiB. */
const EVENTS_PER_MESSAGE = 40;
const ROUNDS = 15;
/** What issue and docs promise of 20 rules. */
const MAX_RATIO = 1.3;

/** Twenty as teams write them: some look at every event, most concern the events of one name or type. */
const RULES = [
  { name: 'only production', exclude: { when: { field: 'context.app.environment', equals: 'staging' } } },
  { name: 'no robots', exclude: { when: { field: 'context.userAgent', matches: '*bot*' } } },
  { name: 'no office', exclude: { when: { field: 'context.ip', equals: '192.0.2.1' } } },
  { name: 'no test events', exclude: { event: ['Test *', 'Debug *', '* (internal)'] } },
  {
    name: 'no test users',
    exclude: { type: 'identify', when: { field: 'traits.email', matches: '*@test.example.com' } },
  },
  {
    name: 'only our shops',
    for: { type: 'page' },
    include: { when: { field: 'context.page.url', matches: 'https://*.example.com/*' } },
  },
  { name: 'no admin pages', exclude: { type: 'page', event: 'Admin *' } },
  { name: 'no empty carts', exclude: { event: 'Cart *', when: { field: 'properties.total', equals: 0 } } },
  { name: 'orders', rename: { 'Order Completed': 'Purchase', 'Order Refunded': 'Refund' } },
  { name: 'hash the phone', for: { type: 'identify' }, hash: ['traits.phone'] },
  { name: 'no addresses', for: { event: 'Order *' }, drop: ['properties.address.street'] },
  { name: 'no card data', for: { event: 'Payment *' }, drop: ['properties.card', 'properties.bank.*'] },
  { name: 'no coupons', for: { event: 'Order *' }, drop: ['properties.products.*.coupon'] },
  { name: 'no campaigns', for: { event: 'Landing *' }, drop: ['properties.utm_*'] },
  { name: 'invoices', for: { event: 'Invoice *' }, keep: ['properties.number', 'properties.total'] },
  { name: 'groups', for: { type: 'group' }, keep: ['traits.name', 'traits.plan', 'traits.industry'] },
  { name: 'shop', for: { event: 'Order *' }, set: { 'properties.shop': 'uk' } },
  { name: 'app version', for: { type: 'screen' }, move: { 'context.app.version': 'properties.app_version' } },
  { name: 'trials', for: { event: 'Trial *' }, move: { 'properties.plan': 'properties.trial_plan' } },
  { name: 'surveys', for: { event: 'Survey *' }, prefix: { properties: 'survey_' } },
];

/** Every event is changed by one at least. */
const BUSY_RULES = [
  ...RULES,
  { name: 'library', move: { 'context.library.name': 'properties.library' } },
  { name: 'no images', drop: ['properties.image_url'] },
  { name: 'no postal codes', drop: ['traits.address.postal_code'] },
];

const sourceWith = (settings: Readonly<Record<string, unknown>>): Source => {
  const required = {
    name: 'bench',
    writeKey: 'w',
    siteId: 's',
    apiKey: 'k',
    hashSalt: 'a salt for the bench',
  };
  const [source] = parseSources(JSON.stringify([{ ...required, ...settings }]));
  if (source === undefined) throw new Error('The settings of the bench have no source.');
  return source;
};

const CASES = {
  'without rules': sourceWith({}),
  'with 20 rules': sourceWith({ rules: RULES }),
  'with rules that change every event': sourceWith({ rules: BUSY_RULES }),
  'with 20 rules, consent and a deny list': sourceWith({
    rules: RULES,
    consent: { require: ['Marketing'] },
    privacy: { useDefaultDenyList: true, ip: 'truncate' },
  }),
};

const cpuMicroseconds = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** A message's events are parsed and then translated while they are still at hand, as the consumer does it. */
const translateAll = (messages: readonly string[], source: Source): number => {
  let microseconds = 0;
  for (const message of messages) {
    const events = JSON.parse(message) as unknown[];
    const before = cpuMicroseconds();
    for (const event of events) {
      if (translateByRules(event, source).outcome !== 'operations') {
        throw new Error('An event was not translated; the figures would mean nothing.');
      }
    }
    microseconds += cpuMicroseconds() - before;
  }
  return microseconds / EVENTS;
};

const main = (): void => {
  const events = corpusOf(EVENTS);
  const messages = Array.from({ length: EVENTS / EVENTS_PER_MESSAGE }, (_, index) =>
    JSON.stringify(events.slice(index * EVENTS_PER_MESSAGE, (index + 1) * EVENTS_PER_MESSAGE)),
  );
  const cases = Object.entries(CASES);
  const runAll = (): number[] => cases.map(([, source]) => translateAll(messages, source));
  runAll();
  const rounds = Array.from({ length: ROUNDS }, runAll);
  const costs = cases.map((_, index) => quiet(rounds.map((round) => round[index] ?? Number.NaN)));
  console.log(`rules: translate, ${EVENTS} events, CPU time of the best tenth of ${ROUNDS} rounds in turn`);
  for (const [index, [name]] of cases.entries()) {
    const cost = costs[index] ?? 0;
    const ratio = cost / (costs[0] ?? 1);
    console.log(`${name.padEnd(40)} ${cost.toFixed(2)} µs an event, ratio ${ratio.toFixed(2)}`);
  }
  const [without = Number.NaN, with20 = Number.NaN] = costs;
  printResult({ name: 'rules', ratio: without / with20 });
  console.log(`The bar is ${MAX_RATIO}, for 20 rules.`);
};

main();
