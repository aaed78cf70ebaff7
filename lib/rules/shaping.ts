// What a rule changes in an event: each rule becomes a list of small edits, each with words for what it did. An
// edit loses nothing it was not told to, and says whether it changed anything.

import { isIllegalInAlias, isPossibleId } from '../event/ids';
import { isObject, type JsonObject } from '../json/json-object';
import { compileEdit, compileMove, compileSet, type DraftEdit, GONE, put, type ValueEdit } from './draft';
import { compileGlob } from './glob';
import { type Hashing, hashValue } from './hash';
import { childOf, isExact, isIdField, type Path, pathOf } from './paths';
import { nameOf, placeOfName } from './routing';
import type { Prefixes, Rule } from './rule';

export interface ShapingEdit {
  /** What it did, for people: it names fields as the settings write them, never a value of an event. */
  readonly did: string;
  readonly run: DraftEdit;
}

/** In the order in which they are done. */
export const compileEdits = (rule: Rule, hashing: Hashing): ShapingEdit[] => [
  ...(rule.rename === undefined ? [] : [rename(rule.rename)]),
  ...(rule.drop?.map(drop) ?? []),
  ...(rule.keep === undefined ? [] : keep(rule.keep)),
  ...(rule.hash?.map((field) => hashField(field, hashing)) ?? []),
  ...Object.entries(rule.set ?? {}).map(([field, value]) => set(field, value)),
  ...Object.entries(rule.move ?? {}).map(([from, to]) => move(from, to)),
  ...prefix(rule.prefix ?? {}),
];

const rename = (names: Readonly<Record<string, string>>): ShapingEdit => {
  const renamings = Object.entries(names).map(([from, to]) => ({
    matches: compileGlob(from),
    event: compileSet(['event'], to),
    name: compileSet(['name'], to),
    'properties.name': compileSet(['properties', 'name'], to),
  }));
  return {
    did: 'renamed the event',
    run: (draft) => {
      const [place, name] = [placeOfName(draft.event), nameOf(draft.event)];
      // Stryker disable next-line ConditionalExpression,LogicalOperator: a name has a place, which the compiler cannot know
      if (place === undefined || name === undefined) return false;
      return renamings.find(({ matches }) => matches(name))?.[place](draft) ?? false;
    },
  };
};

const drop = (field: string): ShapingEdit => ({
  did: `dropped ${field}`,
  run: everywhere(field, () => GONE),
});

const hashField = (field: string, hashing: Hashing): ShapingEdit => {
  const run = everywhere(field, (value, key) => hashValue(value, hashing, key));
  const path = pathOf(field);
  return { did: `hashed ${field}`, run: isIdField(path) ? ofRealIds(path, run, hashing) : run };
};

/** What is no id must be none afterwards, for the mapping to refuse it: a hash always looks like one. */
const ofRealIds =
  ([name]: Path, run: DraftEdit, { allowIdentifiers }: Hashing): DraftEdit =>
  (draft) => {
    const id = childOf(draft.event, String(name));
    return isPossibleId(id) && !isPlaceholder(id, draft.event, allowIdentifiers) && run(draft);
  };

const isPlaceholder = (
  id: unknown,
  { type }: JsonObject,
  allowIdentifiers: Hashing['allowIdentifiers'],
): boolean => type === 'alias' && isIllegalInAlias(String(id), { allowIdentifiers });

/** SDKs keep a copy of a person's traits in `context.traits`: what must not leave is looked for there too. */
const placesOf = (field: string): Path[] => {
  const path = pathOf(field);
  return path[0] === 'traits' ? [path, ['context', ...path]] : [path];
};

const everywhere = (field: string, edit: ValueEdit): DraftEdit => {
  const edits = placesOf(field).map((path) => compileEdit(path, edit));
  return (draft) => {
    let isChanged = false;
    for (const run of edits) isChanged = run(draft) || isChanged;
    return isChanged;
  };
};

const set = (field: string, value: unknown): ShapingEdit => ({
  did: `set ${field}`,
  run: compileSet(pathOf(field), value),
});

const move = (from: string, to: string): ShapingEdit => {
  const [source, target] = [pathOf(from), pathOf(to)];
  // Stryker disable next-line ArrowFunction: no answer says as little as a no
  const run: DraftEdit = isExact(source) && isExact(target) ? compileMove(source, target) : () => false;
  return { did: `moved ${from} to ${to}`, run };
};

/** One edit for each of `traits` and `properties` that the fields speak of; the other is left alone. */
const keep = (fields: readonly string[]): ShapingEdit[] => {
  const paths = fields.flatMap(placesOf);
  const roots = new Map(fields.flatMap(placesOf).map((path) => [rootOf(path).join('.'), rootOf(path)]));
  return [...roots].map(([name, root]) => {
    const inside = paths.filter((path) => isIn(path, root)).map((path) => path.slice(root.length));
    const keepInside = (value: unknown): unknown => (isObject(value) ? project(value, inside) : value);
    return { did: `kept of ${name} only what is named`, run: compileEdit(root, keepInside) };
  });
};

const rootOf = ([first, second]: Path): string[] =>
  first === 'context' ? ['context', String(second)] : [String(first)];

const isIn = (path: Path, root: readonly string[]): boolean =>
  root.every((segment, index) => path[index] === segment);

/** The value with what the paths lead to from this depth on, and nothing beside it; the same where that is all. */
const project = (value: unknown, paths: readonly Path[], depth = 0): unknown => {
  if (typeof value !== 'object' || value === null || paths.some(({ length }) => length === depth))
    return value;
  const isArray = Array.isArray(value);
  const object: Record<string, unknown> = {};
  const array: unknown[] = [];
  let isWhole = true;
  for (const key of Object.keys(value)) {
    const child = childOf(value, key);
    const inner = paths.filter((path) => isSegment(path[depth], key));
    const kept = inner.length === 0 ? GONE : project(child, inner, depth + 1);
    isWhole &&= kept === child;
    if (kept === GONE) continue;
    if (isArray) array.push(kept);
    else put(object, key, kept);
  }
  if (isWhole) return value;
  return isArray ? array : object;
};

const isSegment = (segment: Path[number] | undefined, key: string): boolean =>
  typeof segment === 'function' ? segment(key) : segment === key;

const prefix = (prefixes: Prefixes): ShapingEdit[] =>
  (['traits', 'properties'] as const).flatMap((part) => {
    const text = prefixes[part];
    if (text === undefined) return [];
    return [{ did: `prefixed ${part}`, run: compileEdit([part], withPrefix(text)) }];
  });

/** What the mapping or Customer.io reads by its name: with another it would no longer be that. */
const NAMES_WITH_A_MEANING: ReadonlySet<string> = new Set(
  (
    'id email cio_id anonymous_id created_at createdAt created unsubscribed cio_subscription_preferences ' +
    'phone timezone userId action _update ' +
    'object_type_id objectTypeId object_id objectId objectAttributes relationshipAttributes ' +
    'name url path device token push_enabled recipient from_address reply_to ' +
    'deliveryId delivery_id metric reason href actionName action_name actionValue action_value actionType action_type'
  ).split(' '),
);

/** What one topic or channel of somebody's subscriptions is called after. */
const PREFERENCE = 'cio_subscription_preferences.';

const hasMeaning = (key: string): boolean => NAMES_WITH_A_MEANING.has(key) || key.startsWith(PREFERENCE);

/** A key stays as it is when it has the prefix already, or when another key is called so. */
const withPrefix =
  (text: string) =>
  (part: unknown): unknown => {
    if (!isObject(part)) return part;
    const keys = Object.keys(part);
    const taken = keys.filter((key) => key.startsWith(text));
    const prefixed: Record<string, unknown> = {};
    let isChanged = false;
    for (const key of keys) {
      const isKept = hasMeaning(key) || taken.includes(key) || taken.includes(text + key);
      put(prefixed, isKept ? key : text + key, part[key]);
      isChanged ||= !isKept;
    }
    return isChanged ? prefixed : part;
  };
