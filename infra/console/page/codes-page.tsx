// One list of every code and reason, with what it means and what to do. The address names the one that is looked for.

import { useEffect } from 'preact/hooks';
import { Words } from './code';
import { CODE_GROUPS, type CodeEntry, codeEntry } from './codes';
import { ColumnHeads } from './column-heads';
import { hrefOf, replaceRoute, route } from './route';
import { Text } from './text';

const matches = ({ code, means, toDo }: CodeEntry, query: string): boolean =>
  query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => `${code} ${means} ${toDo}`.toLowerCase().includes(word));

export const CodesPage = () => {
  const { open, query } = route.value;
  const q = query.get('q') ?? '';
  useEffect(() => {
    document.getElementById(`code-${open}`)?.scrollIntoView({ block: 'center' });
  }, [open]);
  return (
    <section class="main-part is-scrolled">
      <header class="bar">
        <div class="bar-line">
          <h1>Codes</h1>
          <input
            type="search"
            class="search"
            placeholder="Search   ( / )"
            aria-label="Search codes"
            value={q}
            onInput={({ currentTarget }) => replaceRoute(hrefOf('codes', open, { q: currentTarget.value }))}
          />
        </div>
        <p class="note">
          Every code and reason that stands anywhere, what it means, and what to do about it.
        </p>
      </header>
      {open !== '' && codeEntry(open) === undefined && (
        <p class="problem is-inset">
          There is no code “<Text of={open} />
          ”. Search for a part of it.
        </p>
      )}
      {CODE_GROUPS.map(({ title, note, entries }) => (
        <Group
          key={title}
          title={title}
          note={note}
          open={open}
          entries={entries.filter((one) => matches(one, q))}
        />
      ))}
    </section>
  );
};

interface GroupProps {
  readonly title: string;
  readonly note: string;
  readonly entries: readonly CodeEntry[];
  readonly open: string;
}

const Group = ({ title, note, entries, open }: GroupProps) => {
  if (entries.length === 0) return null;
  return (
    <section class="codes">
      <h2>{title}</h2>
      <p class="note">
        <Words text={note} />
      </p>
      <table class="list">
        <ColumnHeads columns={['Code', 'What it means', 'What to do']} />
        <tbody>
          {entries.map(({ code, means, toDo }) => (
            <tr key={code} id={`code-${code}`} class={code === open ? 'is-selected' : ''}>
              <td data-label="Code">
                <code>{code}</code>
              </td>
              <td data-label="What it means">
                <Words text={means} />
              </td>
              <td data-label="What to do">
                <Words text={toDo} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};
