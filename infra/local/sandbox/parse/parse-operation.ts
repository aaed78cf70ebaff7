// One item of a batch, or the body of an entity request: either an operation that can be applied, or all the
// reasons why not. It knows limits and shapes, not the people of a workspace; Customer.io looks at those later.

import { MAX_OPERATION_BYTES } from '../../../../lib/customerio/limits';
import { isObject, type JsonObject } from '../../../../lib/json/json-object';
import { jsonExceeds } from './json-size';
import type { Parser, ParseSettings } from './parse-fields';
import { DELIVERY_PARSERS, OBJECT_PARSERS } from './parse-object';
import { PERSON_PARSERS } from './parse-person';
import type { ParsedOperation } from './parsed-operation';
import { type Problem, Problems } from './problems';

export type ParseResult =
  | { readonly ok: true; readonly operation: ParsedOperation }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const PARSERS: ReadonlyMap<unknown, ReadonlyMap<string, Parser<ParsedOperation>>> = new Map<
  unknown,
  ReadonlyMap<string, Parser<ParsedOperation>>
>([
  ['person', PERSON_PARSERS],
  ['object', OBJECT_PARSERS],
  ['delivery', DELIVERY_PARSERS],
]);

export const parseOperation = (candidate: unknown, settings: ParseSettings): ParseResult => {
  const problems = new Problems();
  const operation = isObject(candidate)
    ? parseByAction(candidate, settings, problems)
    : problems.add('invalid', '', 'the operation must be an object');
  if (jsonExceeds(candidate, MAX_OPERATION_BYTES)) {
    problems.add('too_large', '', `the operation cannot be larger than ${MAX_OPERATION_BYTES} bytes`);
  }
  if (operation === undefined || problems.list.length > 0) return { ok: false, problems: problems.list };
  return { ok: true, operation };
};

const parseByAction = (
  candidate: JsonObject,
  settings: ParseSettings,
  problems: Problems,
): ParsedOperation | undefined => {
  const { type, action } = candidate;
  const parsers = PARSERS.get(type);
  if (parsers === undefined) {
    return problems.add('invalid', 'type', `type must be ${[...PARSERS.keys()].join(', ')}`);
  }
  const parse = parsers.get(typeof action === 'string' ? action : '');
  if (parse === undefined) {
    return problems.add('invalid', 'action', `action must be ${[...parsers.keys()].join(', ')}`);
  }
  return parse(candidate, settings, problems);
};
