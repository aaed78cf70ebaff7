// A point in time as the reader's clock has it, with the name of its zone. UTC, which the command line and the logs
// write, shows when one points at it.

import { dateTime, utc } from './format';

export const Time = ({ at }: { readonly at: number }) => (
  <time dateTime={utc(at)} title={utc(at)}>
    {dateTime(at)}
  </time>
);
