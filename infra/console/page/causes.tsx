// Why events went nowhere in a range of time, by code, with what to do: for a backend that has no events to show.

import type { Cause } from '../contract';
import { Code, Words } from './code';
import { codeEntry } from './codes';
import { ColumnHeads } from './column-heads';
import { FateChip } from './fate';
import { count, duration } from './format';
import { hrefOf } from './route';
import { Text } from './text';

export const Causes = ({
  causes,
  seconds,
}: {
  readonly causes: readonly Cause[];
  readonly seconds: number;
}) => (
  <section class="codes">
    <h2>What went nowhere in the last {duration(seconds)}</h2>
    {causes.length === 0 ? (
      <p class="note">Nothing: no event was refused, skipped or dead-lettered.</p>
    ) : (
      <table class="list">
        <ColumnHeads columns={['Fate', 'Code', 'Source', 'Events', 'What to do']} />
        <tbody>
          {causes.map(({ fate, code, source, count: events }) => (
            <tr key={`${fate} ${code} ${source}`}>
              <td data-label="Fate">
                <FateChip fate={fate} />
              </td>
              <td data-label="Code">
                <Code of={code} />
              </td>
              <td data-label="Source">
                <Text of={source || '–'} />
              </td>
              <td data-label="Events">
                {fate === 'dead_lettered' ? (
                  <a href={hrefOf('dead-letters', '', { q: [code, source].join(' ').trim() })}>
                    {count(events)}
                  </a>
                ) : (
                  count(events)
                )}
              </td>
              <td data-label="What to do">
                <Words text={codeEntry(code)?.toDo ?? ''} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </section>
);
