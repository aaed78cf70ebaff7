// Message activity on its way to Segment: whether a source that takes it has what passes it on. A key can be looked at
// no closer: Segment answers 200 to any that looks like one.

import { type ParsedSettings, usableSources } from '../../../lib/config/settings';
import type { Source } from '../../../lib/config/source';
import { bad, type Finding, good, warning } from './finding';

export const lookAtActivity = (parsed: ParsedSettings): Finding[] => usableSources(parsed).flatMap(findingOf);

/** None for a source that has nothing to do with it. */
const findingOf = ({ name, webhookSigningKeys, segmentWriteKey, segmentUrl }: Source): Finding[] => {
  const about = `activity of ${name}`;
  const isTaken = webhookSigningKeys.length > 0;
  if (isTaken && segmentWriteKey !== undefined) {
    return [good(about, `taken at /webhooks/customerio/${name}, and sent to ${segmentUrl}`)];
  }
  if (isTaken) return [bad(about, 'it is taken, and there is no segmentWriteKey to send it by', NOT_SENT)];
  if (segmentWriteKey !== undefined) {
    return [warning(about, 'there is a segmentWriteKey, and no webhookSigningKeys', NOT_TAKEN)];
  }
  return [];
};

const NOT_SENT =
  'It waits on the queue, and is given up after about four days: add segmentWriteKey, or stop the webhook in Customer.io.';
const NOT_TAKEN =
  'Every reporting webhook is refused: copy the signing key from Customer.io to webhookSigningKeys (docs/activity.md).';
