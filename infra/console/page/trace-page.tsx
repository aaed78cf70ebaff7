// What became of an event, or of a person's last events: searched for in the archive and among the dead letters of a
// stage, which takes a while and may cost something. So it is done when it is asked for, and shown while it runs.

import { useEffect, useState } from 'preact/hooks';
import type { Traced, TracedLine, TraceProgress, TraceQuery } from '../contract';
import { clock, counted } from './format';
import { Missing } from './panel';
import { Problem } from './problem';
import { hrefOf, route } from './route';
import { Text } from './text';
import { hrefOfSearch, openedSearch } from './trace-address';
import { TraceForm } from './trace-form';
import { LettersOf, LinePanel, LinesTable } from './trace-found';
import { athenaWords, pathOfSearch } from './trace-search';
import { type TraceRun, type TraceState, useTrace } from './use-trace';

export const TracePage = () => {
  const search = openedSearch();
  const run = useTrace(search.wanted === '' ? '' : pathOfSearch(search));
  const { state, again } = run;
  const open = route.value.query.get('line') ?? '';
  const traced = state.kind === 'found' ? state.traced : undefined;
  const isOpen = open !== '' && traced !== undefined;
  return (
    <div class={`split ${isOpen ? 'is-open' : ''}`}>
      <section class="main-part is-scrolled">
        <header class="bar">
          <div class="bar-line">
            <h1>Trace</h1>
          </div>
          <p class="note">
            What became of an event, or of a person's last events: from the archive, the dead letters, and the
            queue.
          </p>
          <TraceForm search={search} onAgain={again} />
        </header>
        {search.wanted === '' ? <NothingYet /> : <Status run={run} />}
        {traced !== undefined && <Found traced={traced} search={search} open={open} />}
      </section>
      {isOpen && <Opened lines={traced.lines} search={search} open={open} />}
    </div>
  );
};

interface OpenedProps {
  readonly lines: readonly TracedLine[];
  readonly search: TraceQuery;
  /** Key of the one that is open. */
  readonly open: string;
}

const Opened = ({ lines, search, open }: OpenedProps) => {
  const line = lines.find(({ key }) => key.toWellFormed() === open);
  const closeHref = hrefOfSearch(search);
  if (line === undefined) return <Missing name={open} closeHref={closeHref} why={NOT_FOUND} />;
  return <LinePanel line={line} search={search} closeHref={closeHref} />;
};

const NOT_FOUND =
  'It is not among what was found now: newer ones have come since, it is older than what is searched, or the archive keeps it no longer.';

const NothingYet = () => (
  <div class="empty is-plain">
    <p>
      <b>Give a messageId, a userId, an anonymousId or an email.</b>
    </p>
    <p>
      An event is in the archive five minutes after it ended, if its source has <code>archive</code> set. A
      person is found where the source archives <code>events</code>.
    </p>
  </div>
);

const Status = ({ run: { state, cancel, again } }: { readonly run: TraceRun }) => (
  <div class="search-state">
    <p class={state.kind === 'problem' ? 'problem' : 'quiet'} role="status">
      {statusWords(state)}
    </p>
    {state.kind === 'searching' && <Progress startedAt={state.startedAt} progress={state.progress} />}
    {state.kind === 'searching' ? (
      <button type="button" class="button" onClick={cancel}>
        Cancel
      </button>
    ) : (
      <button type="button" class="button" onClick={again}>
        Search again
      </button>
    )}
  </div>
);

const statusWords = (state: TraceState) => {
  if (state.kind === 'searching') return 'Searching …';
  if (state.kind === 'cancelled') return 'Cancelled: nothing more is read.';
  if (state.kind === 'problem') return <Text of={state.problem} />;
  const { lines, letters, athenaBytes, readAt, isWhole } = state.traced;
  return [
    `Found ${counted(lines.length, 'line')} and ${counted(letters.length, 'dead letter')} at ${clock(readAt)}${
      isWhole ? '' : ', in what could be read'
    }.`,
    athenaBytes === undefined ? '' : athenaWords(athenaBytes),
  ].join(' ');
};

interface ProgressProps {
  readonly startedAt: number;
  readonly progress: readonly TraceProgress[];
}

const Progress = ({ startedAt, progress }: ProgressProps) => (
  <>
    <ul class="progress">
      {progress.map(({ of, words, done, whole }) => (
        <li key={of}>
          <span>
            {of === 'archive' ? 'Archive' : 'Dead letters'}: {words}
          </span>
          {whole !== undefined && (
            <progress aria-label={`Read of the ${of}`} value={done ?? 0} max={Math.max(1, whole)} />
          )}
        </li>
      ))}
    </ul>
    <Seconds since={startedAt} />
  </>
);

/** So that it is seen to go on where nobody says how far it is. */
const Seconds = ({ since }: { readonly since: number }) => {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <span class="quiet">{Math.max(0, Math.round((now - since) / 1_000))} s</span>;
};

interface FoundProps {
  readonly traced: Traced;
  readonly search: TraceQuery;
  readonly open: string;
}

const Found = ({ traced, search, open }: FoundProps) => {
  const { lines, letters, queue, problems, alsoNamed, isCut } = traced;
  const isNothing = traced.isWhole && lines.length === 0 && letters.length === 0;
  return (
    <>
      {problems.map((text) => (
        <Problem key={text} text={text} />
      ))}
      {lines.length > 0 && <LinesTable lines={lines} search={search} open={open} />}
      {isCut && (
        <p class="note is-inset">
          These are the newest {lines.length}: there may be older ones. Search for more lines, or up to an
          earlier time.
        </p>
      )}
      <AlsoNamed ids={alsoNamed} search={search} />
      {letters.length > 0 && <LettersOf letters={letters} />}
      {isNothing && <Nothing traced={traced} search={search} />}
      {queue !== undefined && (
        <p class="note is-inset">
          On the queue now, of all events together: {counted(queue.waiting, 'message')} waiting,{' '}
          {queue.inFlight.toLocaleString('en')} in flight. SQS does not say which.
        </p>
      )}
    </>
  );
};

/** A device that many use has as many people. */
const MAX_NAMES = 20;

const AlsoNamed = ({ ids, search }: { readonly ids: readonly string[]; readonly search: TraceQuery }) => {
  if (ids.length === 0) return null;
  return (
    <p class="is-inset">
      Events that name this person by another id alone are not among these. Search for{' '}
      {ids.slice(0, MAX_NAMES).map((id, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <a href={hrefOfSearch({ ...search, wanted: id })}>
            <Text of={id} />
          </a>
        </span>
      ))}
      .
    </p>
  );
};

const Nothing = ({
  traced: { archived },
  search,
}: {
  readonly traced: Traced;
  readonly search: TraceQuery;
}) => {
  const isMeant = ({ source }: { readonly source: string }): boolean =>
    search.source === '' || source === search.source;
  const namesOf = (what: string): string =>
    archived
      .filter((one) => one.what === what && isMeant(one))
      .map(({ source }) => source)
      .join(', ');
  const [none, outcomes] = [namesOf('none'), namesOf('outcomes')];
  return (
    <div class="empty is-plain is-list">
      <p>
        <b>Nothing of it in the archive, nor among the dead letters.</b>
      </p>
      <ul>
        <li>An event is in the archive five minutes after it ended. Until then it may be on the queue.</li>
        <li>
          Look further back:{' '}
          <a href={hrefOfSearch({ ...search, since: '30d', until: '' })}>the last 30 days</a>. The archive
          keeps 30 days unless <code>archiveDays</code> says otherwise.
        </li>
        {none !== '' && (
          <li>
            Nothing is archived of <Text of={none} />.
          </li>
        )}
        <li>
          A person is found only where the source archives <code>events</code>
          {outcomes === '' ? '' : '; outcomes alone are archived of '}
          {outcomes !== '' && <Text of={outcomes} />}. An id is told by its case, an email is not.
        </li>
        <li>
          Of an event that was refused consent nobody is kept: only its <code>messageId</code> finds it.
        </li>
        <li>
          A request that the endpoint refused is nowhere: <a href={hrefOf('pipeline')}>the pipeline</a> counts
          those by code.
        </li>
      </ul>
    </div>
  );
};
