// What would become of a text, drawn: for each of its events the operations, or why there are none, and what had a
// part in it.

import type { JsonObject } from '../../../lib/json/json-object';
import type { SendTo } from '../contract';
import { Boundary } from './boundary';
import { Code, MeaningOf, Words } from './code';
import { count, counted } from './format';
import { JsonView } from './json-view';
import { type PreviewedEvent, preview } from './preview';
import { Text } from './text';
import { useDeferred } from './use-deferred';

interface PreviewViewProps {
  readonly text: string;
  readonly to: SendTo;
  /** Of the source, as they would be written. */
  readonly settings: JsonObject;
}

/** What fails in it leaves the editor beside it alone. */
export const PreviewView = (props: PreviewViewProps) => (
  <Boundary what="What would become of it" at={props.text}>
    <Shown {...props} />
  </Boundary>
);

const Shown = ({ text, to, settings }: PreviewViewProps) => {
  const given = useDeferred(text);
  const result = preview(given, to, settings, Date.now());
  return (
    <section class="try-right" aria-label="What becomes of it" aria-live="polite">
      {result.ok ? (
        result.events.map((event, index) => <Previewed key={index} previewed={event} />)
      ) : (
        <p class="problem">
          <Words text={result.problem} />
        </p>
      )}
      {result.ok && result.events.length === 0 && (
        <p class="note">There is no event in it: it would be taken, and nothing comes of it.</p>
      )}
      {result.ok && result.more > 0 && <p class="note">And {count(result.more)} events more.</p>}
    </section>
  );
};

const Previewed = ({ previewed }: { readonly previewed: PreviewedEvent }) => {
  const { event, workspace, outcome, steps, effective, possible } = previewed;
  return (
    <article class="previewed">
      {workspace !== '' && <p class="quiet">For {workspace}</p>}
      <Verdict outcome={outcome} />
      {steps.length + effective.length > 0 && (
        <>
          <h3>What had a part in it</h3>
          <ul class="steps">
            {steps.map(({ rule, did }, index) => (
              <li key={index}>
                <code>
                  <Text of={rule} />
                </code>{' '}
                {did}
              </li>
            ))}
            {effective.map((setting) => (
              <li key={setting}>
                <code>
                  <Text of={setting} />
                </code>{' '}
                changed what it becomes
              </li>
            ))}
          </ul>
        </>
      )}
      {possible.length > 0 && (
        <details>
          <summary>{counted(possible.length, 'other setting')} would make something else of it</summary>
          <ul class="steps">
            {possible.map((setting) => (
              <li key={setting}>
                <code>
                  <Text of={setting} />
                </code>
              </li>
            ))}
          </ul>
        </details>
      )}
      <details>
        <summary>The event as the rules and the mapping see it</summary>
        <JsonView value={event} />
      </details>
    </article>
  );
};

const Verdict = ({ outcome }: { readonly outcome: PreviewedEvent['outcome'] }) => {
  if (outcome.outcome === 'failed') {
    return (
      <>
        <h2>
          <span class="chip fate-retried">would wait</span>
        </h2>
        <p>The code in lib/mapping/custom.ts fails with it, so that it waits until that is mended.</p>
        <p class="problem">
          <Text of={outcome.problem} />
        </p>
      </>
    );
  }
  if (outcome.outcome === 'operations') return <Sent parts={outcome.parts} />;
  const isSkipped = outcome.outcome === 'skipped';
  return (
    <>
      <h2>
        <span class={`chip fate-${isSkipped ? 'skipped' : 'dead_lettered'}`}>would be {outcome.outcome}</span>{' '}
        <Code of={outcome.reason} />
      </h2>
      {isSkipped && outcome.rule !== undefined && (
        <p>
          By the rule{' '}
          <code>
            <Text of={outcome.rule} />
          </code>
          .
        </p>
      )}
      {!isSkipped && (
        <p>
          <b>
            <Text of={outcome.detail} />
          </b>
        </p>
      )}
      <MeaningOf code={outcome.reason} />
    </>
  );
};

type Parts = Extract<PreviewedEvent['outcome'], { outcome: 'operations' }>['parts'];

const Sent = ({ parts }: { readonly parts: Parts }) => {
  const sent = parts.flatMap((part): readonly object[] =>
    part.outcome === 'metric' ? [part.metric] : part.operations,
  );
  const isMetric = parts.every(({ outcome }) => outcome === 'metric');
  const adjustments = parts.flatMap((part) => (part.outcome === 'metric' ? [] : (part.adjustments ?? [])));
  return (
    <>
      <h2>
        <span class="chip fate-delivered">{counted(sent.length, isMetric ? 'metric' : 'operation')}</span>
      </h2>
      {sent.map((operation, index) => (
        <JsonView key={index} value={operation} />
      ))}
      {adjustments.length > 0 && (
        <>
          <p class="note">Attributes beyond Customer.io's limits were changed:</p>
          <JsonView value={adjustments} />
        </>
      )}
    </>
  );
};
