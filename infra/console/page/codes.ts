// Every code and reason that an operator can meet: what it means and what to do, in plain words. Whatever is added to
// the lists of lib/errors.ts or of the mapping is missing here, and does not compile.

import { REASONS, REQUEST_ERRORS, type Reason, type RequestErrorCode } from '../../../lib/errors';
import type { SkipReason } from '../../../lib/mapping/translation';

export interface CodeEntry {
  readonly code: string;
  readonly means: string;
  readonly toDo: string;
}

export interface CodeGroup {
  readonly title: string;
  readonly note: string;
  readonly entries: readonly CodeEntry[];
}

const REFUSED: Readonly<Record<RequestErrorCode, readonly [means: string, toDo: string]>> = {
  malformed_json: [
    'The body is not JSON of the shape this path takes.',
    'Look at the body under "What came in". Let the sender write JSON of the shape of the path.',
  ],
  payload_too_large: [
    'The body, or its only event, is over the size limit.',
    'Send fewer events in a request, or less in one event.',
  ],
  invalid_write_key: [
    'The request carries no write key, or one that no source has.',
    'Compare the write key of the sender with `writeKey` of the source. Until they agree, its SDK drops what it sends.',
  ],
  invalid_signature: [
    'The webhook names no source, or none of the signing keys of its source has signed it.',
    'Copy the signing key of the reporting webhook from Customer.io to `webhookSigningKeys` of the source.',
  ],
  not_found: [
    'There is nothing at this path.',
    'Check the address in the sender: docs/sdks.md has it for each SDK, docs/activity.md for webhooks. Strangers try paths too; they need nothing.',
  ],
  method_not_allowed: [
    'The path exists, but not for this method.',
    'Events are sent by POST. A browser that opens the address sees this too.',
  ],
  settings_unusable: [
    'The settings of this deployment are wrong.',
    'Mend the settings: `npx relay doctor` names the mistake. Senders try again by themselves.',
  ],
  queue_unavailable: [
    'SQS did not take every event.',
    'Nothing, unless it lasts: sending the same again is safe, and senders do it by themselves.',
  ],
  body_encoding_lost: [
    'The body was compressed, and has arrived as broken text.',
    'What stands before the endpoint must pass bodies on as they are: docs/operations.md says what a gateway lacks.',
  ],
  internal_error: [
    'Something unexpected.',
    'Senders try again by themselves. If it lasts, look for "failed unexpectedly" in the log of ingest, and report it.',
  ],
};

const TO_DO_FOR_DEAD: Readonly<Record<Reason, string>> = {
  invalid_json: 'Mend the JSON here and send it again, or mend its sender and discard this.',
  invalid_event:
    'The message names the field and what it expects. Mend it here, and at the sender, then send it again.',
  too_many_events:
    'Let the sender make smaller requests and messages. Sent again, each event of a request is a dead letter of its own.',
  unknown_source:
    'Add the source, or the workspace, to the settings, or correct the name at the producer; then send it again.',
  missing_identifier:
    'Add `userId`, `anonymousId` or an email here and send it again; let the sender give one. A reporting webhook needs an id in `data.identifiers`; is it about somebody who was deleted since, discard it.',
  illegal_identifier:
    'Correct the sender, which writes this where an id belongs. If the id is real, list it in `allowIdentifiers` of the source and send again.',
  missing_event_name: 'Add `event` here and send it again; let the sender give one.',
  event_too_large: 'Send less in one event: 32 KiB are the limit. Shorten it here to send it again.',
  operation_too_large:
    'Send less in one event: 32 KiB are what Customer.io takes. Shorten it here, or drop fields by a rule, and send again.',
  rejected_by_customerio:
    'The message says which field and why. Mend it here or at Customer.io (a missing object type, a limit), then send again.',
  undeliverable:
    'The message has the last answer. When the destination takes it again, send it again; else ask its support with that text.',
  rejected_by_segment:
    'The message says why. Check `segmentWriteKey` and `segmentUrl` of the source, then send again.',
};

const SKIPPED: Readonly<Record<SkipReason, readonly [means: string, toDo: string]>> = {
  integrations_disabled: [
    '`integrations` of the event says that it is not for Customer.io.',
    'Nothing, if the sender means it. Else let it say `{"Customer.io": true}`.',
  ],
  alias_to_itself: ['Both ids of the alias are the same person: there is nothing to merge.', 'Nothing.'],
  delivered_by_browser: [
    "Device mode: Customer.io's own tracker in the browser has delivered it already.",
    'Nothing. With `connectionMode` `cloud` it would be delivered from here.',
  ],
  anonymous_event: [
    'The person is known by `anonymousId` alone, and the source has `anonymousEvents` `skip`.',
    'Nothing, or set `anonymousEvents` to `deliver`.',
  ],
  consent_refused: [
    'The person has not agreed to what `consent` of the source requires.',
    'Nothing. If they have agreed, look at `context.consent` of the event.',
  ],
  excluded_by_rule: [
    'A rule of the source keeps it out; its name stands beside it.',
    'Nothing, or change the rule: Try it shows which one it is.',
  ],
  custom_code: ['The code in lib/mapping/custom.ts made nothing of it.', 'Nothing, or change that code.'],
};

const RETRIED: readonly CodeEntry[] = [
  {
    code: '401',
    means: 'The destination does not know the credentials of the source.',
    toDo: 'Correct `siteId` and `apiKey` (`npx relay settings edit`). Events wait meanwhile; act within three days.',
  },
  {
    code: '403',
    means: 'The destination does not allow it to the credentials of the source.',
    toDo: 'As 401. If other events are taken, it is this one: it ends as a dead letter, `undeliverable`.',
  },
  {
    code: '3xx',
    means: 'The destination sends elsewhere: the workspace is in another region.',
    toDo: 'Correct `region` of the source. Events wait meanwhile.',
  },
  {
    code: '404',
    means: 'There is nothing at the address of the destination.',
    toDo: 'Correct `trackUrl` or `segmentUrl` of the source. Events wait meanwhile.',
  },
  { code: '408', means: 'The destination gave up waiting.', toDo: 'Nothing: it comes again by itself.' },
  {
    code: '429',
    means: 'More requests than the destination takes.',
    toDo: 'Nothing. If it lasts, lower `requestsPerSecond`, or see what else uses the same workspace.',
  },
  {
    code: '5xx',
    means: 'The destination is in trouble.',
    toDo: 'Nothing: it comes again by itself, and nothing is lost. status.customer.io says whether they know.',
  },
  {
    code: 'no_answer',
    means: 'The destination did not answer, or the connection broke.',
    toDo: 'Nothing: it comes again by itself, and counts once however often it is delivered.',
  },
];

const reasons: readonly CodeEntry[] = Object.entries(REASONS).map(([code, means]) => ({
  code,
  means,
  toDo: TO_DO_FOR_DEAD[code as Reason],
}));

const requestErrors: readonly CodeEntry[] = Object.entries(REFUSED).map(([code, [means, toDo]]) => ({
  code,
  means: `${means} Answered ${REQUEST_ERRORS[code as RequestErrorCode]}.`,
  toDo,
}));

export const CODE_GROUPS: readonly CodeGroup[] = [
  {
    title: 'Dead letters',
    note: 'The attribute `reason`. A single event that is invalid is refused with the same code.',
    entries: [
      ...reasons,
      {
        code: 'moved_by_sqs',
        means: 'SQS moved the whole message here: it was received 500 times and never finished.',
        toDo: 'It kills its function, or the settings were not usable for days: look for `function-errors`. Send it again when that is mended.',
      },
    ],
  },
  { title: 'Refused', note: 'What the endpoint answered to the sender.', entries: requestErrors },
  {
    title: 'Skipped',
    note: 'Not for Customer.io. Nothing is wrong, and nothing is kept.',
    entries: Object.entries(SKIPPED).map(([code, [means, toDo]]) => ({ code, means, toDo })),
  },
  {
    title: 'Retried',
    note: 'What the destination answered last. The event waits and comes again.',
    entries: RETRIED,
  },
];

const BY_CODE: ReadonlyMap<string, CodeEntry> = new Map(
  CODE_GROUPS.flatMap(({ entries }) => entries.map((entry) => [entry.code, entry])),
);

/** A status stands for its hundred where it is not named itself. Undefined for what nobody knows. */
export const codeEntry = (code: string): CodeEntry | undefined =>
  BY_CODE.get(code) ?? (/^\d{3}$/.test(code) ? BY_CODE.get(`${code[0]}xx`) : undefined);
