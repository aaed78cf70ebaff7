// The pipeline at a glance: is it flowing, how late is it, what is failing. By source and over a range of time; what
// the backend does not know has no plot.

import { useMemo } from 'preact/hooks';
import type { Measure, Pipeline } from '../contract';
import { Causes } from './causes';
import { Counts } from './counts';
import { duration } from './format';
import { type Headline, headlineOf } from './headline';
import { info } from './info';
import { type Line, Plot } from './plot';
import { Problem } from './problem';
import { hrefOf, replaceRoute, route } from './route';
import { Select } from './select';
import { Totals } from './totals';
import { usePolled } from './use-polled';

const ALL = 'all sources';

interface Chosen {
  readonly seconds: number;
  readonly way: string;
  /** Empty: all of them. */
  readonly source: string;
}

/** What the address says, where the backend has it. */
const chosenIn = (query: URLSearchParams): Chosen => {
  const { ranges = [], ways = [] } = info.value?.pipeline ?? {};
  return {
    seconds: ranges.find((range) => range === Number(query.get('seconds'))) ?? ranges[0] ?? 0,
    way: ways.find((name) => name === query.get('way')) ?? ways[0] ?? '',
    source: query.get('source') ?? '',
  };
};

const searchOf = ({ seconds, way, source }: Chosen) => ({ seconds: `${seconds}`, way, source });

const headline = (value: Pipeline | undefined, problem: string, way: string): Headline => {
  if (problem !== '') return NOT_KNOWN;
  return value === undefined ? MEASURING : headlineOf(value, way);
};

export const PipelinePage = () => {
  const chosen = chosenIn(route.value.query);
  const { value, problem } = usePolled<Pipeline>(`pipeline?${new URLSearchParams(searchOf(chosen))}`);
  const { mood, words } = headline(value, problem, chosen.way);
  const problems = [problem, ...(value?.problems ?? [])].filter((text) => text !== '');
  return (
    <section class="main-part is-scrolled">
      <header class="bar">
        <div class="bar-line">
          <h1>Pipeline</h1>
          <Choices chosen={chosen} sources={value?.sources ?? []} />
        </div>
        <p class={`verdict color-${mood}`} aria-live="polite">
          {words}
        </p>
      </header>
      {problems.map((text) => (
        <Problem key={text} text={text} />
      ))}
      {value !== undefined && <Numbers pipeline={value} chosen={chosen} />}
    </section>
  );
};

const Numbers = ({ pipeline, chosen }: { readonly pipeline: Pipeline; readonly chosen: Chosen }) => (
  <>
    {info.value?.pages.includes('events') ? (
      <>
        <Counts source={chosen.source} />
        <p class="note is-inset">
          Of all events that are kept. The plots are of the last {duration(chosen.seconds)}.
        </p>
      </>
    ) : (
      <Totals pipeline={pipeline} />
    )}
    {pipeline.times.length > 1 && <Plots pipeline={pipeline} />}
    {pipeline.causes !== undefined && <Causes causes={pipeline.causes} seconds={chosen.seconds} />}
  </>
);

const Choices = ({ chosen, sources }: { readonly chosen: Chosen; readonly sources: readonly string[] }) => {
  const { ranges = [], ways = [] } = info.value?.pipeline ?? {};
  const { seconds, way, source } = chosen;
  const names = [...new Set(source === '' ? sources : [...sources, source])];
  const set = (changed: Partial<Chosen>): void =>
    replaceRoute(hrefOf('pipeline', '', searchOf({ ...chosen, ...changed })));
  return (
    <span class="choices">
      {ways.length > 1 && (
        <Select label="To" value={way} of={ways} onChange={(next) => set({ way: next, source: '' })} />
      )}
      {names.length > 1 && (
        <Select
          label="Source"
          value={source || ALL}
          of={[ALL, ...names]}
          onChange={(next) => set({ source: next === ALL ? '' : next })}
        />
      )}
      <Select
        label="The last"
        value={duration(seconds)}
        of={ranges.map(duration)}
        onChange={(next) => set({ seconds: ranges.find((range) => duration(range) === next) ?? seconds })}
      />
    </span>
  );
};

const NOT_KNOWN: Headline = { mood: 'red', words: 'Not known now: what is shown is of before.' };
const MEASURING: Headline = { mood: 'quiet', words: 'Measuring …' };

const Plots = ({ pipeline }: { readonly pipeline: Pipeline }) => {
  const times = useMemo(() => pipeline.times.map((ms) => ms / 1_000), [pipeline]);
  const plots = useMemo(() => plotsOf(pipeline), [pipeline]);
  return (
    <div class="plots">
      {plots.map(({ title, lines }) => (
        <Plot key={`${title} ${lines.map(({ label }) => label)}`} title={title} times={times} lines={lines} />
      ))}
    </div>
  );
};

interface PlotOf {
  readonly title: string;
  readonly lines: readonly Line[];
}

type LineOf = readonly [label: string, color: string, measure: Measure];

const plotsOf = ({ measured, stepSeconds, times, allowedRequests }: Pipeline): PlotOf[] => {
  const [unit, unitSeconds] = stepSeconds < 60 ? ['second', 1] : ['minute', 60];
  const lines = (list: readonly LineOf[], perSeconds?: number): Line[] =>
    list.flatMap(([label, color, measure]) => {
      const values = measured[measure];
      if (values === undefined) return [];
      const factor = perSeconds === undefined ? 1 : perSeconds / stepSeconds;
      return [{ label, color, values: values.map((value) => (value === null ? null : value * factor)) }];
    });
  const allowed: Line[] =
    allowedRequests === undefined
      ? []
      : [{ label: 'allowed', color: 'quiet', isDashed: true, values: times.map(() => allowedRequests) }];
  return [
    {
      title: `Events per ${unit}`,
      lines: lines(
        [
          ['came', 'blue', 'came'],
          ['delivered', 'green', 'delivered'],
          ['skipped', 'gray', 'skipped'],
        ],
        unitSeconds,
      ),
    },
    {
      title: 'Messages on the queue',
      lines: lines([
        ['waiting', 'amber', 'waiting'],
        ['in flight', 'blue', 'inFlight'],
      ]),
    },
    {
      title: 'Age of the oldest, seconds',
      lines: lines([
        ['age', 'amber', 'oldestSeconds'],
        ['delivered, 95 of 100', 'green', 'deliveredSeconds'],
      ]),
    },
    {
      title: 'Requests per second',
      lines: [
        ...lines(
          [
            ['all', 'green', 'requests'],
            ['429', 'amber', 'throttled'],
            ['failed', 'red', 'failed'],
          ],
          1,
        ),
        ...allowed,
      ],
    },
    { title: `Operations per ${unit}`, lines: lines([['sent', 'green', 'operations']], unitSeconds) },
    {
      title: `Trouble per ${unit}`,
      lines: lines(
        [
          ['retried', 'amber', 'retried'],
          ['dead letters', 'red', 'deadLettered'],
          ['refused', 'blue', 'refused'],
          ['credentials refused', 'gray', 'authFailures'],
          ['functions failed', 'green', 'functionErrors'],
        ],
        unitSeconds,
      ),
    },
  ].filter((plot) => plot.lines.length > 0);
};
