// How the relay lives with a Customer.io that is slow, throttles or fails: switch a fault on, watch events pile up,
// switch it off, watch them drain.

import { useState } from 'preact/hooks';
import { sendJson } from './api';
import { Counts } from './counts';
import { JsonView } from './json-view';
import { Problem } from './problem';
import { usePolled } from './use-polled';

interface FaultPreset {
  readonly title: string;
  readonly does: string;
  readonly faults: Readonly<Record<string, unknown>>;
}

const FAULTS: readonly FaultPreset[] = [
  { title: 'None', does: 'Customer.io as it should be.', faults: {} },
  {
    title: 'Outage',
    does: 'Every request is answered 503. Nothing is lost, nothing becomes a dead letter; all waits on the queue.',
    faults: { unavailable: true },
  },
  {
    title: 'Wrong key',
    does: 'Every request is answered 401. An operator must act; events wait meanwhile.',
    faults: { unauthorized: true },
  },
  {
    title: 'Slow',
    does: 'Every answer takes two seconds, and up to one more.',
    faults: { latencyMs: 2_000, jitterMs: 1_000 },
  },
  {
    title: 'Throttled',
    does: 'Half of all requests are answered 429 with Retry-After: 1.',
    faults: { throttle: 0.5, retryAfterSeconds: 1 },
  },
  { title: 'Server errors', does: 'Half of all requests are answered 5xx.', faults: { serverError: 0.5 } },
  { title: 'Resets', does: 'Half of all connections break before anything is read.', faults: { reset: 0.5 } },
  {
    title: 'Lost answers',
    does: 'Half of all requests are processed and never answered. Nothing counts twice all the same.',
    faults: { lostAnswer: 0.5 },
  },
];

export const FaultsPage = () => {
  const { value, problem, readNow } = usePolled<{ faults: Readonly<Record<string, unknown>> }>('faults');
  const [mistake, setMistake] = useState('');
  const set = async (faults: FaultPreset['faults']): Promise<void> => {
    try {
      await sendJson('PUT', 'faults', faults);
      setMistake('');
    } catch (error) {
      setMistake(error instanceof Error ? error.message : String(error));
    }
    readNow();
  };
  return (
    <section class="main-part is-scrolled">
      <header class="bar">
        <div class="bar-line">
          <h1>Faults</h1>
        </div>
        <p class="note">
          Of the stand-in for Customer.io. Switch one on, send events, switch it off, and watch them drain.
        </p>
      </header>
      <Problem text={problem || mistake} />
      <Counts />
      <div class="faults">
        {FAULTS.map(({ title, does, faults }) => (
          <button
            key={title}
            type="button"
            class="fault"
            aria-pressed={isOn(faults, value?.faults)}
            onClick={() => void set(faults)}
          >
            <b>{title}</b>
            <span>{does}</span>
          </button>
        ))}
      </div>
      {value !== undefined && (
        <details class="faults-now">
          <summary>All faults of the moment</summary>
          <JsonView value={value.faults} />
        </details>
      )}
    </section>
  );
};

/** What was set has its default nowhere else: it is on when each of its fields is as it says, and no other is on. */
const isOn = (faults: FaultPreset['faults'], now: Readonly<Record<string, unknown>> | undefined): boolean =>
  now !== undefined &&
  Object.entries(now).every(([field, value]) => {
    if (field in faults) return faults[field] === value;
    return UNTOLD.includes(field) || value === 0 || value === false || isEmpty(value);
  });

const isEmpty = (value: unknown): boolean => value === '' || (Array.isArray(value) && value.length === 0);

const UNTOLD: readonly string[] = ['serverErrorStatuses', 'slowMs', 'seed'];
