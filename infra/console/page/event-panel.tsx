// One event with its whole way: what came in, what the door changed, the operation, what was answered, and when.

import { type ComponentChildren, Fragment } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { parseJsonOrText } from '../../../lib/json/parse-json';
import type { Change, DoorRequest, EventDetail, Step, WorkspaceFate } from '../contract';
import { getJson } from './api';
import { Code, MeaningOf } from './code';
import { CopyButton } from './copy-button';
import { asCurl } from './curl';
import { type EventId, pathOfDetail } from './event-id';
import { FATE_MEANS, FateChip } from './fate';
import { clockWithMs, counted, utc } from './format';
import { info } from './info';
import { prettyJson } from './json-text';
import { JsonView } from './json-view';
import { idOf, revision, rows, run } from './live-events';
import { Panel } from './panel';
import { hrefOf } from './route';
import { Text } from './text';
import { Time } from './time';

interface Loaded {
  readonly path?: string;
  readonly detail?: EventDetail;
  readonly problem?: string;
}

/** Read again whenever its row has changed. */
const useDetail = (id: EventId): Loaded => {
  const [loaded, setLoaded] = useState<Loaded>({});
  const path = pathOfDetail(id);
  const row = id.run === run.value ? rows.get(id.number) : undefined;
  useEffect(() => {
    let isWanted = true;
    getJson<EventDetail>(path).then(
      (detail) => isWanted && setLoaded({ path, detail }),
      (error: Error) => isWanted && setLoaded({ path, problem: error.message }),
    );
    return () => {
      isWanted = false;
    };
  }, [path, row]);
  return loaded.path === path ? loaded : {};
};

export const EventPanel = ({ id, closeHref }: { readonly id: EventId; readonly closeHref: string }) => {
  // So that a change of the row is seen.
  revision.value;
  const { detail, problem } = useDetail(id);
  return (
    <Panel label={`Event ${id.number}`} closeHref={closeHref}>
      {problem !== undefined && <p class="problem">{problem}</p>}
      {detail !== undefined && <Detail detail={detail} />}
    </Panel>
  );
};

const Detail = ({ detail }: { readonly detail: EventDetail }) => {
  const { summary, request, raw, queued, changes, steps } = detail;
  // A report of Customer.io's is no event that an endpoint would take.
  const isEvent = summary.door !== 'webhook';
  const { fate, reason, type, name, person, messageId, at } = summary;
  return (
    <>
      <h2>
        <Text of={type || 'Event'} /> <Text of={name} />
      </h2>
      <p class="facts">
        <FateChip fate={fate} /> {reason && <Code of={reason} />}
      </p>
      <p>
        <Text of={summary.detail || FATE_MEANS[fate]} />
      </p>
      <MeaningOf code={reason} />
      {fate === 'retried' && summary.retryAt !== undefined && (
        <p>It comes again at {clockWithMs(summary.retryAt)}.</p>
      )}
      {summary.workspaces !== undefined && <Workspaces workspaces={summary.workspaces} />}
      <dl class="pairs">
        <dt>Came</dt>
        <dd>
          <Time at={at} />
        </dd>
        <dt>Person</dt>
        <dd>
          {person === '' ? (
            'nobody'
          ) : (
            <a href={hrefOf('events', '', { q: person })}>
              <Text of={person} />
            </a>
          )}
        </dd>
        <dt>messageId</dt>
        <dd>
          <code>
            <Text of={messageId || 'none'} />
          </code>
        </dd>
      </dl>
      <div class="actions">
        {isEvent && info.value?.endpoint && (
          <CopyButton label="Copy as curl" text={asCurl(raw, summary.source, info.value.endpoint)} />
        )}
        <CopyButton label="Copy JSON" text={prettyJson(raw)} />
        {isEvent && info.value?.pages.includes('try') && (
          <a class="button" href={hrefOf('try', '', { event: idOf(summary.number) })}>
            Open in Try it
          </a>
        )}
      </div>
      <Way steps={steps} />
      <Section title="What came in" note={request && `${request.method} ${request.path}`}>
        {request !== undefined && <Request request={request} />}
        <JsonView value={raw} />
      </Section>
      {queued !== undefined && request !== undefined && <Changes changes={changes} />}
      <Outgoing detail={detail} />
    </>
  );
};

const Workspaces = ({ workspaces }: { readonly workspaces: readonly WorkspaceFate[] }) => (
  <Section title="At each workspace">
    <ul class="attributes">
      {workspaces.map(({ name, fate, reason, detail, retryAt }) => (
        <li key={name}>
          <FateChip fate={fate} /> <b>{name}</b> {reason && <Code of={reason} />} <Text of={detail} />
          {retryAt !== undefined && ` It comes again at ${clockWithMs(retryAt)}.`}
        </li>
      ))}
    </ul>
  </Section>
);

const Outgoing = ({ detail: { summary, operations, operationsFor } }: { readonly detail: EventDetail }) => {
  const isActivity = summary.door === 'webhook';
  return (
    <Section
      title={`What ${isActivity ? 'Segment' : 'Customer.io'} is sent`}
      note={counted(operations.length, isActivity ? 'event' : 'operation')}
    >
      {operations.length === 0 && <p class="quiet">Nothing, so far.</p>}
      {operations.map((operation, index) => (
        <Fragment key={index}>
          {operationsFor && <p class="quiet">For {operationsFor[index]}</p>}
          <JsonView value={operation} />
        </Fragment>
      ))}
    </Section>
  );
};

interface SectionProps {
  readonly title: string;
  readonly note?: string | undefined;
  readonly children: ComponentChildren;
}

const Section = ({ title, note, children }: SectionProps) => (
  <section class="part">
    <h3>
      {title}{' '}
      {note && (
        <span class="quiet">
          <Text of={note} />
        </span>
      )}
    </h3>
    {children}
  </section>
);

const Way = ({ steps }: { readonly steps: readonly Step[] }) => (
  <Section title="Its way">
    <ol class="way">
      {steps.map(({ at, what, detail, answer }, index) => (
        <li key={`${at}-${index}`}>
          <time title={utc(at)}>{clockWithMs(at)}</time>
          <span>
            {what}
            {detail && (
              <em>
                {' '}
                <Text of={detail} />
              </em>
            )}
            {answer && (
              <details>
                <summary>The whole answer</summary>
                <JsonView value={parseJsonOrText(answer)} />
              </details>
            )}
          </span>
        </li>
      ))}
    </ol>
  </Section>
);

const Request = ({ request }: { readonly request: DoorRequest }) => (
  <details>
    <summary>
      Headers and answer ({request.status}); {counted(request.events, 'event')} in the request
    </summary>
    <p class="note">
      {request.keysIn.length === 0
        ? 'No write key came with it.'
        : `Write key from ${request.keysIn.join(', or ')}.`}
    </p>
    <dl class="pairs">
      {Object.entries(request.headers).map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>
            <Text of={value} />
          </dd>
        </Fragment>
      ))}
    </dl>
    <JsonView value={request.answer} />
  </details>
);

const Changes = ({ changes }: { readonly changes: readonly Change[] }) => (
  <Section title="What the endpoint changed" note={changes.length === 0 ? 'nothing' : undefined}>
    <ul class="changes">
      {changes.map(({ field, before, after, why }) => (
        <li key={field}>
          <code>
            <Text of={field} />
          </code>{' '}
          {why}
          <span class="from-to">
            {before !== '' && (
              <del>
                <Text of={before} />
              </del>
            )}{' '}
            {after !== '' && (
              <ins>
                <Text of={after} />
              </ins>
            )}
          </span>
        </li>
      ))}
    </ul>
  </Section>
);
