// What a search of the archive has found: its lines as a list, one of them with all that is known of it, and the dead
// letters.

import type { TracedLetter, TracedLine, TraceQuery } from '../contract';
import { Code, MeaningOf } from './code';
import { ColumnHeads } from './column-heads';
import { CopyButton } from './copy-button';
import { groupKeyOf } from './dead-letter-groups';
import { FATE_MEANS, FateChip } from './fate';
import { ago, count } from './format';
import { formatJson } from './json-text';
import { JsonView } from './json-view';
import { Panel } from './panel';
import { hrefOf } from './route';
import { Text } from './text';
import { Time } from './time';
import { hrefOfSearch } from './trace-address';

const COLUMNS = ['Ended', 'Fate', 'Event', 'Person', 'Source', 'Why'];

interface LinesTableProps {
  readonly lines: readonly TracedLine[];
  readonly search: TraceQuery;
  /** Key of the one that is open. */
  readonly open: string;
}

export const LinesTable = ({ lines, search, open }: LinesTableProps) => (
  <table class="list traced" aria-label="Lines of the archive, newest first">
    <ColumnHeads columns={COLUMNS} />
    <tbody>
      {lines.map((line) => (
        <tr key={line.key} class={line.key.toWellFormed() === open ? 'is-selected' : ''}>
          <td data-label="Ended" class="in-one-piece">
            <a href={hrefOfSearch(search, line.key)}>
              <Time at={line.endedAt} />
            </a>
          </td>
          <td data-label="Fate">
            <FateChip fate={line.fate} />
          </td>
          <td data-label="Event">
            <span class="some-lines">
              <span class="quiet">
                <Text of={line.type || '?'} />
              </span>{' '}
              <Text of={line.name} />
            </span>
          </td>
          <td data-label="Person">
            <span class="some-lines">
              <Text of={line.people[0] ?? '–'} />
            </span>
          </td>
          <td data-label="Source">
            <Text of={line.source} />
          </td>
          <td data-label="Why">
            <span class="some-lines">
              {line.reason && <Code of={line.reason} />} <Text of={line.detail} />
              {line.attempts > 1 && <span class="quiet"> attempt {count(line.attempts)}</span>}
            </span>
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

interface LinePanelProps {
  readonly line: TracedLine;
  readonly search: TraceQuery;
  readonly closeHref: string;
}

export const LinePanel = ({ line, search, closeHref }: LinePanelProps) => {
  const { fate, reason, detail, type, name, event } = line;
  const text = event === undefined ? undefined : formatJson(event);
  return (
    <Panel label={`${type || 'Event'} ${name}`.trim()} closeHref={closeHref}>
      <h2>
        <Text of={type || 'Event'} /> <Text of={name} />
      </h2>
      <p class="facts">
        <FateChip fate={fate} /> {reason && <Code of={reason} />}
      </p>
      <p>
        <Text of={detail || FATE_MEANS[fate]} />
      </p>
      <MeaningOf code={reason} />
      <Facts line={line} search={search} />
      <h3>The event</h3>
      {text === undefined ? (
        <p class="quiet">{whyNot(line)}</p>
      ) : (
        <>
          <div class="actions">
            <CopyButton label="Copy JSON" text={text} />
          </div>
          {line.isChanged && <p class="note">{CHANGED}</p>}
          <JsonView value={text} />
        </>
      )}
    </Panel>
  );
};

const Facts = ({ line, search }: { readonly line: TracedLine; readonly search: TraceQuery }) => {
  const { receivedAt, endedAt, attempts, source, messageId, people } = line;
  return (
    <dl class="pairs">
      <dt>Received</dt>
      <dd>
        <Time at={receivedAt} />
      </dd>
      <dt>Ended</dt>
      <dd>
        <Time at={endedAt} />
      </dd>
      <dt>Attempts</dt>
      <dd>{count(attempts)}</dd>
      <dt>Source</dt>
      <dd>
        <Text of={source} />
      </dd>
      <dt>messageId</dt>
      <dd>
        <Other id={messageId} search={search} />
      </dd>
      {people.length > 0 && <dt>Person</dt>}
      {people.map((id) => (
        <dd key={id} class="is-value">
          <Other id={id} search={search} />
        </dd>
      ))}
    </dl>
  );
};

/** Leads to the same search by that id, unless it is this one. */
const Other = ({ id, search }: { readonly id: string; readonly search: TraceQuery }) =>
  id === search.wanted ? (
    <Text of={id} />
  ) : (
    <a href={hrefOfSearch({ ...search, wanted: id })}>
      <Text of={id} />
    </a>
  );

const LEFT_OUT: Readonly<Record<NonNullable<TracedLine['leftOut']>, string>> = {
  consent_refused:
    'It is not archived, for the person has not agreed to what consent of the source requires.',
  too_large: 'It is not archived, for it has more than 300,000 characters.',
  not_json: 'It is not archived, for what came was no JSON.',
  forgotten: 'It is not there any more: the person was forgotten.',
  too_many:
    'It is archived, but all of these events are more than a page can hold. Search for its messageId.',
};

const CHANGED =
  'This is not quite what was sent: it mentioned somebody who was forgotten since. A mention is “forgotten” now, and a number null. It is not replayed.';

const whyNot = ({ leftOut }: TracedLine): string =>
  leftOut === undefined
    ? 'It is not archived: its source archives what became of events, and not the events.'
    : LEFT_OUT[leftOut];

const MAX_LETTERS = 100;

export const LettersOf = ({ letters }: { readonly letters: readonly TracedLetter[] }) => (
  <section class="codes">
    <h2>Dead letters</h2>
    <p class="note">They are on their queue. Each can be read there, mended, and sent again.</p>
    <table class="list">
      <ColumnHeads columns={['Reason', 'Source', 'Message', 'Since']} />
      <tbody>
        {letters.slice(0, MAX_LETTERS).map((letter) => (
          <tr key={letter.id}>
            <td data-label="Reason">
              <a href={hrefOf('dead-letters', groupKeyOf(letter), { letter: letter.id })}>
                <code>
                  <Text of={letter.reason} />
                </code>
              </a>
            </td>
            <td data-label="Source">
              <Text of={letter.source || '–'} />
            </td>
            <td data-label="Message">
              <span class="some-lines">
                <Text of={letter.detail} />
              </span>
            </td>
            <td data-label="Since" class="in-one-piece">
              {ago(letter.failedAt)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
    {letters.length > MAX_LETTERS && (
      <p class="note">
        The newest {MAX_LETTERS} of {count(letters.length)}.
      </p>
    )}
  </section>
);
