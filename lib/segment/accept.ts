// Sorts the events of a request: what goes on the queue, serialised once and for all, and what can never
// work. Every event ends in exactly one of the two, or the request is refused as a whole.

import { isObject } from './event';
import { MAX_EVENT_BYTES, MAX_REQUEST_CHARACTERS, MAX_SHARED_BYTES } from './limits';
import { type Arrival, normalize, withProperAll } from './normalize';

