// docs/mapping.md, made of the golden cases: every rule of the mapping with its event and what becomes of it. So it
// says what the tests show, and nothing else.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SECTIONS, type Section, sectionOf } from './mapping-sections';
import { printJson } from './print-json';

const GOLDEN = path.join(__dirname, '../../test/golden');

export const ruleNames = (): readonly string[] => readdirSync(GOLDEN).sort();

export const mappingPage = (): string => {
  const byTitle = Map.groupBy(ruleNames(), (rule) => sectionOf(rule)?.title);
  const filled = SECTIONS.map((section) => ({ section, rules: byTitle.get(section.title) ?? [] })).filter(
    ({ rules }) => rules.length > 0,
  );
  const contents = filled.map(
    ({ section: { title }, rules }) => `- [${title}](#${slug(title)}) (${rules.length})`,
  );
  const sections = filled.map(({ section, rules }) => describeSection(section, rules));
  return `${INTRO}\n${contents.join('\n')}\n\n${sections.join('\n\n')}\n`;
};

const INTRO = `# Mapping: every rule, with its event and its operation

<!-- Written by \`npm run docs:mapping\` from test/golden; a test compares the two. -->

Each rule is a folder of [test/golden](../test/golden), and a test. The events are shown without the \`messageId\` and the
\`timestamp\` that all of them have, \`2024-05-06T07:08:09.123Z\`; long texts are shortened. Where a rule depends on
[settings](../README.md#settings), these stand above its event. What [limits](limits.md) Customer.io has, and how to come
[from another product](migrating.md), have pages of their own.
`;

const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s+/g, '-');

const describeSection = ({ title, intro }: Section, rules: readonly string[]): string =>
  [`## ${title}`, intro, ...rules.map(describeRule)].join('\n\n');

const describeRule = (rule: string): string => {
  const settings = read(rule, 'settings');
  return [
    `### ${rule.replaceAll('-', ' ')}`,
    ...(settings === undefined ? [] : [`With \`${JSON.stringify(settings)}\`:`]),
    json(withoutTheUsual(read(rule, 'event'))),
    ...describeResult(rule),
  ].join('\n\n');
};

const describeResult = (rule: string): readonly string[] => {
  const skipped = read(rule, 'skipped');
  if (skipped !== undefined) return [`is skipped: \`${reasonOf(skipped)}\`.`];
  const rejected = read(rule, 'rejected');
  if (rejected !== undefined) return ['is a dead letter:', json(rejected)];
  const metric = read(rule, 'metric');
  if (metric !== undefined) return ['is a request to the metrics endpoint:', json(metric)];
  const adjustments = read(rule, 'adjustments');
  const noted = adjustments === undefined ? [] : ['and notes', json(adjustments)];
  return ['becomes', ...listOf(read(rule, 'operations')).map(json), ...noted];
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Undefined where the rule has no such file. */
const read = (rule: string, file: string): unknown => {
  const name = path.join(GOLDEN, rule, `${file}.json`);
  return existsSync(name) ? JSON.parse(readFileSync(name, 'utf8')) : undefined;
};

const reasonOf = (skipped: unknown): string =>
  typeof skipped === 'object' && skipped !== null && 'reason' in skipped
    ? String(skipped.reason)
    : 'no reason';

const USUAL_TIME = '2024-05-06T07:08:09.123Z';

const withoutTheUsual = (event: unknown): unknown => {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return event;
  const isUsual = ([key, value]: [string, unknown]): boolean =>
    (key === 'messageId' && String(value).startsWith('golden-')) ||
    (key === 'timestamp' && value === USUAL_TIME);
  return Object.fromEntries(Object.entries(event).filter((entry) => !isUsual(entry)));
};

const json = (value: unknown): string => `\`\`\`json\n${printJson(value)}\n\`\`\``;
