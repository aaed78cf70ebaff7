// What of a page is open, beside the rest of it; Escape closes it.

import type { ComponentChildren } from 'preact';
import { visible } from '../visible';
import { Boundary } from './boundary';
import { Text } from './text';

interface PanelProps {
  readonly label: string;
  readonly closeHref: string;
  readonly children: ComponentChildren;
}

export const Panel = ({ label, closeHref, children }: PanelProps) => (
  <aside class="panel" aria-label={visible(label)}>
    <a class="close" href={closeHref} aria-label="Close (Esc)">
      ×
    </a>
    {/* There it covers the page, and the heading with it. */}
    <h1 class="heard-on-phones">{visible(label)}</h1>
    <Boundary what="This one" at={label}>
      {children}
    </Boundary>
  </aside>
);

interface MissingProps {
  /** As the address has it. */
  readonly name: string;
  readonly closeHref: string;
  /** Why it may not be there, and what to do. */
  readonly why: string;
}

/** In place of what the address names and nobody has. */
export const Missing = ({ name, closeHref, why }: MissingProps) => (
  <Panel label={`Not here: ${name}`} closeHref={closeHref}>
    <h2>
      “<Text of={name} />” is not here
    </h2>
    <p>{why}</p>
  </Panel>
);
