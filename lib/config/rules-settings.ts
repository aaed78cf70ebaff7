// The part of a source's settings that holds rules of the user's own. Its messages name the rule and the mistake.
// They quote the name of a rule and paths that are right, and nothing else that is written there.

import * as z from 'zod/mini';
import { EVENT_TYPES } from '../event/event';
import { isObject } from '../json/json-object';
import { isExact, type Path, parsePath } from '../rules/paths';
import { deniedKeys, namesOneOf, plainKey } from '../rules/privacy';
import { ACTIONS, type Condition, type PrivacySettings, type Rule, type RulesSettings } from '../rules/rule';

const text = z.string('must be a string').check(z.minLength(1, 'must not be empty'));
const texts = z.array(text, 'must be an array of strings').check(z.minLength(1, 'must not be empty'));
const textOrTexts = z.union([text, texts], 'must be a string, or an array of strings that is not empty');

/** Built when it is first asked for, and once. A schema costs a cold start as much as much code, and few sources have rules. */
const later = <T>(build: () => T): (() => T) => {
  let built: T | undefined;
  return () => {
    built ??= build();
    return built;
  };
};

/** Where a path begins: what there is to select, move and shape in an event. */
const PARTS = ['traits', 'properties', 'context'] as const;
const FIELDS = ['userId', 'anonymousId', 'groupId', 'previousId', 'event', 'name', 'category'] as const;
/** What the relay itself lives by: the same event must stay the same event. */
const OWN_FIELDS = ['type', 'messageId', 'timestamp', 'originalTimestamp', 'receivedAt', 'sentAt'] as const;

const PATH_HELP = 'must be a path, such as `properties.address.city`, `properties.*.sku` or `traits.a\\\\.b`';

const isPath = (value: string): boolean => parsePath(value) !== undefined;
const firstOf = (value: string): unknown => parsePath(value)?.[0];
const isAmong = (names: readonly string[], value: unknown): boolean =>
  typeof value === 'string' && names.includes(value);

/** A field that a condition may look at: any. */
const readPath = later(() => text.check(z.refine(isPath, PATH_HELP)));

/** A field that a rule may change. */
const editPath = later(() =>
  readPath().check(
    z.refine(
      (value) => !isAmong(OWN_FIELDS, firstOf(value)),
      `must not be one of ${OWN_FIELDS.join(', ')}: by them an event stays the same event`,
    ),
    z.refine(
      (value) =>
        !isPath(value) ||
        value.startsWith('$.') ||
        isAmong([...PARTS, ...FIELDS, ...OWN_FIELDS], firstOf(value)),
      `must begin with one of ${[...PARTS, ...FIELDS].join(', ')}, or with \`$.\` for another field at the root`,
    ),
  ),
);

const isWritable = (path: Path | undefined): boolean => path === undefined || !path.includes('__proto__');

/** A field that a rule may write. */
const writePath = later(() =>
  editPath().check(z.refine((value) => isWritable(parsePath(value)), 'must not write to `__proto__`')),
);

const isExactPath = (value: string): boolean => {
  const path = parsePath(value);
  return path === undefined || isExact(path);
};
const EXACT = 'must not have a `*`: a value has one place';
const exactPath = later(() => editPath().check(z.refine(isExactPath, EXACT)));
const exactWritePath = later(() => writePath().check(z.refine(isExactPath, EXACT)));

/** `traits.plan`, not `traits`. */
const innerPath = later(() =>
  editPath().check(
    z.refine(
      (value) => isAmong(['traits', 'properties'], firstOf(value)) && (parsePath(value)?.length ?? 0) > 1,
      'must be a field of `traits` or `properties`',
    ),
  ),
);

const scalar = later(() =>
  z.union(
    [z.string(), z.number(), z.boolean()],
    'must be a string, a number, true or false; use `exists` for what is missing',
  ),
);

const CONDITION_HELP =
  'must be one of `{field, equals}`, `{field, oneOf}`, `{field, exists}`, `{field, matches}`, `{all}`, `{any}`, `{not}`';

/** How many conditions may stand within each other. */
const MAX_NESTING = 10;

const conditionAt = (depth: number): z.ZodMiniType<Condition> => {
  const inner = z.lazy(() => (depth < MAX_NESTING ? conditionAt(depth + 1) : tooDeep()));
  const several = z.array(inner, 'must be an array').check(z.minLength(1, 'must not be empty'));
  return chosen([
    ['equals', z.strictObject({ field: readPath(), equals: scalar() })],
    [
      'oneOf',
      z.strictObject({
        field: readPath(),
        oneOf: z.array(scalar(), 'must be an array').check(z.minLength(1, 'must not be empty')),
      }),
    ],
    ['exists', z.strictObject({ field: readPath(), exists: z.boolean('must be true or false') })],
    ['matches', z.strictObject({ field: readPath(), matches: textOrTexts })],
    ['all', z.strictObject({ all: several })],
    ['any', z.strictObject({ any: several })],
    ['not', z.strictObject({ not: inner })],
  ]);
};

const tooDeep = later(() =>
  z.custom<Condition>(() => false, `must not nest more than ${MAX_NESTING} levels`),
);

/** The schema whose key is there decides, so that a mistake in it is told, not that nothing fits. */
const chosen = (
  options: readonly (readonly [key: string, schema: z.ZodMiniType<Condition>])[],
): z.ZodMiniType<Condition> =>
  z.pipe(
    z.unknown(),
    z.transform((value, context): Condition => {
      const option = isObject(value) ? options.find(([key]) => Object.hasOwn(value, key)) : undefined;
      const result = option?.[1].safeParse(value);
      if (result?.success) return result.data;
      for (const { message, path } of issuesOf(result?.error, CONDITION_HELP)) {
        context.issues.push({ code: 'custom', message, path: [...path], input: undefined });
      }
      return z.NEVER;
    }),
  );

interface Issue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
}

const issuesOf = (error: z.core.$ZodError | undefined, otherwise: string): Issue[] =>
  error === undefined
    ? [{ message: otherwise, path: [] }]
    : error.issues.map((issue) => ({ message: messageOf(issue), path: issue.path }));

const messageOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'unrecognized_keys') return unknownFields(issue.keys);
  return issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
};

/** Keys that nobody knows are quoted only where they look like a field's name. */
const unknownFields = (keys: readonly string[]): string =>
  `has unknown field(s) ${keys.map((key) => (/^[A-Za-z]{1,20}$/.test(key) ? key : '(not repeated here)')).join(', ')}`;

const eventType = later(() => z.enum(EVENT_TYPES, `must be one of ${EVENT_TYPES.join(', ')}`));

const hasName = (type: unknown): boolean => isAmong(['track', 'page', 'screen'], type);

const selector = later(() =>
  z
    .strictObject(
      {
        type: z.optional(
          z.union([eventType(), z.array(eventType()).check(z.minLength(1))], {
            error: `must be one of ${EVENT_TYPES.join(', ')}, or an array of them`,
          }),
        ),
        event: z.optional(textOrTexts),
        when: z.optional(conditionAt(1)),
      },
      'must be an object with `type`, `event` or `when`',
    )
    .check(
      z.refine(
        (value) => Object.keys(value).length > 0,
        'must have `type`, `event` or `when`; empty, it means all',
      ),
      z.refine(
        ({ type, event }) => event === undefined || type === undefined || [type].flat().some(hasName),
        'means no event: `event` names a track, page or screen',
      ),
    ),
);

/** An object by paths or names, with at least one of them. */
const byKey = <Value extends z.ZodMiniType>(key: typeof text, value: Value) =>
  z
    .record(key, value, 'must be an object')
    .check(z.refine((object) => Object.keys(object).length > 0, 'must not be empty'));

const paths = (path: typeof text) =>
  z.array(path, 'must be an array of paths').check(z.minLength(1, 'must not be empty'));

const TWO_STARS = 'must not have a `*` on both sides: the right one is no glob';

/** Who writes a star on both sides expects the text that it stood for. */
const hasPlainNames = (names: Readonly<Record<string, string>>): boolean =>
  Object.entries(names).every(([from, to]) => !(/(?<!\\)\*/.test(from) && to.includes('*')));

const prefixText = later(() =>
  text.check(z.regex(/^[^.*\\]{1,50}$/, 'must be 1 to 50 characters without `.`, `*` and `\\`')),
);

/** Names under which other settings say what they did. */
const TAKEN_NAMES = ['consent', 'privacy', 'custom'];

const ruleName = later(() =>
  z.string('is required and must be a string').check(
    z.regex(
      /^[\p{L}\p{N}][\p{L}\p{N} _.,:/()+-]{0,59}$/u,
      'must be 1 to 60 letters, digits, blanks and -_.,:/()+',
    ),
    z.refine((name) => !TAKEN_NAMES.includes(name), `must not be one of ${TAKEN_NAMES.join(', ')}`),
  ),
);

const ruleFields = later(() =>
  z.strictObject(
    {
      name: ruleName(),
      for: z.optional(selector()),
      include: z.optional(selector()),
      exclude: z.optional(selector()),
      rename: z.optional(byKey(text, text).check(z.refine(hasPlainNames, TWO_STARS))),
      drop: z.optional(paths(editPath())),
      keep: z.optional(paths(innerPath())),
      hash: z.optional(paths(editPath())),
      set: z.optional(byKey(writePath(), z.unknown())),
      move: z.optional(
        byKey(exactPath(), exactWritePath()).check(
          z.refine(
            (moves) =>
              Object.entries(moves).every(([from, to]) => !isInside(from, to) && !isInside(to, from)),
            'must not move a field into itself',
          ),
        ),
      ),
      prefix: z.optional(
        z
          .strictObject(
            { traits: z.optional(prefixText()), properties: z.optional(prefixText()) },
            'must be an object',
          )
          .check(z.refine((prefix) => Object.keys(prefix).length > 0, 'must have `traits` or `properties`')),
      ),
    },
    'must be an object',
  ),
);

const isInside = (outer: string, inner: string): boolean => {
  const [around, within] = [parsePath(outer) ?? [], parsePath(inner) ?? []];
  return around.every((segment, index) => within[index] === segment);
};

const rule = later(() =>
  ruleFields().check(
    z.refine(
      (value) => ACTIONS.filter((action) => value[action] !== undefined).length === 1,
      `must have exactly one of ${ACTIONS.join(', ')}`,
    ),
  ),
);

/** Each mistake is told with the name of its rule. */
const namedRule: z.ZodMiniType<Rule> = z.pipe(
  z.unknown(),
  z.transform((value, context): Rule => {
    const result = rule().safeParse(value);
    if (result.success) return result.data;
    const name = ruleName().safeParse(isObject(value) ? value['name'] : undefined).data;
    for (const { message, path } of issuesOf(result.error, '')) {
      const input = undefined;
      context.issues.push({
        code: 'custom',
        message: withName(message, name),
        path: withoutKeys(path),
        input,
      });
    }
    return z.NEVER;
  }),
);

const withName = (message: string, name: string | undefined): string =>
  name === undefined ? message : `${message} (rule "${name}")`;

/** A path or a name that stands as a key is what somebody wrote, and may be anything. */
const withoutKeys = (path: readonly PropertyKey[]): PropertyKey[] => {
  const isKeyed = path[0] === 'rename' || path[0] === 'set' || path[0] === 'move';
  return isKeyed ? path.slice(0, 1) : [...path];
};

const rulesSchema = z
  .array(namedRule, 'must be an array of rules')
  .check(
    z.refine(
      (rules) => new Set(rules.map(({ name }) => name)).size === rules.length,
      'must have another name each: by it an event that was skipped is counted',
    ),
  );

/** What names a person or steers Customer.io: the preferences in its place would undo it. */
const READ_BY_CUSTOMERIO =
  /^(id|email|phone|(cio_|anonymous_|user)id|created(_?at)?|unsubscribed|cio_.*|_update)$/i;

const consentSchema = z.strictObject(
  {
    require: texts,
    onMissing: z._default(z.enum(['deliver', 'skip'], 'must be `deliver` or `skip`'), 'deliver'),
    resolution: z.optional(z.enum(['and', 'or'], 'must be `and` or `or`')),
    provider: z.optional(text),
    attribute: z.optional(
      text.check(
        z.regex(/^[\w -]{1,100}$/, 'must be 1 to 100 letters, digits, blanks, - and _'),
        z.refine((name) => !READ_BY_CUSTOMERIO.test(name), 'must not be one that Customer.io reads itself'),
      ),
    ),
  },
  'must be an object with `require`',
);

/** Parts of an event, and where consent stands: without them there is no event, or no telling who agreed. */
const undeniable = later(
  () =>
    new Set(
      [
        ...[
          ...OWN_FIELDS,
          ...PARTS,
          'userId',
          'anonymousId',
          'groupId',
          'previousId',
          'event',
          'integrations',
        ],
        ...['consent', 'categoryPreferences', 'categoryPreference', 'consentManagement', 'provider'],
        ...['allowedConsentIds', 'deniedConsentIds', 'resolutionStrategy'],
      ].map(plainKey),
    ),
);

const deniedKey = text.check(
  z.refine((key) => plainKey(key) !== '', 'must have a letter or a digit'),
  z.refine(
    (key) => !key.includes('*'),
    'must be a key, not a glob: case, `_`, `-` and blanks do not matter anyway',
  ),
  z.refine((key) => !key.includes('.'), 'must be a key, not a path: it is kept back wherever it stands'),
  z.refine(
    (key) => !undeniable().has(plainKey(key)),
    'is a part of an event itself; use a rule that drops it',
  ),
);

const privacySchema = z.strictObject(
  {
    deny: z._default(z.array(deniedKey, 'must be an array of keys'), []),
    useDefaultDenyList: z._default(z.boolean('must be true or false'), false),
    ip: z._default(z.enum(['keep', 'truncate', 'drop'], 'must be `keep`, `truncate` or `drop`'), 'keep'),
    deadLetters: z._default(
      z.enum(['as_it_came', 'cleaned'], 'must be `as_it_came` or `cleaned`'),
      'as_it_came',
    ),
  },
  'must be an object',
);

/** The fields of a source that are about its own rules. */
export const rulesFields = {
  rules: z._default(rulesSchema, []),
  consent: z.optional(consentSchema),
  privacy: z.optional(privacySchema),
  hashSalt: z.optional(
    z
      .string('must be a string')
      .check(z.minLength(16, 'must have at least 16 characters, or it can be guessed')),
  ),
};

type Together = RulesSettings & { readonly connectionMode?: string };

/** What only shows when the fields are seen together. */
export const checkTogether = z.superRefine<Together>((settings, context) => {
  for (const { message, path } of mistakesTogether(settings))
    context.addIssue({ code: 'custom', message, path: [...path] });
});

const PASSED_BY =
  'must be `cloud` with `rules` or `privacy`: what a page delivers itself, none of them has seen';

/** What a page delivers itself has met none of these; of consent it knows itself. */
const isPassedBy = ({ rules = [], privacy, connectionMode }: Together): boolean =>
  connectionMode === 'device' && (rules.length > 0 || (privacy !== undefined && keepsBack(privacy)));

const keepsBack = (privacy: PrivacySettings): boolean =>
  deniedKeys(privacy).length > 0 || privacy.ip !== 'keep';

const mistakesTogether = (settings: Together): Issue[] => {
  const { rules = [], consent, privacy, hashSalt } = settings;
  const denied = new Set(privacy === undefined ? [] : deniedKeys(privacy).map(plainKey));
  const hashing = hashSalt === undefined ? rules.find(({ hash }) => hash !== undefined) : undefined;
  const writing = rules.filter((one) => writtenKeys(one).some((key) => namesOneOf(denied, key)));
  const needed = [
    ...(consent?.require ?? []),
    ...(consent?.attribute === undefined ? [] : [consent.attribute]),
  ];
  return [
    ...(isPassedBy(settings) ? [{ message: PASSED_BY, path: ['connectionMode'] }] : []),
    ...(hashing === undefined
      ? []
      : [{ message: `is required (rule "${hashing.name}" hashes)`, path: ['hashSalt'] }]),
    ...writing.map((one) => ({
      message: `must not write to a key that privacy.deny keeps back (rule "${one.name}")`,
      path: ['rules', rules.indexOf(one)],
    })),
    ...(needed.some((key) => namesOneOf(denied, key))
      ? [{ message: 'must not need a key that privacy.deny keeps back', path: ['consent'] }]
      : []),
  ];
};

/** Every key that a rule gives a value to. */
const writtenKeys = ({ set = {}, move = {} }: Rule): string[] => {
  const written = [...Object.keys(set), ...Object.values(move)].flatMap((path) => parsePath(path) ?? []);
  return [...written.filter((segment) => typeof segment === 'string'), ...keysIn(Object.values(set))];
};

const keysIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [
        ...(Array.isArray(value) ? [] : [key]),
        ...keysIn(inner),
      ])
    : [];
