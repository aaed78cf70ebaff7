// From the settings of a source to what is run on its events: once, when they are first needed. An event then costs
// a look-up by its type and name, and only the rules that concern those are asked.

import type { JsonObject } from '../json/json-object';
import { type ConsentCheck, compileConsent } from './consent';
import { compileGlobs } from './glob';
import type { Hashing } from './hash';
import type { Clean } from './privacy';
import { compileSelector, type EventTest } from './routing';
import type { Rule, RulesSettings } from './rule';
import { compileEdits, type ShapingEdit } from './shaping';
import { cleanOf } from './without-private';

export interface CompiledRules {
  readonly checkConsent: ConsentCheck | undefined;
  readonly clean: Clean | undefined;
  readonly planFor: (type: unknown, name: string | undefined) => Plan;
}

/** The rules that concern the events of one type and name. */
export interface Plan {
  readonly routing: readonly RoutingStep[];
  readonly shaping: readonly ShapingStep[];
}

export interface RoutingStep {
  readonly rule: string;
  /** Undefined when it skips all of them. */
  readonly skips: EventTest | undefined;
}

export interface ShapingStep {
  readonly rule: string;
  /** Undefined when it shapes all of them. */
  readonly when: EventTest | undefined;
  readonly edits: readonly ShapingEdit[];
}

/**
 * The compiled rules of a source, kept with the settings object; settings that are read again are other objects.
 * Undefined when the source has no rules.
 */
export const rulesOf = (source: RulesSettings): CompiledRules | undefined => {
  const known = compiled.get(source);
  if (known !== undefined) return known.rules;
  const rules = compileRules(source);
  compiled.set(source, { rules });
  return rules;
};

const compiled = new WeakMap<RulesSettings, { readonly rules: CompiledRules | undefined }>();

const compileRules = ({
  rules = [],
  consent,
  privacy,
  hashSalt = '',
  allowIdentifiers,
}: RulesSettings): CompiledRules | undefined => {
  const checkConsent = consent && compileConsent(consent);
  const clean = cleanOf(privacy);
  if (rules.length === 0 && checkConsent === undefined && clean === undefined) return undefined;
  const compiledRules = rules.map((rule) => compileRule(rule, { salt: hashSalt, allowIdentifiers }));
  return {
    checkConsent,
    clean,
    planFor: remembered((type, name) => planOf(compiledRules, type, name)),
  };
};

type StepMaker = (type: unknown, name: string | undefined) => RoutingStep | ShapingStep | undefined;

/** Makes what a rule adds to the plan of a type and name; undefined when it has nothing to do there. */
const compileRule = (rule: Rule, hashing: Hashing): StepMaker => {
  const scope = compileSelector(rule.for);
  const step = (rule.include ?? rule.exclude) ? routingStep(rule) : shapingStep(rule, hashing);
  return (type, name) => (scope.concerns(type, name) ? step(type, name) : undefined);
};

/** A renaming concerns the events that have one of its names. */
const shapingStep = (rule: Rule, hashing: Hashing): StepMaker => {
  const step = {
    rule: rule.name,
    when: compileSelector(rule.for).when,
    edits: compileEdits(rule, hashing),
  };
  // Stryker disable next-line ConditionalExpression: only spares events of other names the look for theirs
  const isRenamed = rule.rename === undefined ? undefined : compileGlobs(Object.keys(rule.rename));
  // Stryker disable next-line ConditionalExpression: the same
  return (_, name) => (isRenamed === undefined || (name !== undefined && isRenamed(name)) ? step : undefined);
};

/** An `include` skips what it does not mean, an `exclude` what it does. */
const routingStep = (rule: Rule): StepMaker => {
  const scope = compileSelector(rule.for).when;
  const meant = compileSelector(rule.include ?? rule.exclude);
  const isInclude = rule.include !== undefined;
  const ofAll: RoutingStep = { rule: rule.name, skips: scope };
  const ofSome: RoutingStep = {
    rule: rule.name,
    skips: both(scope, isInclude ? not(meant.when) : meant.when),
  };
  return (type, name) => {
    if (meant.concerns(type, name)) return isInclude && meant.when === undefined ? undefined : ofSome;
    return isInclude ? ofAll : undefined;
  };
};

const not = (test: EventTest | undefined): EventTest | undefined => test && ((event) => !test(event));

const both = (first: EventTest | undefined, second: EventTest | undefined): EventTest | undefined => {
  if (first === undefined || second === undefined) return first ?? second;
  return (event: JsonObject) => first(event) && second(event);
};

const planOf = (places: readonly StepMaker[], type: unknown, name: string | undefined): Plan => {
  const steps = places.flatMap((place) => place(type, name) ?? []);
  return {
    routing: steps.filter((step): step is RoutingStep => 'skips' in step),
    shaping: steps.filter((step): step is ShapingStep => 'edits' in step),
  };
};

/** How many plans are kept: names come from outside, and there may be no end of them. */
const MAX_PLANS = 1_000;

const remembered = (plan: CompiledRules['planFor']): CompiledRules['planFor'] => {
  const byType = new Map<unknown, Map<string | undefined, Plan>>();
  let plans = 0;
  return (type, name) => {
    const known = byType.get(type)?.get(name);
    if (known !== undefined) return known;
    const found = plan(type, name);
    if (plans === MAX_PLANS) return found;
    plans += 1;
    byType.set(type, (byType.get(type) ?? new Map<string | undefined, Plan>()).set(name, found));
    return found;
  };
};
