// What the demo prints. One table a thing, cells short enough for a terminal.

import type { Activity } from '../local/sandbox/activity';
import type { ForwardedEvent } from './activity';
import type { Person } from './sandbox-client';

const MAX_CELL_LENGTH = 60;

export const printActivities = (activities: readonly Activity[]): void => {
  console.log('\nActivity Log');
  console.table(
    activities.map(({ timestamp, activity_type: type, activity_name: name, attributes }) => ({
      time: clock(timestamp * 1_000),
      'Activity Type': type,
      'Activity Name': name,
      attributes: cell(attributes),
    })),
  );
};

export const printPeople = (people: readonly Person[]): void => {
  console.log('\nPeople');
  for (const { identifiers, attributes, devices } of people) {
    const all = { ...identifiers, ...attributes, devices: devices.map(({ token }) => token) };
    console.table(Object.entries(all).map(([name, value]) => ({ name, value: cell(value) })));
  }
};

export const printForwarded = (events: readonly ForwardedEvent[]): void => {
  console.log('\nWhat Segment gets');
  console.table(
    events.map(({ timestamp, event, userId, properties }) => ({
      time: clock(Date.parse(timestamp)),
      event,
      userId,
      properties: cell(properties),
    })),
  );
};

const clock = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

const cell = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_CELL_LENGTH ? `${text.slice(0, MAX_CELL_LENGTH - 1)}…` : text;
};
