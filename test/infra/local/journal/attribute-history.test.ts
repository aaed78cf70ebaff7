import { attributeHistory } from '../../../../infra/local/journal/attribute-history';
import { Journal } from '../../../../infra/local/journal/journal';
import type { Activity } from '../../../../infra/local/sandbox/activity-log';

const change = (identifiers: Record<string, string>, attributes: object, timestamp: number): Activity => ({
  activity_type: 'Attribute Change',
  activity_name: Object.keys(attributes).join(', '),
  identifiers,
  attributes: { ...attributes },
  timestamp,
});

const identify = (identifiers: object, attributes: object, timestamp: number): string =>
  JSON.stringify({ type: 'person', action: 'identify', identifiers, attributes, timestamp });

const ADA = { cio_id: 'a3', id: 'ada', email: 'ada@example.com' };

const journalWith = (...operations: readonly string[]): Journal => {
  const journal = new Journal({ capacity: 100 });
  for (const [index, operation] of operations.entries()) {
    const raw = { type: 'identify', name: `event ${index + 1}` };
    const entry = journal.add(
      { door: 'http', source: 'web', messageId: `m-${index}`, raw },
      { fate: 'queued' },
      'On the queue',
    );
    journal.mapped(entry, [operation]);
  }
  journal.close();
  return journal;
};

it('Each value is told with its time and the event that set it, whichever of their ids that named', () => {
  const journal = journalWith(
    identify({ id: 'ada' }, { plan: 'free' }, 100),
    identify({ email: 'ada@example.com' }, { plan: 'pro' }, 200),
    identify({ id: 'grace' }, { plan: 'pro' }, 200),
  );
  const activities = [change(ADA, { plan: 'pro' }, 200), change(ADA, { plan: 'free' }, 100)];

  expect(attributeHistory('a3', activities, journal.all())).toEqual([
    { name: 'plan', value: 'pro', at: 200_000, event: { number: 2, type: 'identify', name: 'event 2' } },
    { name: 'plan', value: 'free', at: 100_000, event: { number: 1, type: 'identify', name: 'event 1' } },
  ]);
});

it('A removal has no value, and what no event is known to have set has none', () => {
  const activities = [
    change(ADA, { plan: null }, 300),
    change({ cio_id: 'b4', id: 'grace' }, { plan: 'x' }, 300),
  ];

  expect(attributeHistory('a3', activities, journalWith().all())).toEqual([
    { name: 'plan', value: undefined, at: 300_000 },
  ]);
});
