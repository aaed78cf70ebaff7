// What is searched for, and where. Nothing is searched while it is typed: each search reads a good part of the archive.

import { useLayoutEffect, useState } from 'preact/hooks';
import type { TraceQuery } from '../contract';
import { zone } from './format';
import { info } from './info';
import { Select } from './select';
import { hrefOfSearch } from './trace-address';
import { BETWEEN, fromField, RANGES, rangeWords, timeOf, toField } from './trace-search';
import { useSources } from './use-sources';

const ALL = 'all sources';

interface TraceFormProps {
  readonly search: TraceQuery;
  /** The same is asked for once more. */
  readonly onAgain: () => void;
}

export const TraceForm = ({ search, onAgain }: TraceFormProps) => {
  const [asked, setAsked] = useState(search);
  const [range, setRange] = useState(rangeWords(search));
  // Before it is drawn: an effect after that would take away what is typed by then.
  useLayoutEffect(() => {
    setAsked(search);
    setRange(rangeWords(search));
  }, [JSON.stringify(search)]);
  const set = (changed: Partial<TraceQuery>): void => setAsked({ ...asked, ...changed });
  const chooseRange = (words: string): void => {
    setRange(words);
    const since = RANGES.find(([, known]) => known === words)?.[0];
    set(since === undefined ? { since: timeOf(asked.since) } : { since, until: '' });
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const href = hrefOfSearch({ ...asked, wanted: asked.wanted.trim() });
    if (href === hrefOfSearch(search)) onAgain();
    else location.hash = href;
  };
  return (
    <form class="trace-form" onSubmit={submit}>
      <input
        type="search"
        class="search"
        placeholder="messageId, userId, anonymousId or email   ( / )"
        aria-label="messageId or person"
        value={asked.wanted}
        onInput={({ currentTarget }) => set({ wanted: currentTarget.value })}
      />
      <button type="submit" class="button is-main">
        Search
      </button>
      <div class="trace-choices">
        <Select
          label="Received"
          value={range}
          of={[...RANGES.map(([, words]) => words), BETWEEN]}
          onChange={chooseRange}
        />
        {range === BETWEEN && (
          <>
            <TimeField label="From" value={timeOf(asked.since)} onChange={(since) => set({ since })} />
            <TimeField label="to" value={timeOf(asked.until)} onChange={(until) => set({ until })} />
          </>
        )}
        <SourceChoice value={asked.source} onChange={(source) => set({ source })} />
        <Select
          label="At most"
          value={`${asked.limit} lines`}
          of={(info.value?.trace?.limits ?? [asked.limit]).map((limit) => `${limit} lines`)}
          onChange={(words) => set({ limit: Number.parseInt(words, 10) })}
        />
        <label class="field">
          <input
            type="checkbox"
            checked={asked.scans}
            onChange={({ currentTarget }) => set({ scans: currentTarget.checked })}
          />
          <span>Read the objects, and do not ask Athena</span>
        </label>
      </div>
      <p class="note">
        Athena answers in seconds, and bills what it reads: $5 a TB, 10 MB at least. Reading the objects takes
        longer, and costs their requests: $0.40 a million.
      </p>
    </form>
  );
};

interface TimeFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (time: string) => void;
}

const TimeField = ({ label, value, onChange }: TimeFieldProps) => (
  <label class="field">
    <span>
      {label} ({zone(Date.parse(value) || Date.now())})
    </span>
    <input
      type="datetime-local"
      title={value}
      class="text"
      value={toField(value)}
      onChange={({ currentTarget }) => onChange(fromField(currentTarget.value))}
    />
  </label>
);

interface SourceChoiceProps {
  readonly value: string;
  readonly onChange: (source: string) => void;
}

/** Without the workspace: a line is of its source. One that only the archive knows comes by the address. */
const SourceChoice = ({ value, onChange }: SourceChoiceProps) => {
  const known = (useSources()?.all ?? []).map(({ name }) => name.split('/')[0] ?? name);
  const names = [...new Set(value === '' ? known : [...known, value])];
  if (names.length < 2 && value === '') return null;
  return (
    <Select
      label="Source"
      value={value || ALL}
      of={[ALL, ...names]}
      onChange={(next) => onChange(next === ALL ? '' : next)}
    />
  );
};
