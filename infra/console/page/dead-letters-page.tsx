// Dead letters, grouped by why they are dead: read one, change it while its operation is shown, send it again, export
// it or throw it away. What is done to them is said first, and typed where it concerns many.

import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { DeadLetter, DeadLetters, Done } from '../contract';
import { visible } from '../visible';
import { sendJson } from './api';
import { Code, MeaningOf } from './code';
import { ConfirmButton } from './confirm-button';
import { CopyButton } from './copy-button';
import {
  commandFor,
  exportLines,
  groupsOf,
  isOfActivity,
  type LetterGroup,
  oldestOf,
} from './dead-letter-groups';
import { DownloadButton } from './download-button';
import { ago, count, counted } from './format';
import { info } from './info';
import { compactJson, editableJson } from './json-text';
import { ListPage } from './list-page';
import { PreviewView } from './preview-view';
import { hrefHere, hrefOf, replaceRoute, route } from './route';
import { Text } from './text';
import { usePolled } from './use-polled';
import { settingsOf, useSources } from './use-sources';

export const DeadLettersPage = () => {
  const isAsked = info.value?.kind === 'aws';
  const { value, problem, isReading, readNow } = usePolled<DeadLetters>('dead-letters', isAsked);
  const groups = value && groupsOf(value.letters);
  return (
    <ListPage
      page="dead-letters"
      title="Dead letters"
      note={`Events that can never work as they are, by reason, source and field. Reading them takes none away.${
        info.value?.discardsTo === undefined
          ? ' This console only reads: started with --write, it can send them again.'
          : ''
      }`}
      columns={['Reason', 'Source', 'Field and message', 'Letters', 'Oldest']}
      items={groups}
      total={value?.total}
      numberIn={(some) => some.reduce((sum, { letters }) => sum + letters.length, 0)}
      problem={problem}
      keyOf={({ key }) => key}
      cells={({ reason, source, detail, letters }) => [
        <code key="reason">{visible(reason)}</code>,
        <Text key="source" of={source} />,
        <span key="detail" class="some-lines">
          <Text of={detail} />
        </span>,
        count(letters.length),
        <span key="oldest" class="in-one-piece">
          {ago(oldestOf(letters))}
        </span>,
      ]}
      empty={<p>No dead letter. Everything that came was delivered, skipped, or is on its way.</p>}
      missing="No dead letter is left in it: they were sent again, discarded, or taken by somebody else. What became of them is on the page of events, where there is one."
      detail={(group) => <GroupDetail key={group.key} group={group} onDone={readNow} />}
    >
      {value !== undefined && (
        <div class="actions">
          {isAsked && (
            <button type="button" class="button" disabled={isReading} onClick={readNow}>
              {isReading ? 'Reading …' : 'Read again'}
            </button>
          )}
          {value.letters.length > 0 && (
            <DownloadButton
              label={`Export all ${count(value.letters.length)}`}
              name="dead-letters.ndjson"
              text={() => exportLines(value.letters)}
            />
          )}
          <output>{said.value}</output>
          <span class="quiet">
            {isAsked && `Read ${ago(value.readAt)}. `}
            {value.total > value.letters.length &&
              `The first ${count(value.letters.length)} of about ${count(value.total)}: these done, the others come.`}
          </span>
        </div>
      )}
    </ListPage>
  );
};

interface GroupDetailProps {
  readonly group: LetterGroup;
  readonly onDone: () => void;
}

const GroupDetail = ({ group, onDone }: GroupDetailProps) => {
  const { reason, letters } = group;
  // Nothing takes the place of the one that is open: what is typed and sent must never be another's.
  const [first] = useState(letters[0]?.id);
  const id = route.value.query.get('letter') ?? first;
  const at = letters.findIndex((each) => each.id === id);
  const letter = letters[at];
  const open = (index: number): void => {
    const next = letters[index];
    if (next !== undefined) replaceRoute(hrefHere({ letter: next.id }));
  };
  return (
    <>
      <h2>
        <Code of={reason} />
      </h2>
      <MeaningOf code={reason} />
      <GroupActions group={group} onDone={onDone} />
      {letter === undefined && (
        <p>
          The letter that was open is gone: it was sent again, discarded, or somebody else holds it.{' '}
          <button type="button" class="button" onClick={() => open(0)}>
            Open the first of {count(letters.length)}
          </button>
        </p>
      )}
      {letter !== undefined && (
        <>
          <h3>
            Letter {at + 1} of {count(letters.length)}{' '}
            <button type="button" class="button" disabled={at === 0} onClick={() => open(at - 1)}>
              Previous
            </button>{' '}
            <button
              type="button"
              class="button"
              disabled={at === letters.length - 1}
              onClick={() => open(at + 1)}
            >
              Next
            </button>
          </h3>
          <LetterEditor
            key={letter.id}
            letter={letter}
            onDone={onDone}
            onGone={() => open(letters[at + 1] === undefined ? at - 1 : at + 1)}
          />
        </>
      )}
    </>
  );
};

const LEFT = 'SQS did not take them, somebody else holds them, or they are gone.';

const wordsOf = (verb: string, { done, left, why = LEFT, storedIn }: Done): string =>
  [
    `${counted(done, 'event')} ${verb}.`,
    left > 0 ? `${count(left)} not: ${why}` : '',
    storedIn === undefined ? '' : `Kept in ${storedIn}.`,
  ]
    .filter(Boolean)
    .join(' ');

/** What was done last: it outlives the group that it was done to. */
const said = signal('');
/** While something is done nothing else can be begun: a second click would only find that the letters are gone. */
const isBusy = signal(false);

/** @param whenDone when all of it was done. */
const run = async (
  verb: string,
  action: () => Promise<Done>,
  onDone: () => void,
  whenDone: () => void = () => {},
): Promise<void> => {
  if (isBusy.value) return;
  isBusy.value = true;
  said.value = 'Working …';
  try {
    const done = await action();
    said.value = wordsOf(verb, done);
    if (done.left === 0) whenDone();
  } catch (error) {
    said.value = error instanceof Error ? error.message : String(error);
  } finally {
    isBusy.value = false;
  }
  onDone();
};

const idsOf = (letters: readonly DeadLetter[]): string[] => letters.map(({ id }) => id);

const GroupActions = ({ group, onDone }: GroupDetailProps) => {
  const { reason, letters } = group;
  const many = counted(letters.length, 'event');
  const discardsTo = info.value?.discardsTo;
  const ids = idsOf(letters);
  return (
    <div class="actions">
      {discardsTo !== undefined && (
        <>
          <ConfirmButton
            label="Send all again …"
            plan={`Puts the ${many} of this group, as they are, on ${queuesOf(letters)}, and then takes them from the dead letters. People who were deleted since are created again.`}
            typed={`send ${letters.length}`}
            doIt={`Send ${many} again`}
            onConfirm={() =>
              void run('sent again', () => sendJson('POST', 'dead-letters/send', { ids }), onDone)
            }
          />
          <ConfirmButton
            label="Discard all …"
            plan={`Writes the ${many} of this group into a file in ${discardsTo} on this machine, and then deletes them from the queue for good.`}
            typed={`discard ${letters.length}`}
            doIt={`Discard ${many}`}
            isDanger
            onConfirm={() =>
              void run('discarded', () => sendJson('POST', 'dead-letters/discard', { ids }), onDone)
            }
          />
        </>
      )}
      <DownloadButton
        label="Export"
        name={`dead-letters-${reason}.ndjson`}
        text={() => exportLines(letters)}
      />
      <CopyButton label="Copy as command" text={commandFor(group, info.value?.environment)} />
    </div>
  );
};

const queuesOf = (letters: readonly DeadLetter[]): string =>
  [...new Set(letters.map(({ origin }) => origin))].join(' and ');

interface LetterProps {
  readonly letter: DeadLetter;
  readonly onDone: () => void;
  /** The letter is gone, as it should be. */
  readonly onGone: () => void;
}

/** What was typed into letters and not sent, by their ids: somebody may look at another page meanwhile. */
const drafts = new Map<string, string>();

const LetterEditor = ({ letter, onDone, onGone }: LetterProps) => {
  const [text, setText] = useState(() => drafts.get(letter.id) ?? editableJson(letter.body));
  const change = (next: string): void => {
    drafts.set(letter.id, next);
    setText(next);
  };
  const sources = useSources();
  const isActivity = isOfActivity(letter);
  return (
    <>
      <p>
        <b>
          <Text of={letter.detail} />
        </b>
      </p>
      <p class="quiet">
        {ago(letter.failedAt)}; messageId{' '}
        <code>
          <Text of={letter.messageId || 'none'} />
        </code>{' '}
        <WayOf messageId={letter.messageId} />
      </p>
      <textarea
        class="editor"
        aria-label="Event of the dead letter as JSON"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
      <LetterActions letter={letter} text={text} onText={change} onDone={onDone} onGone={onGone} />
      {isActivity ? (
        <p class="note">
          Message activity on its way to Segment: there is no operation of Customer.io to show.
        </p>
      ) : (
        <PreviewView text={text} to="queue" settings={settingsOf(sources, letter.source)} />
      )}
    </>
  );
};

/** On a stage the archive has it, where there is one. */
const WayOf = ({ messageId }: { readonly messageId: string }) => {
  const pages = info.value?.pages ?? [];
  if (messageId === '') return null;
  if (pages.includes('events')) return <a href={hrefOf('events', '', { q: messageId })}>its way</a>;
  return pages.includes('trace') ? <a href={hrefOf('trace', messageId)}>its way</a> : null;
};

interface LetterActionsProps extends LetterProps {
  readonly text: string;
  readonly onText: (text: string) => void;
}

const LetterActions = ({ letter, text, onText, onDone, onGone }: LetterActionsProps) => {
  const { id, origin, messageId } = letter;
  const asItWas = editableJson(letter.body);
  const isChanged = text !== asItWas;
  const discardsTo = info.value?.discardsTo;
  const showsEvents = messageId !== '' && info.value?.pages.includes('events') === true;
  const whenGone = (): void => {
    drafts.delete(id);
    onGone();
  };
  const whenSent = (): void => {
    drafts.delete(id);
    if (showsEvents) location.hash = hrefOf('events', '', { q: messageId });
    else onGone();
  };
  const send = (): Promise<Done> =>
    sendJson('POST', 'dead-letters/send', { ids: [id], ...(isChanged && { body: compactJson(text) }) });
  if (discardsTo === undefined) return null;
  const sendLabel = isChanged ? 'Send again, as changed' : 'Send again';
  return (
    <div class="actions">
      {info.value?.kind === 'local' ? (
        <button
          type="button"
          class="button is-main"
          disabled={isBusy.value}
          onClick={() => void run('sent again', send, onDone, whenSent)}
        >
          {sendLabel}
        </button>
      ) : (
        <ConfirmButton
          label={`${sendLabel} …`}
          plan={`Puts this event${isChanged ? ', as changed,' : ''} on ${origin}, and then takes the dead letter away.`}
          doIt={sendLabel}
          onConfirm={() => void run('sent again', send, onDone, whenSent)}
        />
      )}
      {isChanged && (
        <button type="button" class="button" onClick={() => onText(asItWas)}>
          As it was
        </button>
      )}
      <ConfirmButton
        label="Discard …"
        plan={`Writes this dead letter into a file in ${discardsTo} on this machine, and then deletes it from the queue for good.`}
        typed="discard"
        doIt="Discard this event"
        isDanger
        onConfirm={() =>
          void run(
            'discarded',
            () => sendJson('POST', 'dead-letters/discard', { ids: [id] }),
            onDone,
            whenGone,
          )
        }
      />
    </div>
  );
};
