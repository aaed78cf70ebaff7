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
 * The status by which the HTTP endpoint answers a request that it does not take, by the code of the answer. A single
 * event that is invalid is answered 400 with its reason, from the list above, as the code.
 */
export const REQUEST_ERRORS = {
  /** The body is not JSON of the shape this path takes. */
  malformed_json: 400,
  /** The body, or its only event, is over the size limit. */
  payload_too_large: 400,
  /** The request carries no write key, or one that no source has. */
  invalid_write_key: 401,
  /** The webhook names no source, or none of the signing keys of its source has signed it. */
  invalid_signature: 401,
  /** There is nothing at this path. */
  not_found: 404,
  /** The path exists, but not for this method. */
  method_not_allowed: 405,
  /** The settings of this deployment are wrong; its log says how. */
  settings_unusable: 503,
  /** SQS did not take every event; sending the same again is safe. */
  queue_unavailable: 503,
  /** The body was compressed and has arrived as broken text; the runbook says what the gateway lacks. */
  body_encoding_lost: 503,
  /** Something unexpected; sending the same again is safe. */
  internal_error: 503,
} as const;

export type RequestErrorCode = keyof typeof REQUEST_ERRORS;

/** A mistake in the settings. The message names every source and field that is wrong, and never a secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  /** @param needsOperator false where they could not be read because the store is busy or away, which passes by itself. */
  constructor(
    message: string,
    readonly needsOperator = true,
  ) {
    super(message);
  }
}
