// How many events there are of each fate, in numbers and percents; a number leads to the events behind it.

import { FATES } from '../contract';
import { FATE_WORDS } from './fate';
import { count } from './format';
import { revision, rows } from './live-events';
import { hrefOf } from './route';

export const Counts = () => {
  // So that it is drawn again when rows change.
  revision.value;
  const counts = rows.counts();
  return (
    <ul class="counts">
      {FATES.map((fate) => {
        const number = counts.get(fate) ?? 0;
        return (
          <li key={fate} class={`fate-${fate}`}>
            <a href={hrefOf('events', '', { fate })}>
              <b>{count(number)}</b>
              <span>{FATE_WORDS[fate]}</span> <small>{percent(number, rows.size)}</small>
            </a>
          </li>
        );
      })}
    </ul>
  );
};

const percent = (part: number, whole: number): string =>
  whole === 0 || part === 0 ? '' : `${((100 * part) / whole).toFixed(part < whole / 10 ? 1 : 0)} %`;
