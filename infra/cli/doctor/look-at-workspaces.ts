// The workspaces of Customer.io: keys and region, the clock beside theirs, and the share of their limit.

import { type ParsedSettings, usableWorkspaces } from '../../../lib/config/settings';
import { labelOf, type Source } from '../../../lib/config/source';
import { isObject } from '../../../lib/json/json-object';
import { nextCommand, type Place } from '../next-command';
import { bad, type Finding, good, warning } from './finding';

/** Asks each workspace once, also when several sources share it: parse-settings makes those agree about the rate. */
export const lookAtWorkspaces = async (parsed: ParsedSettings, place: Place): Promise<Finding[]> => {
  const byWorkspace = new Map(
    usableWorkspaces(parsed).map((source) => [`${source.trackUrl} ${source.siteId}`, source]),
  );
  const looks = [...byWorkspace.values()].map(async (source) => [
    ...(await askWorkspace(source, place)),
    rateFinding(aboutOf(source), source),
  ]);
  return (await Promise.all(looks)).flat();
};

const aboutOf = (source: Source): string => `workspace of ${labelOf(source)}`;

export const ANSWERS_WITHIN_MS = 10_000;
const MAX_CLOCK_DIFFERENCE_MS = 60_000;

/** https://docs.customer.io/api/track/#operation/getRegion: 200 for keys that are right, with the region. */
const askWorkspace = async (source: Source, place: Place): Promise<Finding[]> => {
  const about = aboutOf(source);
  const { siteId, apiKey, trackUrl } = source;
  try {
    const answer = await fetch(`${trackUrl}/api/v1/accounts/region`, {
      headers: { authorization: `Basic ${Buffer.from(`${siteId}:${apiKey}`).toString('base64')}` },
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    });
    const body: unknown = await answer.json().catch(() => undefined);
    const region = isObject(body) ? body['region'] : undefined;
    return [keysFinding({ about, place, source }, answer.status, region), clockFinding(about, answer)];
  } catch (error) {
    const what = `${trackUrl} does not answer: ${describeNetwork(error)}`;
    return [bad(about, what, 'Check trackUrl, and whether this network lets it through.')];
  }
};

/** The message of fetch is always `fetch failed`; the reason stands in its cause. */
export const describeNetwork = (error: unknown): string => {
  const { message, cause } = isObject(error) ? error : {};
  const why = isObject(cause) ? cause['message'] || cause['code'] : undefined;
  return String(why || message);
};

interface Asked {
  readonly about: string;
  readonly source: Source;
  /** Where its settings are. */
  readonly place: Place;
}

const keysFinding = ({ about, source, place }: Asked, status: number, region: unknown): Finding => {
  if (status === 401 || status === 403) {
    const remedy = 'Copy siteId and apiKey of the Track API anew: Customer.io, Settings, API Credentials.';
    return bad(about, `Customer.io does not know the keys (${status})`, remedy);
  }
  if (status !== 200) {
    return warning(about, `Customer.io answered ${status}`, 'Try again; see status.customer.io.');
  }
  if (typeof region !== 'string' || region === source.region) {
    return good(about, `keys are right, region ${String(region ?? source.region)}`);
  }
  return bad(
    about,
    `it is in the region ${region}, and the settings say ${source.region}`,
    `Set its region to "${region}":${nextCommand('settings edit', place)}`,
  );
};

/** The date header has whole seconds, so that small differences mean nothing. */
const clockFinding = (about: string, { headers }: Response): Finding => {
  const theirs = Date.parse(headers.get('date') ?? '');
  const differenceMs = Math.abs(Date.now() - theirs);
  if (!(differenceMs > MAX_CLOCK_DIFFERENCE_MS)) {
    return good(about, 'the clock of this machine agrees with it');
  }
  const what = `the clock of this machine is ${Math.round(differenceMs / 1_000)} s away from it`;
  return warning(about, what, 'Let it be set by NTP; imports and --since go by it.');
};

/** A larger share leaves too little for other stages, tools and imports of the same workspace. */
const LARGE_SHARE = 0.5;

const rateFinding = (about: string, { requestsPerSecond, limits }: Source): Finding => {
  const share = requestsPerSecond / limits.requestsPerSecond;
  const what = `${requestsPerSecond} of its ${limits.requestsPerSecond} requests a second (${Math.round(share * 100)} %)`;
  if (share <= LARGE_SHARE) return good(about, what);
  return warning(
    about,
    what,
    'Leave a part to what else uses the workspace, other stages too: 100 to 200 carry thousands of events a second.',
  );
};
