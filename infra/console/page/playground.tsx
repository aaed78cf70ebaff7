// Try it without a stack: the mapping alone, on any static host.

import { render } from 'preact';
import './style.css';
import { Boundary } from './boundary';
import { startKeys } from './keys';
import { TryPage } from './try-page';

const root = document.getElementById('app');
if (root !== null) {
  document.title = 'cio-relay playground';
  root.className = 'is-alone';
  render(
    <main>
      <Boundary what="The editor" at="">
        <TryPage />
      </Boundary>
    </main>,
    root,
  );
  startKeys();
}
