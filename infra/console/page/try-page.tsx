// An editor that says what becomes of an event before it is sent, and, where there is a backend, sends it and follows
// it. Rules and mapping run in this page: nothing is asked of anybody while somebody types.

import { signal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { isObject, type JsonObject } from '../../../lib/json/json-object';
import type { EventDetail, SendTo, Sent } from '../contract';
import { visible } from '../visible';
import { getJson, sendJson } from './api';
import { pathOfDetail, readId } from './event-id';
import { EXAMPLE_GROUPS, EXAMPLES } from './examples';
import { FateChip } from './fate';
import { info } from './info';
import { prettyJson } from './json-text';
import { idOf, revision, rows } from './live-events';
import { CHOICES, PRESET, PRESET_CHOICES, parseJson, presetValue } from './preview';
import { PreviewView } from './preview-view';
import { Problem } from './problem';
import { hrefHere, hrefOf, replaceRoute, route } from './route';
import { Select } from './select';
import { Text } from './text';
import { type Sources, useSources } from './use-sources';

const FIRST = 'track';

const written = (value: unknown): string => visible(prettyJson(value));

interface ReadSettings {
  readonly settings: JsonObject;
  readonly problem: string;
}

/** A whole text of sources may stand there: the first of them counts. */
const readSettings = (text: string): ReadSettings => {
  const parsed = parseJson(text.trim() === '' ? '{}' : text);
  if (!parsed.ok) return { settings: {}, problem: `The settings are no JSON: ${parsed.problem}` };
  const value = Array.isArray(parsed.value) ? parsed.value[0] : parsed.value;
  return isObject(value)
    ? { settings: value, problem: '' }
    : { settings: {}, problem: 'The settings must be an object, as that of a source.' };
};

/** What stands in the editor: it is there after a look at another page, and gone with the tab. */
interface Draft {
  readonly text: string;
  readonly settingsText: string;
  /** Whether the settings are other than those of the first source. */
  readonly isTouched: boolean;
  /** Empty: of one's own. */
  readonly example: string;
  readonly to: SendTo;
  /** In the address, the event that another page has sent here; what has been made of it since stays. */
  readonly given: string;
}

const draft = signal<Draft>({
  text: written(EXAMPLES[FIRST]?.event),
  settingsText: '{}',
  isTouched: false,
  example: FIRST,
  to: 'http',
  given: '',
});

const change = (changed: Partial<Draft>): void => {
  draft.value = { ...draft.value, ...changed };
};

export const TryPage = () => {
  const { text, settingsText, isTouched, example, to } = draft.value;
  const { settings, problem } = useMemo(() => readSettings(settingsText), [settingsText]);
  const sources = useSources();
  const own = sources?.all[0]?.settings;
  // What is sent meets the settings of the source, so that these are what the page begins with.
  useEffect(() => {
    if (!isTouched && own !== undefined) change({ settingsText: written(own) });
  }, [own]);
  const changeSettings = (next: string): void => change({ isTouched: true, settingsText: next });
  const missing = useGivenEvent();
  const choose = (name: string): void => {
    change({ example: name });
    const chosen = EXAMPLES[name];
    if (chosen === undefined) return;
    // It takes the place of an event that was sent here, which may be sent here again.
    replaceRoute(hrefHere({ event: '' }));
    change({ text: written(chosen.event), given: '' });
    changeSettings(written(chosen.settings ?? own ?? {}));
  };
  return (
    <div class="try">
      <header class="bar">
        <div class="bar-line">
          <h1>{info.value === undefined ? 'cio-relay playground' : 'Try it'}</h1>
        </div>
        <p class="note">
          Rules and mapping run in this page, the very code that the functions run. Nothing is sent while you
          type{info.value?.canSend ? '.' : ', and there is nothing here to send it with.'}
        </p>
      </header>
      <Problem text={missing} />
      <div class="try-halves">
        <section class="try-left" aria-label="Event">
          <ExampleChoice value={example} onChange={choose} />
          <textarea
            class="editor"
            aria-label="Event as JSON"
            spellcheck={false}
            value={text}
            onInput={({ currentTarget }) => change({ text: currentTarget.value, example: '' })}
          />
          {info.value?.canSend && <Send text={text} to={to} onTo={(next) => change({ to: next })} />}
          <Settings text={settingsText} settings={settings} sources={sources} onText={changeSettings} />
        </section>
        {problem === '' ? (
          <PreviewView text={text} to={to} settings={settings} />
        ) : (
          <section class="try-right" aria-label="What becomes of it">
            <p class="problem">{problem}</p>
          </section>
        )}
      </div>
    </div>
  );
};

const ExampleChoice = ({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (name: string) => void;
}) => (
  <label class="field">
    <span>Example</span>
    <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
      <option value="">yours</option>
      {Object.entries(EXAMPLE_GROUPS).map(([title, examples]) => (
        <optgroup key={title} label={title}>
          {Object.keys(examples).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </optgroup>
      ))}
    </select>
  </label>
);

/** An event that another page has sent here to be changed. Answers why it is not here. */
const useGivenEvent = (): string => {
  const text = route.value.query.get('event');
  const [problem, setProblem] = useState('');
  useEffect(() => {
    setProblem('');
    if (text === null || text === draft.value.given) return;
    const id = readId(text);
    if (id === undefined) return setProblem(`“${text}” names no event.`);
    let isWanted = true;
    getJson<EventDetail>(pathOfDetail(id)).then(
      ({ raw }) => isWanted && change({ text: written(raw), example: '', given: text }),
      (error: Error) => isWanted && setProblem(error.message),
    );
    return () => {
      isWanted = false;
    };
  }, [text]);
  return problem;
};

interface SettingsProps {
  readonly text: string;
  readonly settings: JsonObject;
  readonly sources: Sources | undefined;
  readonly onText: (text: string) => void;
}

const Settings = ({ text, settings, sources, onText }: SettingsProps) => {
  const names = Object.keys(settings);
  const set = (name: string, value: unknown, usual: unknown): void => {
    const { [name]: _, ...others } = settings;
    onText(written(value === usual ? others : { ...others, [name]: value }));
  };
  return (
    <details class="settings" open={names.length > 0}>
      <summary>
        Settings, rules and consent of the source{names.length > 0 && `: ${names.join(', ')}`}
      </summary>
      <SourceChoice sources={sources} onChoose={(chosen) => onText(written(chosen))} />
      <div class="settings-choices">
        <Select
          label={PRESET}
          value={String(settings[PRESET] ?? 'none')}
          of={PRESET_CHOICES}
          onChange={(next) => set(PRESET, next, 'none')}
        />
        {Object.entries(CHOICES).map(([name, values]) => {
          const usual = presetValue(settings, name) ?? values[0];
          return (
            <Select
              key={name}
              label={name}
              value={String(settings[name] ?? usual)}
              of={values.map(String)}
              onChange={(next) =>
                set(
                  name,
                  values.find((value) => String(value) === next),
                  usual,
                )
              }
            />
          );
        })}
      </div>
      <textarea
        class="editor is-short"
        aria-label="Settings of the source as JSON"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
      {info.value?.canSend && (
        <p class="note">For the preview alone: what you send meets the settings of its source.</p>
      )}
    </details>
  );
};

interface SourceChoiceProps {
  readonly sources: Sources | undefined;
  readonly onChoose: (settings: JsonObject) => void;
}

const TAKE = 'Take those of';
const NONE_CHOSEN = '…';
/** More of them fill the page. */
const MAX_BUTTONS = 8;

/** The sources of the deployment, with their own settings. */
const SourceChoice = ({ sources, onChoose }: SourceChoiceProps) => {
  const [chosen, setChosen] = useState(NONE_CHOSEN);
  if (sources === undefined) return null;
  if (sources.problem !== '') return <p class="note">The sources cannot be read: {sources.problem}</p>;
  const choose = (name: string): void => {
    setChosen(name);
    const source = sources.all.find((one) => one.name === name);
    if (source !== undefined) onChoose(source.settings);
  };
  if (sources.all.length > MAX_BUTTONS) {
    const names = sources.all.map(({ name }) => name);
    return <Select label={TAKE} value={chosen} of={[NONE_CHOSEN, ...names]} onChange={choose} />;
  }
  return (
    <p class="actions">
      <span class="quiet">{TAKE}</span>
      {sources.all.map(({ name }) => (
        <button key={name} type="button" class="button" onClick={() => choose(name)}>
          {name}
        </button>
      ))}
    </p>
  );
};

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
      <Select
        label="By"
        value={DOORS[to]}
        of={Object.values(DOORS)}
        onChange={(next) => onTo(next === DOORS.http ? 'http' : 'queue')}
      />
      <button type="button" class="button is-main" onClick={() => void send()}>
        Send
      </button>
      {sent !== undefined && (
        <output class={sent.ok ? 'said' : 'said problem'}>
          <Text of={sent.answer} />
        </output>
      )}
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
          <a href={hrefOf('events', idOf(number))}>
            <Text of={type || 'Event'} /> <Text of={name} />
          </a>
        </li>
      ))}
    </ul>
  );
};
