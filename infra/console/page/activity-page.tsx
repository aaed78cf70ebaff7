// The Activity Log with Customer.io's own columns: what it made of each operation that it took.

import { type Activity, isTrouble, nameOf } from './customer-io';
import { dateTime } from './format';
import { JsonView } from './json-view';
import { ListPage } from './list-page';
import { hrefOf } from './route';
import { usePolled } from './use-polled';
import { inWorkspace, WorkspaceChoice } from './workspace-choice';

interface Numbered extends Activity {
  readonly key: string;
}

export const ActivityPage = () => {
  const { value, problem } = usePolled<{ activities: Activity[] }>(inWorkspace('activity'));
  const count = value?.activities.length ?? 0;
  const items = value?.activities.map(
    (activity, index): Numbered => ({ ...activity, key: `${count - index}` }),
  );
  return (
    <ListPage
      page="activity"
      title="Activity Log"
      note="As Customer.io shows it, newest first, the newest 2,000. It answers 200 to all of these: only here it says which had no effect."
      columns={['Activity Type', 'Activity Name', 'Person', 'Time']}
      items={items}
      problem={problem}
      keyOf={({ key }) => key}
      cells={(activity) => [
        <span key="type" class={isTrouble(activity) ? 'is-trouble' : ''}>
          {activity.activity_type}
        </span>,
        <bdi key="name">{activity.activity_name}</bdi>,
        <bdi key="person">{nameOf(activity.identifiers)}</bdi>,
        dateTime(activity.timestamp * 1_000),
      ]}
      empty={<p>Customer.io has had nothing yet.</p>}
      detail={({ key: _, ...activity }) => (
        <>
          <h2>{activity.activity_type}</h2>
          <p>
            <bdi>{activity.activity_name}</bdi>
          </p>
          <p>
            <a class="button" href={hrefOf('people', nameOf(activity.identifiers))}>
              The person
            </a>
          </p>
          <JsonView value={activity} />
        </>
      )}
    >
      <WorkspaceChoice />
    </ListPage>
  );
};
