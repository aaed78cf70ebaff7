// The Activity Log with Customer.io's own columns: what it made of each operation that it took.

import { visible } from '../visible';
import { type Activity, isTrouble, nameOf } from './customer-io';
import { JsonView } from './json-view';
import { ListPage } from './list-page';
import { hrefOf } from './route';
import { Text } from './text';
import { Time } from './time';
import { usePolled } from './use-polled';
import { inThisWorkspace, inWorkspace, WorkspaceChoice } from './workspace-choice';

interface Numbered extends Activity {
  readonly key: string;
}

export const ActivityPage = () => {
  const { value, problem } = usePolled<{ activities: Activity[]; total: number }>(inWorkspace('activity'));
  const items = value?.activities.map(
    (activity, index): Numbered => ({ ...activity, key: `${value.total - index}` }),
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
          {visible(activity.activity_type)}
        </span>,
        <Text key="name" of={activity.activity_name} />,
        <Text key="person" of={nameOf(activity.identifiers)} />,
        <Time key="time" at={activity.timestamp * 1_000} />,
      ]}
      empty={<p>Customer.io has had nothing yet.</p>}
      missing="The lines are numbered as they come, and the newest 2,000 are shown. Search for the person or the name."
      detail={({ key: _, ...activity }) => (
        <>
          <h2>{activity.activity_type}</h2>
          <p>
            <Text of={activity.activity_name} />
          </p>
          <p>
            <a class="button" href={hrefOf('people', nameOf(activity.identifiers), inThisWorkspace())}>
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
