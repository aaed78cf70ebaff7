// People as Customer.io has them: identifiers, attributes and what set each when, devices, relationships, subscription.

import { useEffect } from 'preact/hooks';
import type { AttributeChange } from '../contract';
import { visible } from '../visible';
import { nameOf, objectKey, type Person } from './customer-io';
import { count, counted } from './format';
import { JsonView } from './json-view';
import { ListPage } from './list-page';
import { idOf } from './live-events';
import { hrefOf, route } from './route';
import { Text } from './text';
import { Time } from './time';
import { usePolled } from './use-polled';
import { inThisWorkspace, inWorkspace, WorkspaceChoice } from './workspace-choice';

export const PeoplePage = () => {
  const { open, query } = route.value;
  const { value, problem } = usePolled<{ people: Person[]; total: number }>(
    inWorkspace('people', { q: query.get('q') ?? '', open }),
  );
  return (
    <ListPage
      page="people"
      title="People"
      note="Everybody that Customer.io knows, in the order in which they came."
      columns={['Person', 'Email', 'Attributes', 'Events', 'Subscription']}
      items={value?.people}
      total={value?.total}
      problem={problem}
      keyOf={({ identifiers }) => nameOf(identifiers)}
      cells={(person) => [
        <Text key="name" of={nameOf(person.identifiers)} />,
        <Text key="email" of={person.identifiers['email'] ?? ''} />,
        count(Object.keys(person.attributes).length),
        count(person.events),
        <span key="subscription" class="word">
          {person.unsubscribed ? 'unsubscribed' : 'subscribed'}
        </span>,
      ]}
      empty={<p>Customer.io knows nobody yet. An identify makes a person.</p>}
      missing="Customer.io knows nobody by that name, in this workspace: nothing of theirs was delivered yet, they were deleted or merged, or the address is cut off. Search, or look at their events."
      detail={(person) => <PersonDetail key={person.identifiers['cio_id']} person={person} />}
    >
      <WorkspaceChoice />
    </ListPage>
  );
};

const PersonDetail = ({ person }: { readonly person: Person }) => {
  const { identifiers, attributes, devices, relationships, unsubscribed, events } = person;
  const cioId = identifiers['cio_id'] ?? '';
  const { value, readNow } = usePolled<{ changes: AttributeChange[] }>(
    inWorkspace('history', { person: cioId }),
    true,
  );
  // All events are looked through for it: only when something has changed.
  const now = JSON.stringify(person);
  useEffect(readNow, [now]);
  const byName = Map.groupBy(value?.changes ?? [], ({ name }) => name);
  const gone = [...byName.keys()].filter((name) => !Object.hasOwn(attributes, name));
  return (
    <>
      <h2>
        <Text of={nameOf(identifiers)} />
      </h2>
      <p>
        {unsubscribed ? 'Unsubscribed' : 'Subscribed'}; {counted(events, 'event')}.
      </p>
      <p class="actions">
        <a class="button" href={hrefOf('events', '', { q: nameOf(identifiers) })}>
          Their events
        </a>
        <a class="button" href={hrefOf('activity', '', { q: cioId, ...inThisWorkspace() })}>
          Their activity
        </a>
      </p>
      <h3>Identifiers</h3>
      <JsonView value={identifiers} />
      <h3>Attributes, and what set them</h3>
      {Object.keys(attributes).length === 0 && <p class="quiet">None.</p>}
      <ul class="attributes">
        {Object.entries(attributes).map(([name, value]) => (
          <li key={name}>
            <code>{visible(name)}</code> <Text of={JSON.stringify(value)} />
            <History changes={byName.get(name) ?? []} />
          </li>
        ))}
        {gone.map((name) => (
          <li key={name} class="quiet">
            <code>{visible(name)}</code> none any more
            <History changes={byName.get(name) ?? []} />
          </li>
        ))}
      </ul>
      {devices.length > 0 && <h3>Devices</h3>}
      {devices.length > 0 && <JsonView value={devices} />}
      {relationships.length > 0 && <h3>Objects related to them</h3>}
      <ul class="attributes">
        {relationships.map(({ identifiers: object, relationship_attributes: own }) => (
          <li key={objectKey(object)}>
            <a href={hrefOf('objects', objectKey(object), inThisWorkspace())}>
              <Text of={String(object['object_id'])} />
            </a>{' '}
            <span class="quiet">
              of type <Text of={object['object_type_id']} />
            </span>
            {Object.keys(own).length > 0 && <JsonView value={own} />}
          </li>
        ))}
      </ul>
    </>
  );
};

/** Newest first. What has no event came before the oldest one that is kept, or not by an event. */
const History = ({ changes }: { readonly changes: readonly AttributeChange[] }) => (
  <ol class="history">
    {changes.map(({ at, value, event }, index) => (
      <li key={`${at}-${index}`}>
        <Time at={at} /> {value === undefined ? 'removed' : <Text of={JSON.stringify(value)} />} by{' '}
        {event === undefined ? (
          'what is not kept'
        ) : (
          <a href={hrefOf('events', idOf(event.number))}>
            <Text of={event.type} /> <Text of={event.name} />
          </a>
        )}
      </li>
    ))}
  </ol>
);
