// The console's page: a menu of what the backend can do, and the page that the address names.

import { render } from 'preact';
import './style.css';
import type { ComponentChild } from 'preact';
import type { Page, PageInfo } from '../contract';
import { ActivityPage } from './activity-page';
import { getJson } from './api';
import { CodesPage } from './codes-page';
import { DeadLettersPage } from './dead-letters-page';
import { EventsPage } from './events-page';
import { FaultsPage } from './faults-page';
import { info } from './info';
import { startKeys } from './keys';
import { connect, isConnected } from './live-events';
import { ObjectsPage } from './objects-page';
import { PeoplePage } from './people-page';
import { PipelinePage } from './pipeline-page';
import { ReportingPage } from './reporting-page';
import { route } from './route';
import { TryPage } from './try-page';

interface MenuEntry {
  readonly title: string;
  readonly view: () => ComponentChild;
}

const MENU: Readonly<Record<Page, MenuEntry>> = {
  events: { title: 'Events', view: EventsPage },
  pipeline: { title: 'Pipeline', view: PipelinePage },
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
  const { page } = route.value;
  const current = isPage(page) && pages.includes(page) ? page : (pages[0] ?? 'events');
  const { view: View } = MENU[current];
  const inOrder = Object.entries(MENU).filter(([name]) => isPage(name) && pages.includes(name));
  return (
    <>
      <nav class="menu" aria-label="Pages">
        <a class="brand" href={`#/${pages[0]}`}>
          cio-relay
        </a>
        {inOrder.map(([name, entry]) => (
          <a key={name} href={`#/${name}`} aria-current={name === current ? 'page' : undefined}>
            {entry.title}
          </a>
        ))}
        <span class="where">
          <i class={isConnected.value ? 'dot is-on' : 'dot'} /> {title}
          <small>{note}</small>
        </span>
      </nav>
      <main>
        <View />
      </main>
    </>
  );
};

const App = () => (info.value === undefined ? <p class="empty">Loading …</p> : <Console {...info.value} />);

const start = async (): Promise<void> => {
  const root = document.getElementById('app');
  if (root === null) return;
  render(<App />, root);
  startKeys();
  info.value = await getJson<PageInfo>('info');
  document.title = `cio-relay: ${info.value.title}`;
  if (info.value.pages.includes('events')) connect();
  else isConnected.value = true;
};

void start();
