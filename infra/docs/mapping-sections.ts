// How docs/mapping.md is divided: the order in which a reader meets the rules. A rule belongs to the first section
// whose pattern its folder's name matches; a test fails for a folder that belongs to none.

export interface Section {
  readonly title: string;
  /** What its rules are about, in a sentence or two. */
  readonly intro: string;
  readonly rules: RegExp;
}

export const SECTIONS: readonly Section[] = [
  {
    title: 'Who an event means',
    intro:
      'The first of `userId`, `traits.userId`, `context.traits.userId`, `context.externalId`, an email among the traits and `anonymousId` names the person, by exactly one identifier.',
    rules: /^(identify|track)-by-|^illegal-|^placeholder-|^email-|^id-of-|^phone-|-in-id-only-workspace$/,
  },
  {
    title: 'identify',
    intro: 'A person, with the traits as attributes.',
    rules: /^identify-/,
  },
  {
    title: 'track',
    intro: 'An event of the same name, with the properties as attributes.',
    rules: /^track(-|$)/,
  },
  {
    title: 'page',
    intro: 'A page view, called after the page, else after where it is.',
    rules: /^page-(?!name-)/,
  },
  {
    title: 'screen',
    intro: 'An event `Viewed {name} Screen`.',
    rules: /^screen-/,
  },
  {
    title: 'group',
    intro: 'An object, with the person who made the call related to it.',
    rules: /^group(-|$)/,
  },
  {
    title: 'alias',
    intro: 'Two people merged: the second is deleted and cannot be brought back.',
    rules: /^alias(-|$)/,
  },
  {
    title: 'Devices',
    intro: 'The lifecycle events of mobile SDKs add a device to the person, and take it away.',
    rules: /^device-(?!mode-)/,
  },
  {
    title: 'Reserved events',
    intro: 'Names that act. What lacks something they need is an ordinary event.',
    rules: /^reserved-/,
  },
  {
    title: 'When and once',
    intro: 'The time of an operation, and the ULID by which Customer.io ignores what it has had already.',
    rules: /^(when|once)-/,
  },
  {
    title: 'For Customer.io or not',
    intro: 'What `integrations` says, under every spelling of our name.',
    rules: /^(skipped|delivered)-/,
  },
  {
    title: 'Screens and pages as other products have them',
    intro: 'The settings `screens` and `pageName`.',
    rules: /^screens-|^page-name-/,
  },
  {
    title: 'Visitors, and people who are not there yet',
    intro: 'The settings `anonymousEvents`, `createPeople` and `lastVisit`.',
    rules: /^(anonymous-events|create-people|last-visit)-/,
  },
  {
    title: 'Dates and addresses',
    intro: 'The settings `convertTimestamps` and `flattenAddress`.',
    rules: /^(convert-timestamps|flatten-address)-/,
  },
  {
    title: 'Attributes beyond the limits',
    intro:
      'The settings `oversizedAttributes` and `limits`; [limits.md](limits.md) says where the limits come from.',
    rules: /^(oversized-attributes|limits)-/,
  },
  {
    title: 'Device mode',
    intro: 'The setting `connectionMode`: what a browser has delivered itself does not go twice.',
    rules: /^(device|cloud)-mode-/,
  },
  {
    title: 'Rules of a source',
    intro: 'The setting `rules`: which events are delivered, and in what shape.',
    rules: /^rules-/,
  },
  {
    title: 'Consent and privacy',
    intro: 'What a person has refused, and what never leaves.',
    rules: /^(consent|privacy)-/,
  },
  {
    title: 'Preset segment-classic',
    intro: 'What Segment documents of its classic destination, Customer.io.',
    rules: /^preset-segment-classic-/,
  },
  {
    title: 'Preset segment-actions',
    intro: 'What Segment documents of its current destination, Customer.io (Actions).',
    rules: /^preset-segment-actions-/,
  },
  {
    title: 'Preset rudderstack',
    intro: 'What RudderStack documents of its Customer.io destination.',
    rules: /^preset-rudderstack-/,
  },
  {
    title: 'What is no event',
    intro: 'It becomes a dead letter with its reason, and costs its neighbours nothing.',
    rules: /^invalid-/,
  },
];

export const sectionOf = (rule: string): Section | undefined =>
  SECTIONS.find(({ rules }) => rules.test(rule));
