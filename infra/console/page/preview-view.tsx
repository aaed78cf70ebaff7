// What would become of a text, drawn: for each of its events the operations, or why there are none.

import { REASONS } from '../../../lib/errors';
import type { Translation } from '../../../lib/mapping/translation';
import type { SendTo } from '../contract';
import { counted } from './format';
import { JsonView } from './json-view';
import { type Chosen, type PreviewedEvent, preview } from './preview';
import { useDeferred } from './use-deferred';

interface PreviewViewProps {
  readonly text: string;
  readonly to: SendTo;
  readonly chosen: Chosen;
}

const SKIPPED_BECAUSE: Readonly<Record<string, string>> = {
  integrations_disabled: '`integrations` of the event says that it is not for Customer.io.',
  alias_to_itself: 'Both ids are the same person: there is nothing to merge.',
  delivered_by_browser: "Customer.io's own tracker in the browser has delivered it already.",
};

export const PreviewView = ({ text, to, chosen }: PreviewViewProps) => {
  const given = useDeferred(text);
  const result = preview(given, to, chosen, Date.now());
  return (
    <section class="try-right" aria-label="What becomes of it" aria-live="polite">
      {result.ok ? (
        result.events.map((event, index) => <Previewed key={index} previewed={event} />)
      ) : (
        <p class="problem">{result.problem}</p>
      )}
    </section>
  );
};

const Previewed = ({
  previewed: { event, translation, effective },
}: {
  readonly previewed: PreviewedEvent;
}) => (
  <article class="previewed">
    <Verdict translation={translation} />
    {effective.length > 0 && (
      <p class="note">
        Set otherwise,{' '}
        {effective.map((name) => (
          <code key={name}>{name} </code>
        ))}{' '}
        would make something else of it.
      </p>
    )}
    <details>
      <summary>The event as the mapping sees it</summary>
      <JsonView value={event} />
    </details>
  </article>
);

const Verdict = ({ translation }: { readonly translation: Translation }) => {
  if (translation.outcome === 'skipped') {
    return (
      <>
        <h2>
          <span class="chip fate-skipped">would be skipped</span> <code>{translation.reason}</code>
        </h2>
        <p>{SKIPPED_BECAUSE[translation.reason] ?? translation.reason}</p>
      </>
    );
  }
  if (translation.outcome === 'rejected') {
    return (
      <>
        <h2>
          <span class="chip fate-dead_lettered">would be rejected</span> <code>{translation.reason}</code>
        </h2>
        <p>{REASONS[translation.reason]}</p>
        <p>
          <b>{translation.detail}</b>
        </p>
      </>
    );
  }
  const sent = translation.outcome === 'metric' ? [translation.metric] : translation.operations;
  return (
    <>
      <h2>
        <span class="chip fate-delivered">
          {counted(sent.length, translation.outcome === 'metric' ? 'metric' : 'operation')}
        </span>
      </h2>
      {sent.map((operation, index) => (
        <JsonView key={index} value={operation} />
      ))}
    </>
  );
};
