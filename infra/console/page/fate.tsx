// A fate as it is shown everywhere: its word, its colour, and what it means.

import type { Fate } from '../contract';

export const FATE_WORDS: Readonly<Record<Fate, string>> = {
  refused: 'refused',
  skipped: 'skipped',
  queued: 'queued',
  retried: 'retrying',
  delivered: 'delivered',
  dead_lettered: 'dead letter',
};

export const FATE_MEANS: Readonly<Record<Fate, string>> = {
  refused: 'The endpoint did not take the request; its sender knows.',
  skipped: 'Not for Customer.io: nothing was sent.',
  queued: 'Taken, and waiting for delivery.',
  retried: 'Could not be delivered yet; it comes again by itself.',
  delivered: 'The destination has it.',
  dead_lettered: 'Can never work as it is; it is kept as a dead letter.',
};

export const FateChip = ({ fate }: { readonly fate: Fate }) => (
  <span class={`chip fate-${fate}`} title={FATE_MEANS[fate]}>
    {FATE_WORDS[fate]}
  </span>
);
