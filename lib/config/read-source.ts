// One source as it is written: flat, with the one workspace it delivers to, or with `destinations`, a workspace each.
// A mistake in one of them leaves the whole source out: its events wait, and none of them reaches only some of the
// workspaces it is meant for.

import { isObject, type JsonObject } from '../json/json-object';
import { describeIssues, holdersOf, labelOfPlace } from './mistakes';
import { withPreset } from './presets';
import {
  destinationSchema,
  MAX_DESTINATIONS,
  type Source,
  sharedSchema,
  sourceSchema,
  withTrackUrl,
} from './source';

export interface ReadSource {
  /** One for each workspace that could be read; with mistakes there may be some all the same. */
  readonly workspaces: readonly Source[];
  /** Each names the field, and of several destinations which one. */
  readonly mistakes: readonly string[];
}

export const readSource = (candidate: unknown): ReadSource => {
  if (isObject(candidate) && Object.hasOwn(candidate, 'destinations')) return readSeveral(candidate);
  const { data, error } = sourceSchema.safeParse(withPreset(candidate));
  return data === undefined
    ? { workspaces: [], mistakes: describeIssues(error) }
    : { workspaces: [withTrackUrl(data)], mistakes: [] };
};

const readSeveral = (source: JsonObject): ReadSource => {
  const written = Array.isArray(source['destinations']) ? source['destinations'] : [];
  const isCountRight = written.length > 0 && written.length <= MAX_DESTINATIONS;
  const { shared, mistakes } = readShared(source);
  const privacy = shared?.privacy === undefined ? {} : { privacy: source['privacy'] };
  const read = written.map((one) => readDestination(one, privacy));
  const workspaces = read.map(({ destination }) =>
    destination === undefined || shared === undefined
      ? undefined
      : { ...withTrackUrl({ ...destination, ...shared }), workspace: destination.name },
  );
  const ofEach = read.map((one, index) => [...one.mistakes, ...doubled(workspaces, index)]);
  const all = holdersOf([source]);
  return {
    workspaces: workspaces.filter((workspace) => workspace !== undefined),
    mistakes: [
      ...mistakes,
      ...(isCountRight ? [] : [NOT_DESTINATIONS]),
      ...ofEach.flatMap((texts, index) => {
        const label = labelOfPlace(`destinations.${index}`, written[index], all);
        return texts.map((text) => `${label}: ${text}`);
      }),
    ],
  };
};

const NOT_DESTINATIONS = `destinations must be an array of workspaces, 1 to ${MAX_DESTINATIONS}`;

/** What is said beside `destinations`. */
const readShared = ({ destinations: _, ...beside }: JsonObject) => {
  const isMisplaced = (field: string) =>
    Object.hasOwn(sourceSchema.shape, field) && !Object.hasOwn(sharedSchema.shape, field);
  const own = Object.entries(beside).filter(([field]) => !isMisplaced(field));
  const { data: shared, error } = sharedSchema.safeParse(Object.fromEntries(own));
  const misplaced = Object.keys(beside).filter(isMisplaced);
  return {
    shared,
    mistakes: [
      ...misplaced.map((field) => `${field} must stand in each of \`destinations\`, not beside them`),
      ...(error === undefined ? [] : describeIssues(error)),
    ],
  };
};

/** @param privacy the source's own, under which its rules are checked. */
const readDestination = (candidate: unknown, privacy: JsonObject) => {
  const hasOwnPrivacy = isObject(candidate) && Object.hasOwn(candidate, 'privacy');
  const completed = isObject(candidate)
    ? withPreset({ ...candidate, privacy: undefined, ...privacy })
    : candidate;
  const { data: destination, error } = destinationSchema.safeParse(completed);
  return {
    destination,
    mistakes: [
      ...(hasOwnPrivacy ? ['privacy must stand beside `destinations`, for all of them'] : []),
      ...(error === undefined ? [] : describeIssues(error)),
    ],
  };
};

/** What no two destinations of a source may have in common. */
const doubled = (workspaces: readonly (Source | undefined)[], index: number): string[] => {
  const own = workspaces[index];
  const first = (isSame: (one: Source, other: Source) => boolean) =>
    workspaces.findIndex((other) => own !== undefined && other !== undefined && isSame(own, other));
  const sameName = first((one, other) => one.workspace === other.workspace);
  const sameWorkspace = first((one, other) => one.trackUrl === other.trackUrl && one.siteId === other.siteId);
  const otherTracker = first((one, other) =>
    [one, other].every(({ connectionMode }) => connectionMode === 'device'),
  );
  const isOther = (found: number): boolean => found >= 0 && found !== index;
  return [
    ...(isOther(sameName) ? [`name is that of destinations.${sameName} too; each needs its own`] : []),
    ...(isOther(sameWorkspace)
      ? [`trackUrl and siteId are those of destinations.${sameWorkspace}: an event would come there twice`]
      : []),
    ...(isOther(otherTracker)
      ? [`connectionMode is \`device\` in destinations.${otherTracker} already: a page has one tracker`]
      : []),
  ];
};

/**
 * The source as the doors see it, which know no workspaces: what one of them can take is taken, and pages load the
 * tracker of the one that wants it.
 */
export const seenFromTheDoors = (workspaces: readonly [Source, ...Source[]]): Source => {
  const [first] = workspaces;
  if (first.workspace === undefined) return first;
  const { workspace: _, ...source } =
    workspaces.find(({ connectionMode }) => connectionMode === 'device') ?? first;
  return {
    ...source,
    allowIdentifiers: workspaces.flatMap(({ allowIdentifiers }) => allowIdentifiers),
    integrationNames: workspaces.flatMap(({ integrationNames }) => integrationNames),
  };
};
