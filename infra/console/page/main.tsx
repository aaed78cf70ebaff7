// The console's page: a menu of what the backend can do, and the page that the address names.

import { signal } from '@preact/signals';
import { render } from 'preact';
import './style.css';
import type { ComponentChild } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import type { Page, PageInfo } from '../contract';
import { ActivityPage } from './activity-page';
import { getJson } from './api';
import { Boundary } from './boundary';
import { CodesPage } from './codes-page';
import { DeadLettersPage } from './dead-letters-page';
import { EventsPage } from './events-page';
import { FaultsPage } from './faults-page';
import { info } from './info';
import { startKeys } from './keys';
import { connect, isConnected, run } from './live-events';
import { ObjectsPage } from './objects-page';
import { PeoplePage } from './people-page';
import { PipelinePage } from './pipeline-page';
import { ReportingPage } from './reporting-page';
import { route } from './route';
import { Text } from './text';
import { TracePage } from './trace-page';
import { TryPage } from './try-page';
import { hrefOfPage } from './workspace-choice';

interface MenuEntry {
  readonly title: string;
  readonly view: () => ComponentChild;
}

const MENU: Readonly<Record<Page, MenuEntry>> = {
  events: { title: 'Events', view: EventsPage },
  pipeline: { title: 'Pipeline', view: PipelinePage },
  trace: { title: 'Trace', view: TracePage },
  'dead-letters': { title: 'Dead letters', view: DeadLettersPage },
  activity: { title: 'Activity Log', view: ActivityPage },
  people: { title: 'People', view: PeoplePage },
  objects: { title: 'Objects', view: ObjectsPage },
  try: { title: 'Try it', view: TryPage },
  faults: { title: 'Faults', view: FaultsPage },
  reporting: { title: 'Reporting', view: ReportingPage },
  codes: { title: 'Codes', view: CodesPage },
};

const isPage = (name: string): name is Page => Object.hasOwn(MENU, name);

const Console = ({ pages, title, note }: PageInfo) => {
  const { page, open, query } = route.value;
  const isHere = page === '' || (isPage(page) && pages.includes(page));
  const current = isHere && isPage(page) ? page : (pages[0] ?? 'events');
  const { view: View } = MENU[current];
  const inOrder = (Object.keys(MENU) as Page[]).filter((name) => pages.includes(name));
  useLayoutEffect(() => {
    document.title = `${isHere ? `${MENU[current].title} · ` : ''}cio-relay: ${title}`;
    // On a phone the menu is wider than the page.
    document.querySelector('.menu [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [isHere, current]);
  return (
    <>
      <nav class="menu" aria-label="Pages">
        <a class="brand" href={`#/${pages[0]}`}>
          cio-relay
        </a>
        {inOrder.map((name) => (
          <a
            key={name}
            href={hrefOfPage(name)}
            aria-current={isHere && name === current ? 'page' : undefined}
          >
            {MENU[name].title}
          </a>
        ))}
        <span class="where">
          <i class={isConnected.value ? 'dot is-on' : 'dot'} /> {title}
          <small>{note}</small>
        </span>
      </nav>
      <main>
        {isHere ? (
          <Boundary key={current} what={`The page “${MENU[current].title}”`} at={`${open}?${query}`}>
            <View />
          </Boundary>
        ) : (
          <NoPage name={page} />
        )}
      </main>
    </>
  );
};

/** Some pages are those of the local stack, or of a stage, alone. */
const NoPage = ({ name }: { readonly name: string }) => (
  <div class="empty is-plain">
    <p>
      <b>
        There is no page “
        <Text of={isPage(name) ? MENU[name].title : name} />” here.
      </b>
    </p>
    <p>The menu has all that this console can show.</p>
  </div>
);

const problem = signal('');

const App = () => {
  if (info.value !== undefined) return <Console {...info.value} />;
  return problem.value === '' ? (
    <p class="empty">Loading …</p>
  ) : (
    <div class="empty is-plain" role="alert">
      <p class="problem">{problem.value}</p>
      <p>It is asked again every second.</p>
    </div>
  );
};

const AGAIN_MS = 1_000;

const readInfo = async (): Promise<PageInfo> => {
  for (;;) {
    try {
      return await getJson<PageInfo>('info');
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
};

const start = async (): Promise<void> => {
  const root = document.getElementById('app');
  if (root === null) return;
  render(<App />, root);
  startKeys();
  const read = await readInfo();
  info.value = read;
  run.value = read.run ?? '';
  if (read.pages.includes('events')) connect();
  else isConnected.value = true;
};

void start();
