// Every code an operator or a caller can meet, defined once; the docs are tested against these lists.

/** Why an event went to the dead-letter queue: the value of the message attribute `reason`. */
export const REASONS = {
  invalid_json: 'The message body is not JSON.',
  invalid_event: 'The event is not an object of a known type, or one of its fields has an impossible value.',
  too_many_events:
    'More events in one message, or more invalid ones in one request, than are dead-lettered one by one: all of them.',
  unknown_source:
    'The message attribute `source` names no configured source, or `workspace` none of its destinations.',
  missing_identifier:
    'The event has no userId, email, anonymousId, groupId or previousId that its type can use.',
  illegal_identifier:
    'An id of the event is a bug or a placeholder of its sender: everybody without an id would share it.',
  missing_event_name: 'A track event without an `event` name.',
  event_too_large: 'The event is larger than the limit of one Segment event.',
  operation_too_large: 'The translated operation is larger than Customer.io takes.',
  rejected_by_customerio: 'Customer.io refused the operation; `detail` says which field and why.',
  undeliverable:
    'The event failed by itself for more than a day while others were taken, or too often to be tried again; `detail` has the last answer.',
  rejected_by_segment: 'Segment refused the activity event; `detail` says why.',
} as const;

export type Reason = keyof typeof REASONS;

/**
 * What the HTTP endpoint answers when it does not take a request: the status, and for whom the code is. A
 * single event that is invalid is answered 400 with its reason, from the list above, as the code.
 */
export const REQUEST_ERRORS = {
  malformed_json: { status: 400, meaning: 'The body is not JSON of the shape this path takes.' },
  payload_too_large: { status: 400, meaning: 'The body, or its only event, is over the size limit.' },
  invalid_write_key: { status: 401, meaning: 'The request carries no write key, or one that no source has.' },
  invalid_signature: {
    status: 401,
    meaning: 'The webhook names no source, or none of the signing keys of its source has signed it.',
  },
  not_found: { status: 404, meaning: 'There is nothing at this path.' },
  method_not_allowed: { status: 405, meaning: 'The path exists, but not for this method.' },
  settings_unusable: { status: 503, meaning: 'The settings of this deployment are wrong; its log says how.' },
  queue_unavailable: {
    status: 503,
    meaning: 'SQS did not take every event; sending the same again is safe.',
  },
  body_encoding_lost: {
    status: 503,
    meaning:
      'The body was compressed and has arrived as broken text; the runbook says what the gateway lacks.',
  },
  internal_error: { status: 503, meaning: 'Something unexpected; sending the same again is safe.' },
} as const;

export type RequestErrorCode = keyof typeof REQUEST_ERRORS;

/** A mistake in the settings. The message names every source and field that is wrong, and never a secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'invalid_settings';
}
