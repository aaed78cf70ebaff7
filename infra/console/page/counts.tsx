// How many events there are of each fate, in numbers and percents; a number leads to the events behind it.

import { FATES } from '../contract';
import { FATE_WORDS } from './fate';
import { count, percent } from './format';
import { revision, rows } from './live-events';
import { hrefOf } from './route';

export const Counts = ({ source = '' }: { readonly source?: string }) => {
  // So that it is drawn again when rows change.
  revision.value;
  const counts = rows.counts(source);
  const all = [...counts.values()].reduce((sum, number) => sum + number, 0);
  return (
    <ul class="counts">
      <li>
        <a href={hrefOf('events', '', { source })}>
          <b>{count(all)}</b>
          <span>received</span>
        </a>
      </li>
      {FATES.map((fate) => {
        const number = counts.get(fate) ?? 0;
        return (
          <li key={fate} class={`fate-${fate}`}>
            <a href={hrefOf('events', '', { fate, source })}>
              <b>{count(number)}</b>
              <span>{FATE_WORDS[fate]}</span> <small>{percent(number, all)}</small>
            </a>
          </li>
        );
      })}
    </ul>
  );
};
