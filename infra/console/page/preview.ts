// What would become of a text if it were sent now: the door's normalization and the mapping, the very code that the
// functions run, in the page. Nothing is sent.

import { EVENT_TYPES, type EventType } from '../../../lib/event/event';
import { readSharedFields, withSharedFields } from '../../../lib/event/shared-fields';
import { normalize } from '../../../lib/ingest/normalize';
import { isObject } from '../../../lib/json/json-object';
import { translate } from '../../../lib/mapping/translate';
import type { MappingSettings, Translation } from '../../../lib/mapping/translation';
import type { SendTo } from '../contract';

export interface Choice {
  readonly label: string;
  readonly settings: Partial<MappingSettings>;
}

/** Settings of a source that the mapping knows: what each is set to first is its default. */
export const CHOICES: Readonly<Record<string, readonly [Choice, Choice]>> = {
  convertTimestamps: [
    { label: 'true', settings: { convertTimestamps: true } },
    { label: 'false', settings: { convertTimestamps: false } },
  ],
  workspaceIdentifiers: [
    { label: 'email_or_id', settings: { workspaceIdentifiers: 'email_or_id' } },
    { label: 'id', settings: { workspaceIdentifiers: 'id' } },
  ],
  longNames: [
    { label: 'cut', settings: { longNames: 'cut' } },
    { label: 'reject', settings: { longNames: 'reject' } },
  ],
  connectionMode: [
    { label: 'cloud', settings: { connectionMode: 'cloud' } },
    { label: 'device', settings: { connectionMode: 'device' } },
  ],
};

/** Names of the settings that are not set to their default. */
export type Chosen = ReadonlySet<string>;

export interface PreviewedEvent {
  readonly event: unknown;
  readonly translation: Translation;
  /** Settings that, set otherwise, would make something else of this event. */
  readonly effective: readonly string[];
}

export type Preview =
  | { readonly ok: true; readonly events: readonly PreviewedEvent[] }
  | { readonly ok: false; readonly problem: string };

export const preview = (text: string, to: SendTo, chosen: Chosen, nowMs: number): Preview => {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return { ok: false, problem: `This is no JSON: ${error instanceof Error ? error.message : error}` };
  }
  const events = eventsIn(body).map((own, index) => {
    const raw = withBatch(own, body);
    const event = to === 'http' ? atTheDoor(raw, index, nowMs) : onTheQueue(raw, index, nowMs);
    const translation = translate(event, settingsOf(chosen));
    return { event, translation, effective: effectiveSettings(event, translation, chosen) };
  });
  return { ok: true, events };
};

const eventsIn = (body: unknown): readonly unknown[] => {
  if (Array.isArray(body)) return body;
  const batch = isObject(body) && body['type'] === undefined ? body['batch'] : undefined;
  return Array.isArray(batch) ? batch : [body];
};

/** What a batch says of its events holds for each, at either door. */
const withBatch = (event: unknown, body: unknown): unknown =>
  isObject(event) && isObject(body) && body !== event
    ? withSharedFields(event, readSharedFields(body), undefined)
    : event;

const isEventType = (type: unknown): type is EventType => EVENT_TYPES.some((one) => one === type);

/** As JSON once more, because that is what the queue carries. */
const atTheDoor = (raw: unknown, index: number, nowMs: number): unknown => {
  if (!isObject(raw) || !isEventType(raw['type'])) return raw;
  const { event } = normalize(raw, raw['type'], {
    receivedAtMs: nowMs,
    receivedAt: new Date(nowMs).toISOString(),
    sentAtMs: undefined,
    ip: undefined,
    isBrowser: false,
    newMessageId: () => `preview-${index}`,
  });
  return JSON.parse(JSON.stringify(event));
};

const onTheQueue = (raw: unknown, index: number, nowMs: number): unknown =>
  isObject(raw) ? { messageId: `preview-${index}`, timestamp: new Date(nowMs).toISOString(), ...raw } : raw;

const settingsOf = (chosen: Chosen): MappingSettings => {
  const parts = Object.entries(CHOICES).map(([name, [usual, other]]) =>
    chosen.has(name) ? other.settings : usual.settings,
  );
  return Object.assign({ convertTimestamps: true, workspaceIdentifiers: 'email_or_id' as const }, ...parts);
};

const effectiveSettings = (event: unknown, translation: Translation, chosen: Chosen): string[] => {
  const now = JSON.stringify(translation);
  return Object.keys(CHOICES).filter((name) => {
    const otherwise = new Set(chosen);
    if (!otherwise.delete(name)) otherwise.add(name);
    return JSON.stringify(translate(event, settingsOf(otherwise))) !== now;
  });
};
