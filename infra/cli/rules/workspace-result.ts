// What a whole sample became at one workspace: counts and lines, by fate and by rule. Nothing of an event is kept.

import { labelOf, type Source } from '../../../lib/config/source';
import { Fates } from '../import/import-report';
import { layOut } from '../layout';
import type { Trial } from './trial';

/** Settings that are no rules, and say under their own names what they did. */
const SETTINGS_THAT_ACT = ['consent', 'privacy'] as const;

export class WorkspaceResult {
  rejected = 0;
  private readonly fates = new Fates();
  /** By rule. One that has done nothing is here too: its condition may be misspelt. */
  private readonly effects: Map<string, Fates>;

  constructor(readonly source: Source) {
    const acting = SETTINGS_THAT_ACT.filter((name) => source[name] !== undefined);
    const names = [...acting, ...source.rules.map(({ name }) => name)];
    this.effects = new Map(names.map((name) => [name, new Fates()]));
  }

  add({ kind, fate, steps }: Trial, line: number): void {
    this.fates.add(fate, line);
    this.rejected += Number(kind === 'rejected');
    for (const { rule, did } of steps) this.effectsOf(rule).add(did, line);
  }

  private effectsOf(rule: string): Fates {
    const effects = this.effects.get(rule) ?? new Fates();
    this.effects.set(rule, effects);
    return effects;
  }

  toJson() {
    const { name, workspace } = this.source;
    const rules = [...this.effects].map(([rule, effects]) => ({ rule, did: effects.toJson() }));
    return { source: name, workspace, fates: this.fates.toJson(), rules };
  }

  toText(): string {
    const fates = layOut(['events', 'lines', 'what becomes of it'], this.fates.toRows().map(whatLast));
    const rules = [...this.effects].flatMap(([rule, effects]) => rowsOf(rule, effects));
    const byRule =
      rules.length === 0 ? 'It has no rules.' : layOut(['events', 'lines', 'what each rule did'], rules);
    return `Source ${labelOf(this.source)}\n\n${fates}\n\n${byRule}`;
  }
}

/** The last column has the most room. */
const whatLast = ([what = '', count = '', lines = '']: readonly string[]): string[] => [count, lines, what];

const rowsOf = (rule: string, effects: Fates): string[][] => {
  const rows = effects.toRows();
  if (rows.length === 0) return [['0', '', `${rule}: nothing`]];
  return rows.map(([did = '', ...where]) => whatLast([`${rule}: ${did}`, ...where]));
};
