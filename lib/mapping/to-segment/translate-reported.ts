// From a reporting webhook as it came to what its source forwards: without what never leaves, then translated. Pure. The
// other rules of a source are about events on their way to Customer.io.

import { isObject } from '../../json/json-object';
import type { RulesSettings } from '../../rules/rule';
import { withoutPrivate } from '../../rules/without-private';
import type { ActivitySettings, ActivityTranslation } from './activity-event';
import { translateActivity } from './translate-activity';

/**
 * Privacy comes first, so that nobody is named by what it keeps back. It sees what the webhook tells, and not the fields
 * that every webhook has: a key denied to senders may be called like one of them.
 */
export const translateReported = (
  webhook: unknown,
  source: ActivitySettings & RulesSettings,
): ActivityTranslation => translateActivity(withCleanData(webhook, source), source);

const withCleanData = (webhook: unknown, source: RulesSettings): unknown =>
  isObject(webhook) ? { ...webhook, data: withoutPrivate(webhook['data'], source) } : webhook;
