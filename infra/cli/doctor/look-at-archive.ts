// The archive: whether a stage has one where its sources count on it. Without one the consumer archives nothing, and
// says nothing of it.

import { type ParsedSettings, usableSources } from '../../../lib/config/settings';
import { findPlace } from '../archive/open-archive';
import type { AwsStage } from '../aws-stage';
import type { Io } from '../io';
import { bad, type Finding, good, lookAt, warning } from './finding';

export const lookAtArchive = (
  { name: stage }: AwsStage,
  settings: ParsedSettings,
  { env }: Pick<Io, 'env'>,
): Promise<readonly Finding[]> =>
  lookAt('archive', async () => {
    const archiving = usableSources(settings).filter(({ archive }) => archive !== 'none');
    if (archiving.length === 0) return [];
    const place = await findPlace(stage, env);
    if (place !== undefined) return [good('archive', `of ${namesOf(archiving)} in s3://${place.bucket}`)];
    const required = archiving.filter(({ archiveRequired }) => archiveRequired);
    return [
      required.length > 0
        ? bad('archive', `${namesOf(required)} must be archived, and the stage has no archive`, DEPLOY)
        : warning('archive', `${namesOf(archiving)} would be archived, and the stage has no archive`, DEPLOY),
    ];
  });

const namesOf = (sources: readonly { readonly name: string }[]): string =>
  sources.map(({ name }) => name).join(', ');

const DEPLOY =
  'Nothing is archived: deploy with --param=archive=on, or take `archive` out of the settings (docs/archive.md).';
