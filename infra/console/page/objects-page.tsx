// Objects as Customer.io has them: companies, accounts, whatever a group is, and who is related to them.

import { type CustomObject, nameOf } from './customer-io';
import { count } from './format';
import { JsonView } from './json-view';
import { ListPage } from './list-page';
import { hrefOf } from './route';
import { usePolled } from './use-polled';

export const ObjectsPage = () => {
  const { value, problem } = usePolled<{ objects: CustomObject[] }>('objects');
  return (
    <ListPage
      page="objects"
      title="Objects"
      note="What group makes: objects with their attributes, and the people related to them."
      columns={['Object', 'Type', 'Attributes', 'People']}
      items={value?.objects}
      problem={problem}
      keyOf={({ identifiers }) => `${identifiers['object_type_id']}:${identifiers['object_id']}`}
      cells={({ identifiers, attributes, relationships }) => [
        <bdi key="name">{identifiers['object_id']}</bdi>,
        identifiers['object_type_id'],
        count(Object.keys(attributes).length),
        count(relationships.length),
      ]}
      empty={<p>No object yet. A group makes one.</p>}
      detail={({ identifiers, attributes, relationships }) => (
        <>
          <h2>
            <bdi>{identifiers['object_id']}</bdi>
          </h2>
          <h3>Identifiers</h3>
          <JsonView value={identifiers} />
          <h3>Attributes</h3>
          <JsonView value={attributes} />
          <h3>People</h3>
          <ul>
            {relationships.map((relationship) => (
              <li key={nameOf(relationship.identifiers)}>
                <a href={hrefOf('people', nameOf(relationship.identifiers))}>
                  <bdi>{nameOf(relationship.identifiers)}</bdi>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    />
  );
};
