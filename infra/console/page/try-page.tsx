// An editor that says what becomes of an event before it is sent, and, where there is a backend, sends it and follows
// it. The mapping runs in this page: nothing is asked of anybody while somebody types.

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { EventDetail, SendTo, Sent } from '../contract';
import { getJson, sendJson } from './api';
import { EXAMPLES } from './examples';
import { FateChip } from './fate';
import { info } from './info';
import { revision, rows } from './live-events';
import { CHOICES, type Chosen } from './preview';
import { PreviewView } from './preview-view';
import { hrefOf, route } from './route';

const FIRST = 'track';

const written = (value: unknown): string => JSON.stringify(value, null, 2);

export const TryPage = () => {
  const [text, setText] = useState(() => written(EXAMPLES[FIRST]));
  const [example, setExample] = useState(FIRST);
  const [to, setTo] = useState<SendTo>('http');
  const [chosen, setChosen] = useState<Chosen>(new Set());
  useGivenEvent((event) => {
    setExample('');
    setText(written(event));
  });
  const choose = (name: string): void => {
    setExample(name);
    if (name !== '') setText(written(EXAMPLES[name]));
  };
  return (
    <div class="try">
      <header class="bar">
        <div class="bar-line">
          <h1>{info.value === undefined ? 'cio-relay playground' : 'Try it'}</h1>
        </div>
        <p class="note">
          The mapping runs in this page, the very code that the functions run. Nothing is sent while you type
          {info.value === undefined ? ', and there is nothing here to send it with.' : '.'}
        </p>
      </header>
      <div class="try-halves">
        <section class="try-left" aria-label="Event">
          <label class="field">
            <span>Example</span>
            <select value={example} onChange={({ currentTarget }) => choose(currentTarget.value)}>
              <option value="">yours</option>
              {Object.keys(EXAMPLES).map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <textarea
            class="editor"
            aria-label="Event as JSON"
            spellcheck={false}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          <Settings chosen={chosen} onChange={setChosen} />
          <Send text={text} to={to} onTo={setTo} />
        </section>
        <PreviewView text={text} to={to} chosen={chosen} />
      </div>
    </div>
  );
};

/** An event that another page has sent here to be changed. */
const useGivenEvent = (take: (event: unknown) => void): void => {
  const number = route.value.query.get('event');
  useEffect(() => {
    if (number === null) return;
    getJson<EventDetail>(`events/${number}`).then(
      ({ raw }) => take(raw),
      () => {},
    );
  }, [number]);
};

interface SettingsProps {
  readonly chosen: Chosen;
  readonly onChange: (chosen: Chosen) => void;
}

const Settings = ({ chosen, onChange }: SettingsProps) => (
  <fieldset class="settings">
    <legend>Settings of the source</legend>
    {Object.entries(CHOICES).map(([name, [usual, other]]) => (
      <label key={name} class="field">
        <span>{name}</span>
        <select
          value={chosen.has(name) ? other.label : usual.label}
          onChange={({ currentTarget }) => {
            const next = new Set(chosen);
            if (currentTarget.value === other.label) next.add(name);
            else next.delete(name);
            onChange(next);
          }}
        >
          <option>{usual.label}</option>
          <option>{other.label}</option>
        </select>
      </label>
    ))}
    {info.value !== undefined && chosen.size > 0 && (
      <p class="note">For the preview alone: what you send is mapped with the settings of this stack.</p>
    )}
  </fieldset>
);

interface SendProps {
  readonly text: string;
  readonly to: SendTo;
  readonly onTo: (to: SendTo) => void;
}

const DOORS: Readonly<Record<SendTo, string>> = { http: 'the HTTP endpoint', queue: 'the queue itself' };

const Send = ({ text, to, onTo }: SendProps) => {
  const [sent, setSent] = useState<Sent | undefined>(undefined);
  /** The newest row before it was sent. */
  const [mark, setMark] = useState<number | undefined>(undefined);
  const canSend = info.value?.pages.includes('try') ?? false;
  const send = async (): Promise<void> => {
    setMark(rows.newest);
    try {
      setSent(await sendJson<Sent>('POST', 'send', { to, body: text }));
    } catch (error) {
      setSent({ ok: false, answer: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <div class="send">
      <label class="field">
        <span>By</span>
        <select
          value={to}
          onChange={({ currentTarget }) => onTo(currentTarget.value === 'http' ? 'http' : 'queue')}
        >
          <option value="http">{DOORS.http}</option>
          <option value="queue">{DOORS.queue}</option>
        </select>
      </label>
      {canSend && (
        <button type="button" class="button is-main" onClick={() => void send()}>
          Send
        </button>
      )}
      {sent !== undefined && <output class={sent.ok ? 'said' : 'said problem'}>{sent.answer}</output>}
      {mark !== undefined && <Followed mark={mark} />}
    </div>
  );
};

const MAX_FOLLOWED = 5;

const Followed = ({ mark }: { readonly mark: number }) => {
  const followed = useMemo(() => rows.after(mark).slice(0, MAX_FOLLOWED), [mark, revision.value]);
  return (
    <ul class="followed">
      {followed.map(({ number, fate, type, name }) => (
        <li key={number}>
          <FateChip fate={fate} />{' '}
          <a href={hrefOf('events', `${number}`)}>
            {type} <bdi>{name}</bdi>
          </a>
        </li>
      ))}
    </ul>
  );
};
