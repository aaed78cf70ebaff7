// What went wrong, below the heading of a page; heard as soon as it is there.

import { Text } from './text';

export const Problem = ({ text }: { readonly text: string }) =>
  text === '' ? null : (
    <p class="problem is-inset" role="alert">
      <Text of={text} />
    </p>
  );
