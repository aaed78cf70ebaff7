// Objects as Customer.io has them: companies, accounts, whatever a group is, and who is related to them.

import { type CustomObject, nameOf, objectKey } from './customer-io';
import { count } from './format';
import { JsonView } from './json-view';
import { ListPage } from './list-page';
import { hrefOf, route } from './route';
import { Text } from './text';
import { usePolled } from './use-polled';
import { inThisWorkspace, inWorkspace, WorkspaceChoice } from './workspace-choice';

export const ObjectsPage = () => {
  const { open, query } = route.value;
  // An object is open by its type and its id.
  const id = open.slice(open.indexOf(':') + 1);
  const { value, problem } = usePolled<{ objects: CustomObject[]; total: number }>(
    inWorkspace('objects', { q: query.get('q') ?? '', open: id }),
  );
  return (
    <ListPage
      page="objects"
      title="Objects"
      note="What group makes: objects with their attributes, and the people related to them."
      columns={['Object', 'Type', 'Attributes', 'People']}
      items={value?.objects}
      total={value?.total}
      problem={problem}
      keyOf={({ identifiers }) => objectKey(identifiers)}
      cells={({ identifiers, attributes, relationships }) => [
        <Text key="name" of={identifiers['object_id']} />,
        <Text key="type" of={identifiers['object_type_id']} />,
        count(Object.keys(attributes).length),
        count(relationships.length),
      ]}
      empty={<p>No object yet. A group makes one.</p>}
      missing="Customer.io has no such object, in this workspace: no group of it was delivered yet, it was deleted, or the address is cut off, which is type and id: 1:acme. Search for a part of its id."
      detail={({ identifiers, attributes, relationships }) => (
        <>
          <h2>
            <Text of={identifiers['object_id']} />
          </h2>
          <h3>Identifiers</h3>
          <JsonView value={identifiers} />
          <h3>Attributes</h3>
          <JsonView value={attributes} />
          <h3>People</h3>
          <ul>
            {relationships.map((relationship) => (
              <li key={nameOf(relationship.identifiers)}>
                <a href={hrefOf('people', nameOf(relationship.identifiers), inThisWorkspace())}>
                  <Text of={nameOf(relationship.identifiers)} />
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    >
      <WorkspaceChoice />
    </ListPage>
  );
};
