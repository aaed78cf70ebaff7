// What a row shows of an event, whatever it is: an event of Segment, a reporting webhook, or what is neither.

import { isObject, type JsonObject } from '../../../lib/json/json-object';

export interface Described {
  readonly type: string;
  readonly name: string;
  readonly person: string;
  readonly text: string;
  readonly isTextCut: boolean;
}

/** Enough for an ordinary event; a hundred thousand of them still fit in a page. */
const MAX_TEXT_CHARACTERS = 1_000;
const MAX_WORD_CHARACTERS = 200;

/** @param json the same as JSON. */
export const describeEvent = (event: unknown, json: string): Described => {
  const whole = typeof event === 'string' ? event : json;
  const text = whole.slice(0, MAX_TEXT_CHARACTERS);
  const isTextCut = whole.length > text.length;
  if (!isObject(event)) return { type: '', name: '', person: '', text, isTextCut };
  return {
    type: word(event['type'] ?? event['object_type']),
    name: nameOf(event),
    person: personOf(event),
    text,
    isTextCut,
  };
};

const nameOf = ({ event, name, metric, groupId }: JsonObject): string =>
  word(event ?? name ?? metric ?? groupId);

/** The first that is there of the ways to name a person. */
const personOf = (event: JsonObject): string => {
  const traits = objectOf(event['traits']);
  const context = objectOf(objectOf(event['context'])['traits']);
  const data = objectOf(objectOf(event['data'])['identifiers']);
  const candidates = [
    event['userId'],
    traits['email'],
    context['email'],
    data['id'],
    data['email'],
    event['anonymousId'],
  ];
  return candidates.map(word).find((text) => text !== '') ?? '';
};

const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

const word = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, MAX_WORD_CHARACTERS) : '';
