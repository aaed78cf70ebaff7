// Every code an operator or a caller can meet, defined once; the docs are tested against these lists.

/** Why an event went to the dead-letter queue: the value of the message attribute `reason`. */
export const REASONS = {
  invalid_json: 'The message body is not JSON.',
  invalid_event: 'The event is not an object of a known type, or one of its fields has an impossible value.',
  unknown_source: 'The message attribute `source` names no configured source.',
  missing_identifier: 'The event has no userId, email or anonymousId that its type can use.',
  missing_event_name: 'A track event without an `event` name.',
  event_too_large: 'The event is larger than the limit of one Segment event.',
  operation_too_large: 'The translated operation is larger than Customer.io takes.',
  rejected_by_customerio: 'Customer.io refused the operation; `detail` says which field and why.',
} as const;

export type Reason = keyof typeof REASONS;

/** A mistake in the settings. The message names every source and field that is wrong, and never a secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'invalid_settings';
}
