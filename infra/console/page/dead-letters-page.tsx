// Dead letters, grouped by why they are dead: read one, change it while its operation is shown, send it again or
// throw it away. What is thrown away is said first, and asked for twice.

import { useState } from 'preact/hooks';
import { REASONS } from '../../../lib/errors';
import type { DeadLetter } from '../contract';
import { sendJson } from './api';
import { CopyButton } from './copy-button';
import { ago, count, counted } from './format';
import { ListPage } from './list-page';
import { PreviewView } from './preview-view';
import { hrefOf, replaceRoute, route } from './route';
import { usePolled } from './use-polled';

interface LetterGroup {
  readonly key: string;
  readonly reason: string;
  readonly detail: string;
  readonly source: string;
  readonly letters: readonly DeadLetter[];
}

/** The field stands at the beginning of the detail: what follows may differ from one letter to the next. */
const fieldOf = ({ detail }: DeadLetter): string => detail.split(':', 1)[0] ?? '';

const groupsOf = (letters: readonly DeadLetter[]): LetterGroup[] => {
  const groups = Map.groupBy(letters, (letter) =>
    [letter.reason, letter.source, fieldOf(letter)].join(' · '),
  );
  return [...groups]
    .map(([key, ofGroup]) => {
      const [{ reason, detail, source } = NO_LETTER] = ofGroup;
      return { key, reason, detail, source, letters: ofGroup };
    })
    .sort((one, other) => other.letters.length - one.letters.length);
};

const NO_LETTER = { reason: '', detail: '', source: '' };

const oldest = (letters: readonly DeadLetter[]): number =>
  Math.min(...letters.map(({ failedAt }) => failedAt));

export const DeadLettersPage = () => {
  const { value, problem, readNow } = usePolled<{ deadLetters: DeadLetter[] }>('dead-letters');
  const groups = value && groupsOf(value.deadLetters);
  return (
    <ListPage
      page="dead-letters"
      title="Dead letters"
      note="Events that can never work as they are, by reason, source and field. Reading them changes nothing."
      columns={['Reason', 'Source', 'Field and message', 'Letters', 'Oldest']}
      items={groups}
      problem={problem}
      keyOf={({ key }) => key}
      cells={({ reason, source, detail, letters }) => [
        <code key="reason">{reason}</code>,
        source,
        detail,
        count(letters.length),
        ago(oldest(letters)),
      ]}
      empty={<p>No dead letter. Everything that came was delivered, skipped, or is on its way.</p>}
      detail={(group) => <GroupDetail key={group.key} group={group} onDone={readNow} />}
    />
  );
};

const isReason = (reason: string): reason is keyof typeof REASONS => Object.hasOwn(REASONS, reason);

const formatted = (body: string): string => {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
};

interface GroupDetailProps {
  readonly group: LetterGroup;
  readonly onDone: () => void;
}

const GroupDetail = ({ group, onDone }: GroupDetailProps) => {
  const { reason, letters } = group;
  const id = route.value.query.get('letter');
  const letter = letters.find((each) => each.id === id) ?? letters[0];
  const at = letter === undefined ? 0 : letters.indexOf(letter);
  const open = (index: number): void => {
    const next = letters[index];
    if (next !== undefined) replaceRoute(hrefOf('dead-letters', group.key, { letter: next.id }));
  };
  return (
    <>
      <h2>
        <code>{reason}</code>
      </h2>
      <p>{isReason(reason) ? REASONS[reason] : 'SQS gave it up.'}</p>
      <GroupActions letters={letters} onDone={onDone} />
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
          <LetterEditor key={letter.id} letter={letter} onDone={onDone} />
        </>
      )}
    </>
  );
};

const useAction = (onDone: () => void) => {
  const [said, setSaid] = useState('');
  /** @param messageId of the event that the reader is shown when it has worked. */
  const run = async (what: string, action: () => Promise<unknown>, messageId = ''): Promise<void> => {
    setSaid('…');
    try {
      await action();
      setSaid(what);
      if (messageId !== '') location.hash = hrefOf('events', '', { q: messageId });
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error));
    }
    onDone();
  };
  return { said, run };
};

/** One after the other: what goes wrong with one leaves the rest where it is. */
const sendAll = async (letters: readonly DeadLetter[]): Promise<void> => {
  for (const { id } of letters) await sendJson('POST', 'dead-letters/send', { id });
};

const GroupActions = ({
  letters,
  onDone,
}: {
  readonly letters: readonly DeadLetter[];
  readonly onDone: () => void;
}) => {
  const { said, run } = useAction(onDone);
  const [asked, setAsked] = useState(false);
  const exported = letters.map(({ body }) => body).join('\n');
  return (
    <div class="actions">
      {asked ? (
        <button
          type="button"
          class="button is-main"
          onClick={() => {
            setAsked(false);
            void run('Sent again', () => sendAll(letters));
          }}
        >
          Put {counted(letters.length, 'event')} on the queue again
        </button>
      ) : (
        <button type="button" class="button" onClick={() => setAsked(true)}>
          Send all of the group again …
        </button>
      )}
      <CopyButton label="Copy all as JSON lines" text={exported} />
      <output>{said}</output>
    </div>
  );
};

const LetterEditor = ({ letter, onDone }: { readonly letter: DeadLetter; readonly onDone: () => void }) => {
  const [text, setText] = useState(() => formatted(letter.body));
  const [asked, setAsked] = useState(false);
  const { said, run } = useAction(onDone);
  const isChanged = text !== formatted(letter.body);
  const send = (): Promise<unknown> =>
    sendJson('POST', 'dead-letters/send', { id: letter.id, ...(isChanged && { body: compact(text) }) });
  return (
    <>
      <p>
        <b>{letter.detail}</b>
      </p>
      <p class="quiet">
        {ago(letter.failedAt)}; messageId <code>{letter.messageId}</code>{' '}
        {letter.messageId !== '' && <a href={hrefOf('events', '', { q: letter.messageId })}>its way</a>}
      </p>
      <textarea
        class="editor"
        aria-label="Event of the dead letter as JSON"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <div class="actions">
        <button
          type="button"
          class="button is-main"
          onClick={() => void run('Sent again', send, letter.messageId)}
        >
          {isChanged ? 'Send again, as changed' : 'Send again'}
        </button>
        {asked ? (
          <button
            type="button"
            class="button is-danger"
            onClick={() =>
              void run('Discarded', () => sendJson('POST', 'dead-letters/discard', { id: letter.id }))
            }
          >
            Delete this event for ever
          </button>
        ) : (
          <button type="button" class="button" onClick={() => setAsked(true)}>
            Discard …
          </button>
        )}
        <output>{said}</output>
      </div>
      <PreviewView text={text} to="queue" chosen={NO_CHOICES} />
    </>
  );
};

const NO_CHOICES: ReadonlySet<string> = new Set();

const compact = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
};
