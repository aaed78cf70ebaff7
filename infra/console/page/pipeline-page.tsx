// The pipeline at a glance: is it flowing, how late is it, what is failing. The last ten minutes, second by second.

import { useMemo } from 'preact/hooks';
import type { Pipeline, PipelineSample } from '../contract';
import { Counts } from './counts';
import { counted } from './format';
import { type Line, Plot } from './plot';
import { usePolled } from './use-polled';

/** What the sentence at the top speaks of. */
const RECENT_SAMPLES = 10;
const LATE_SECONDS = 5;

type Counted = Exclude<keyof PipelineSample, 'at'>;

const sum = (samples: readonly PipelineSample[], of: Counted): number =>
  samples.reduce((total, sample) => total + sample[of], 0);

interface Headline {
  readonly mood: 'green' | 'amber' | 'red' | 'quiet';
  readonly words: string;
}

/** The last that was heard of Customer.io is that it takes nothing. */
const isDown = (samples: readonly PipelineSample[]): boolean => {
  const last = samples.findLast(({ requests }) => requests > 0);
  return last !== undefined && last.failed === last.requests;
};

const headlineOf = (samples: readonly PipelineSample[]): Headline => {
  const recent = samples.slice(-RECENT_SAMPLES);
  const { waiting = 0, inFlight = 0, oldestSeconds = 0 } = recent.at(-1) ?? {};
  const onQueue = waiting + inFlight;
  const late = `${counted(onQueue, 'message')} on the queue, the oldest for ${oldestSeconds} s`;
  if (isDown(recent)) return { mood: 'red', words: `Customer.io does not take requests: ${late}.` };
  if (onQueue > 0 && sum(recent, 'failed') + sum(recent, 'throttled') > 0)
    return { mood: 'amber', words: `Some requests are not taken: ${late}.` };
  if (oldestSeconds > LATE_SECONDS) return { mood: 'amber', words: `Late: ${late}.` };
  const came = sum(recent, 'came');
  if (came + onQueue === 0) return { mood: 'quiet', words: 'Quiet: nothing comes, and nothing waits.' };
  return {
    mood: 'green',
    words: `Flowing: ${counted(came, 'event')} in the last ${RECENT_SAMPLES} s; ${late}.`,
  };
};

export const PipelinePage = () => {
  const { value, problem } = usePolled<Pipeline>('pipeline');
  const samples = value?.samples ?? [];
  const { mood, words } = headlineOf(samples);
  return (
    <section class="main-part is-scrolled">
      <header class="bar">
        <div class="bar-line">
          <h1>Pipeline</h1>
        </div>
        <p class={`verdict color-${mood}`}>{words}</p>
      </header>
      {problem !== '' && <p class="problem">{problem}</p>}
      <Counts />
      {value !== undefined && samples.length > 1 ? (
        <Plots pipeline={value} />
      ) : (
        <p class="empty">Measuring …</p>
      )}
    </section>
  );
};

const Plots = ({ pipeline: { samples, allowedRequests } }: { readonly pipeline: Pipeline }) => {
  const times = useMemo(() => samples.map(({ at }) => at / 1_000), [samples]);
  const plots = useMemo(() => plotsOf(samples, allowedRequests), [samples, allowedRequests]);
  return (
    <div class="plots">
      {plots.map(({ title, lines }) => (
        <Plot key={title} title={title} times={times} lines={lines} />
      ))}
    </div>
  );
};

const plotsOf = (samples: readonly PipelineSample[], allowed: number): { title: string; lines: Line[] }[] => {
  const line = (label: string, color: string, of: Counted): Line => ({
    label,
    color,
    values: samples.map((sample) => sample[of]),
  });
  const rate = { label: 'allowed', color: 'quiet', isDashed: true, values: samples.map(() => allowed) };
  return [
    {
      title: 'Events per second',
      lines: [line('came', 'blue', 'came'), line('delivered', 'green', 'delivered')],
    },
    {
      title: 'Messages on the queue',
      lines: [line('waiting', 'amber', 'waiting'), line('in flight', 'blue', 'inFlight')],
    },
    { title: 'Age of the oldest, seconds', lines: [line('age', 'amber', 'oldestSeconds')] },
    {
      title: 'Requests per second',
      lines: [
        line('all', 'green', 'requests'),
        line('429', 'amber', 'throttled'),
        line('failed', 'red', 'failed'),
        rate,
      ],
    },
    { title: 'Operations per second', lines: [line('sent', 'green', 'operations')] },
    {
      title: 'Trouble per second',
      lines: [line('retried', 'amber', 'retried'), line('dead letters', 'red', 'deadLettered')],
    },
  ];
};
