// Saves the whole events of a body that JSON.parse refused. An event counts only if its own text is JSON after the
// mends of `mended-value`, and only if it stood where events stand: what may be a part of a broken event is left.
//
// It is not `jsonrepair`, which makes any text JSON. That library ends cut strings, closes brackets, quotes words
// and takes comments out, so that a cut event comes out as a whole one that nobody sent. It also follows nesting
// with the call stack.
//
// How a part of a broken event is told from the next event: after a colon, or in an array of the broken event, an
// object may be a part. An object where a member's name is due can be two things. If the broken event was cut, it
// is the next event; if the broken event lost a `[` or a `:`, it is a part. Such an object waits until it is clear
// what follows it, and so does every object once brackets did not match. It counts when another event or the
// envelope's end follows. It never counts when the brackets or members of something around it follow. Once brackets
// did not match, it also needs a known `type`.
//
// Two kinds of events are lost on purpose, because both readings are possible: those after an event that was cut
// inside an array of its own, and those that wait when the end of the body is lost too. The caller keeps the bytes.

import { EVENT_TYPES } from '../event/event';
import { isObject, type JsonObject } from '../json/json-object';
import { withoutByteOrderMark } from '../text';
import { memberNames, pairBrackets } from './bracket-pairs';
import { type Tokens, tokenize } from './broken-json-tokens';
import { parseTokens, scanValue } from './mended-value';

export interface SavedEnvelope {
  /** In the order they came. */
  readonly events: readonly unknown[];
  /**
   * What could be read beside the events: `writeKey`, `sentAt`, `context` and `integrations`, as far as they are
   * there; unchecked.
   */
  readonly fields: JsonObject;
}

export interface SavedBody {
  /** One for each envelope that was joined to the others: what one says of its events must not bend another's. */
  readonly envelopes: readonly SavedEnvelope[];
  /** Whether every event of the text was saved: nothing was passed over, only mended. */
  readonly isComplete: boolean;
}

type BodyKind = 'event' | 'batch';

interface Reader {
  readonly text: string;
  readonly tokens: Tokens;
  readonly kind: BodyKind;
  readonly envelopes: SavedEnvelope[];
  /** Made when it is first asked for. */
  pairs: Int32Array | undefined;
  at: number;
  place: 'top' | 'envelope' | 'batch';
  /** The batch is an array without an envelope. */
  isBare: boolean;
  /** Whether every bracket so far had its place, so that an object here can only be an event. */
  isSure: boolean;
  events: unknown[];
  fields: Record<string, unknown>;
  /** Objects that count only once it is seen what follows them. */
  waiting: unknown[];
  /** An event followed by members that may have been its own. */
  suspect: unknown;
  /** The token after the last object taken. */
  takenUntil: number;
  isFieldBroken: boolean;
  isComplete: boolean;
}

const FIELDS: readonly unknown[] = ['writeKey', 'sentAt', 'context', 'integrations'];
const TYPES: readonly unknown[] = EVENT_TYPES;

/**
 * For a batch, an event is an element of `batch`, an element of a bare array, or an object on its own. For a single
 * event, it is an object on its own. JSON inside a JSON string is not opened.
 */
export const readBrokenJson = (text: string, kind: BodyKind): SavedBody => {
  const reader = newReader(withoutByteOrderMark(text), kind);
  while (reader.at < reader.tokens.kinds.length) readToken(reader);
  finish(reader);
  return { envelopes: reader.envelopes, isComplete: reader.isComplete };
};

const newReader = (text: string, kind: BodyKind): Reader => ({
  text,
  tokens: tokenize(text),
  kind,
  envelopes: [],
  pairs: undefined,
  at: 0,
  place: 'top',
  isBare: false,
  isSure: true,
  events: [],
  fields: {},
  waiting: [],
  suspect: undefined,
  takenUntil: -1,
  isFieldBroken: false,
  isComplete: true,
});

const readToken = (reader: Reader): void => {
  const kind = kindAt(reader, reader.at);
  if (kind === ',') reader.at += 1;
  else if (kind === '{') readObject(reader);
  else if (kind === '[') readArray(reader);
  else if (kind === ']') endArray(reader);
  else if (kind === '}') endObject(reader);
  else if (kind === 's' && kindAt(reader, reader.at + 1) === ':') readMember(reader);
  else readJunk(reader);
};

const kindAt = ({ tokens }: Reader, at: number): string => tokens.kinds.charAt(at);

const finish = (reader: Reader): void => {
  const areProven = reader.isSure || reader.kind === 'event';
  if (areProven) settle(reader);
  else dropWaiting(reader);
  if (reader.suspect !== undefined) reader.isComplete = false;
  endEnvelope(reader);
};

// Reading an object: an event, an envelope, or something broken.

const readObject = (reader: Reader): void => {
  if (reader.place === 'envelope') leaveEnvelope(reader);
  if (isEnvelope(reader)) {
    startEnvelope(reader);
    return;
  }
  const { end, isWhole, open } = scanValue(reader.tokens, reader.at);
  if (!isWhole) {
    settle(reader);
    passBroken(reader, end, open);
    return;
  }
  restoreSuspect(reader);
  const value = parseTokens(reader.text, reader.tokens, reader.at, end);
  reader.at = end;
  if (isObject(value) && isEvent(reader, value)) take(reader, value);
  else breakOff(reader);
};

const take = (reader: Reader, event: JsonObject): void => {
  const isProven = reader.place === 'batch' && reader.isSure && !reader.isBare;
  (isProven ? reader.events : reader.waiting).push(event);
  reader.takenUntil = reader.at;
};

/** Where only events stand any object is one, as in a body that is JSON; anywhere else it must look like one. */
const isEvent = (reader: Reader, { type, action, userId, anonymousId }: JsonObject): boolean => {
  if (reader.isSure && (reader.place === 'batch' || reader.kind === 'event')) return true;
  if (TYPES.includes(type) || TYPES.includes(action)) return true;
  return reader.kind === 'event' && (userId !== undefined || anonymousId !== undefined);
};

/** Something that is no event ends a row of objects, which shows that the row was no array inside a broken event. */
const breakOff = (reader: Reader): void => {
  settle(reader);
  reader.isComplete = false;
};

const settle = (reader: Reader): void => {
  restoreSuspect(reader);
  settleWaiting(reader);
};

const settleWaiting = (reader: Reader): void => {
  for (const event of reader.waiting) reader.events.push(event);
  reader.waiting = [];
};

const dropWaiting = (reader: Reader): void => {
  if (reader.waiting.length > 0) reader.isComplete = false;
  reader.waiting = [];
};

/** Passes over what is broken at `from`, to where its brackets end or something else must have begun. */
const passBroken = (reader: Reader, from: number, open: string[]): void => {
  reader.isComplete = false;
  const { kinds } = reader.tokens;
  let lastArrayEnd = -1;
  let at = from;
  for (; at < kinds.length && open.length > 0 && !isForeign(reader, at, open); at += 1) {
    if (kinds.charAt(at) === ']') lastArrayEnd = at;
    passBracket(reader, kinds.charAt(at), open);
  }
  if (open.length > 0) reader.isSure = false;
  reader.at = at;
  if (at === kinds.length && isEnvelopeEnd(reader, lastArrayEnd)) startAgainAt(reader, lastArrayEnd);
};

/** Goes on at `at`, the envelope's end: what stood before it is not known, but the envelope's own fields follow. */
const startAgainAt = (reader: Reader, at: number): void => {
  reader.isSure = false;
  reader.at = at;
};

/** Whether the token can be no part of what is broken, because it begins something else or ends what is around it. */
const isForeign = (reader: Reader, at: number, open: readonly string[]): boolean => {
  const kind = kindAt(reader, at);
  if (kind === ']') return open.lastIndexOf('[') < 0;
  if (kind === '{') return open.at(-1) === '{' && kindAt(reader, at - 1) !== ':';
  return kind === 's' && open.length === 1 && reader.place === 'top' && isBatchKey(reader, at);
};

const passBracket = (reader: Reader, kind: string, open: string[]): void => {
  if (kind === '{' || kind === '[') open.push(kind);
  if (kind === ']') closeBroken(reader, '[', open);
  if (kind === '}') closeBroken(reader, '{', open);
};

/** Closes the innermost bracket of the kind and those inside it. */
const closeBroken = (reader: Reader, wanted: string, open: string[]): void => {
  for (let bracket = open.pop(); bracket !== undefined && bracket !== wanted; bracket = open.pop()) {
    reader.isSure = false;
  }
};

// Reading an envelope: its batch, and the fields beside it.

const isBatchKey = (reader: Reader, at: number): boolean =>
  reader.kind === 'batch' && reader.tokens.kinds.startsWith('s:[', at) && keyAt(reader, at) === 'batch';

/** The text of the key at a token; undefined where the token is no string. */
const keyAt = ({ text, tokens }: Reader, at: number): unknown =>
  tokens.kinds.charAt(at) === 's' ? parseTokens(text, tokens, at, at + 1) : undefined;

const isEnvelope = (reader: Reader): boolean => {
  const isFirst = reader.place !== 'top';
  const from = reader.at + 1;
  const batch = isFirst ? from : endOfMembers(reader, from, (key) => key !== 'batch');
  return isBatchKey(reader, batch) && !isTyped(reader);
};

/** Whether the object is an event that has a `batch` of its own: opened for that, it would vanish. */
const isTyped = (reader: Reader): boolean => {
  const { kinds } = reader.tokens;
  reader.pairs ??= pairBrackets(kinds);
  return memberNames(kinds, reader.at, reader.pairs).some(
    (name) => NAMES_OF_TYPE.includes(keyAt(reader, name)) && TYPES.includes(keyAt(reader, name + 2)),
  );
};

/** `action` is the word of very old SDKs. */
const NAMES_OF_TYPE: readonly unknown[] = ['type', 'action'];

/** The first token from `from` on that is neither a comma nor a whole member with a wanted key. */
const endOfMembers = (reader: Reader, from: number, isWanted: (key: unknown) => boolean): number => {
  const { kinds } = reader.tokens;
  let at = from;
  while (at < kinds.length) {
    if (kinds.charAt(at) === ',') {
      at += 1;
      continue;
    }
    if (!kinds.startsWith('s:', at) || !isWanted(keyAt(reader, at))) return at;
    const value = scanValue(reader.tokens, at + 2);
    if (!value.isWhole) return at;
    at = value.end;
  }
  return at;
};

const startEnvelope = (reader: Reader): void => {
  settle(reader);
  endEnvelope(reader);
  reader.place = 'envelope';
  reader.at += 1;
};

const endEnvelope = (reader: Reader): void => {
  const { events, fields } = reader;
  if (events.length > 0 || Object.keys(fields).length > 0) reader.envelopes.push({ events, fields });
  reader.events = [];
  reader.fields = {};
  reader.place = 'top';
  reader.isBare = false;
  reader.isFieldBroken = false;
};

/** Called for an object after the batch that is no field's value: it shows that the envelope was cut. */
const leaveEnvelope = (reader: Reader): void => {
  if (reader.isFieldBroken) reader.isComplete = false;
  endEnvelope(reader);
};

const readMember = (reader: Reader): void => {
  if (isBatchKey(reader, reader.at)) {
    enterBatch(reader);
    return;
  }
  if (reader.place === 'batch' && reader.isSure && !reader.isBare && isEnvelopeEnd(reader, reader.at)) {
    reader.place = 'envelope';
  }
  if (reader.place === 'envelope') readField(reader);
  else readLeftover(reader);
};

const enterBatch = (reader: Reader): void => {
  settle(reader);
  if (reader.isFieldBroken) reader.isComplete = false;
  reader.isFieldBroken = false;
  // Without the `{` of the envelope the batch may be a member of a broken event.
  if (reader.place !== 'envelope') reader.isSure = false;
  reader.place = 'batch';
  reader.at += 3;
};

const readField = (reader: Reader): void => {
  const from = reader.at + 2;
  const key = keyAt(reader, reader.at);
  const { end, isWhole, open } = scanValue(reader.tokens, from);
  if (!isWhole) {
    passBrokenField(reader, end, open);
    return;
  }
  const value = parseTokens(reader.text, reader.tokens, from, end);
  if (value === undefined) reader.isFieldBroken = true;
  else if (typeof key === 'string' && FIELDS.includes(key)) reader.fields[key] ??= value;
  reader.at = end;
};

/** A broken field loses no event, unless more events come after it. */
const passBrokenField = (reader: Reader, from: number, open: string[]): void => {
  const { isComplete } = reader;
  passBroken(reader, from, open);
  reader.isComplete = isComplete;
  reader.isFieldBroken = true;
};

/** Whether the envelope ends here: `]` perhaps, its fields, `}`, and then nothing or the next envelope. */
const isEnvelopeEnd = (reader: Reader, from: number): boolean => {
  if (from < 0 || reader.kind === 'event') return false;
  const afterBatch = kindAt(reader, from) === ']' ? from + 1 : from;
  const end = endOfMembers(reader, afterBatch, (key) => FIELDS.includes(key));
  if (kindAt(reader, end) !== '}') return false;
  const next = afterCommas(reader, end + 1);
  return kindAt(reader, next) === '' || (kindAt(reader, next) === '{' && isBatchKey(reader, next + 1));
};

const afterCommas = (reader: Reader, from: number): number => {
  let at = from;
  while (kindAt(reader, at) === ',') at += 1;
  return at;
};

// Reading brackets, and what is left of something broken.

const readArray = (reader: Reader): void => {
  if (reader.place === 'top' && reader.kind === 'batch') {
    settle(reader);
    endEnvelope(reader);
    reader.place = 'batch';
    reader.isBare = reader.isSure;
  } else {
    breakOff(reader);
    reader.isSure = false;
  }
  reader.at += 1;
};

const endArray = (reader: Reader): void => {
  restoreSuspect(reader);
  if (isBatchEnd(reader)) {
    settle(reader);
    reader.place = reader.isBare && !isEnvelopeEnd(reader, reader.at) ? 'top' : 'envelope';
    reader.isSure = true;
    reader.isBare = false;
  } else {
    dropWaiting(reader);
    reader.isSure = false;
    reader.isComplete = false;
  }
  reader.at += 1;
};

const isBatchEnd = (reader: Reader): boolean => {
  if (isEnvelopeEnd(reader, reader.at)) return true;
  if (!reader.isBare) return reader.place === 'batch' && reader.isSure;
  const next = kindAt(reader, afterCommas(reader, reader.at + 1));
  return next === '' || (reader.isSure && (next === '{' || next === '['));
};

const endObject = (reader: Reader): void => {
  const isEnd = reader.place === 'envelope' || (reader.place === 'batch' && isLostArrayEnd(reader));
  if (isEnd) endEnvelope(reader);
  else {
    // After a comma the bracket is one too many of something else, so the event before it is whole.
    if (kindAt(reader, reader.at - 1) !== ',') withdraw(reader);
    else restoreSuspect(reader);
    dropWaiting(reader);
    reader.suspect = undefined;
    reader.isSure = false;
    reader.isComplete = false;
  }
  reader.at += 1;
};

/** Whether the batch has lost its `]`, and no field follows it. */
const isLostArrayEnd = (reader: Reader): boolean =>
  reader.isSure && !reader.isBare && isEnvelopeEnd(reader, reader.at);

/**
 * Passes over members where none belong: the rest of an event whose beginning is lost, or of the event before,
 * which a bracket too many has ended early.
 */
const readLeftover = (reader: Reader): void => {
  reader.isComplete = false;
  withdraw(reader);
  settleWaiting(reader);
  reader.isSure = false;
  if (keyAt(reader, reader.at) === 'type' && TYPES.includes(keyAt(reader, reader.at + 2)))
    restoreTyped(reader);
  passValue(reader, reader.at + 2);
};

/** Takes back the event that ends right here: what follows shows that a bracket too many had ended it early. */
const withdraw = (reader: Reader): void => {
  let before = reader.at;
  while (before > 0 && kindAt(reader, before - 1) === ',') before -= 1;
  if (before !== reader.takenUntil) return;
  reader.takenUntil = -1;
  const last = reader.waiting.length > 0 ? reader.waiting.pop() : reader.events.pop();
  if (reader.isSure) reader.suspect = last;
};

/** Gives back the event that was taken back when the members have a type of their own: they are another event's. */
const restoreTyped = (reader: Reader): void => {
  if (isObject(reader.suspect) && TYPES.includes(reader.suspect['type'])) restoreSuspect(reader);
};

const restoreSuspect = (reader: Reader): void => {
  if (reader.suspect !== undefined) reader.events.push(reader.suspect);
  reader.suspect = undefined;
};

const readJunk = (reader: Reader): void => {
  if (reader.place === 'envelope') reader.isFieldBroken = true;
  else {
    breakOff(reader);
    reader.isSure = false;
  }
  reader.at += 1;
};

/** Passes over a value at `from`, or so much of it as can be read. */
const passValue = (reader: Reader, from: number): void => {
  const { end, isWhole, open } = scanValue(reader.tokens, from);
  if (isWhole) reader.at = end;
  else passBroken(reader, end, open);
};
