// People as Customer.io has them: identifiers, attributes and what set each when, devices, relationships, subscription.

import { type Activity, nameOf, type Person } from './customer-io';
import { count, counted, dateTime } from './format';
import { JsonView } from './json-view';
import { ListPage } from './list-page';
import { hrefOf } from './route';
import { usePolled } from './use-polled';

export const PeoplePage = () => {
  const { value, problem } = usePolled<{ people: Person[] }>('people');
  const { value: log } = usePolled<{ activities: Activity[] }>('activity');
  return (
    <ListPage
      page="people"
      title="People"
      note="Everybody that Customer.io knows, in the order in which they came."
      columns={['Person', 'Email', 'Attributes', 'Events', 'Subscription']}
      items={value?.people}
      problem={problem}
      keyOf={({ identifiers }) => nameOf(identifiers)}
      cells={(person) => [
        <bdi key="name">{nameOf(person.identifiers)}</bdi>,
        <bdi key="email">{person.identifiers['email'] ?? ''}</bdi>,
        count(Object.keys(person.attributes).length),
        count(person.events),
        person.unsubscribed ? 'unsubscribed' : 'subscribed',
      ]}
      empty={<p>Customer.io knows nobody yet. An identify makes a person.</p>}
      detail={(person) => <PersonDetail person={person} activities={log?.activities ?? []} />}
    />
  );
};

interface PersonDetailProps {
  readonly person: Person;
  readonly activities: readonly Activity[];
}

const PersonDetail = ({ person, activities }: PersonDetailProps) => {
  const { identifiers, attributes, devices, relationships, unsubscribed, events } = person;
  const own = activities.filter((activity) => activity.identifiers['cio_id'] === identifiers['cio_id']);
  return (
    <>
      <h2>
        <bdi>{nameOf(identifiers)}</bdi>
      </h2>
      <p>
        {unsubscribed ? 'Unsubscribed' : 'Subscribed'}; {counted(events, 'event')}.
      </p>
      <p class="actions">
        <a class="button" href={hrefOf('events', '', { q: nameOf(identifiers) })}>
          Their events
        </a>
        <a class="button" href={hrefOf('activity', '', { q: identifiers['cio_id'] ?? '' })}>
          Their activity
        </a>
      </p>
      <h3>Identifiers</h3>
      <JsonView value={identifiers} />
      <h3>Attributes</h3>
      {Object.keys(attributes).length === 0 && <p class="quiet">None.</p>}
      <ul class="attributes">
        {Object.entries(attributes).map(([name, value]) => (
          <li key={name}>
            <code>{name}</code> <bdi>{JSON.stringify(value)}</bdi>
            <History name={name} activities={own} />
          </li>
        ))}
      </ul>
      {devices.length > 0 && <h3>Devices</h3>}
      {devices.length > 0 && <JsonView value={devices} />}
      {relationships.length > 0 && <h3>Relationships</h3>}
      {relationships.length > 0 && <JsonView value={relationships} />}
    </>
  );
};

/** The lines of the Activity Log that gave the attribute a value, newest first. */
const History = ({
  name,
  activities,
}: {
  readonly name: string;
  readonly activities: readonly Activity[];
}) => {
  const changes = activities.filter(
    ({ activity_type: type, attributes }) => type === 'Attribute Change' && Object.hasOwn(attributes, name),
  );
  return (
    <ol class="history">
      {changes.map(({ timestamp, attributes }, index) => (
        <li key={`${timestamp}-${index}`}>
          <time>{dateTime(timestamp * 1_000)}</time> <bdi>{JSON.stringify(attributes[name])}</bdi>
        </li>
      ))}
    </ol>
  );
};
