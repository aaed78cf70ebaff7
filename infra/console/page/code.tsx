// A code or reason, wherever one is shown: it leads to what it means and what to do about it.

import { relayCommand } from '../../cli/next-command';
import { visible } from '../visible';
import { codeEntry } from './codes';
import { info } from './info';
import { hrefOf } from './route';

export const Code = ({ of: code }: { readonly of: string }) => {
  const entry = codeEntry(code);
  if (entry === undefined) return <code>{visible(code)}</code>;
  return (
    <a class="code" href={hrefOf('codes', entry.code)} title={`${entry.means} ${entry.toDo}`}>
      <code>{code}</code>
    </a>
  );
};

const RELAY = 'npx relay ';

/** A command of ours as it reaches this deployment. */
const reaching = (code: string): string => {
  if (!code.startsWith(RELAY)) return code;
  const { environment = '', stage } = info.value ?? {};
  return `${environment} ${relayCommand(code.slice(RELAY.length), { stage })}`.trimStart();
};

/** What a text has between backticks, as code. */
export const Words = ({ text }: { readonly text: string }) => (
  <span>
    {text
      .split('`')
      .map((part, index) => (index % 2 === 1 ? <code key={index}>{reaching(part)}</code> : part))}
  </span>
);

export const MeaningOf = ({ code }: { readonly code: string }) => {
  const entry = codeEntry(code);
  if (entry === undefined) return null;
  return (
    <div class="meaning">
      <p>
        <Words text={entry.means} />
      </p>
      <p>
        <b>What to do:</b> <Words text={entry.toDo} />
      </p>
    </div>
  );
};
