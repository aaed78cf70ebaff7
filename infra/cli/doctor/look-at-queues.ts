// The queues: whether they are there and can be read, and how many dead letters wait.

import { plural } from '../layout';
import { nextCommand } from '../next-command';
import { countAll } from '../queue-depth';
import { QUEUES, type QueueName, type Target } from '../target';
import { type Finding, failed, good, warning } from './finding';

export const lookAtQueues = (target: Target): Promise<Finding[]> =>
  Promise.all(Object.values(QUEUES).map((name) => lookAtQueue(target, name)));

const lookAtQueue = async (target: Target, name: QueueName): Promise<Finding> => {
  try {
    const count = await countAll(await target.queue(name));
    const about = `queue ${name}`;
    if (count === 0 || !name.endsWith('dead-letters')) return good(about, plural(count, 'message'));
    const place = { stage: target.stage?.name, activity: name === QUEUES.activityDeadLetters };
    return warning(
      about,
      plural(count, 'dead letter'),
      `See them:${nextCommand('dead-letters list', place)}`,
    );
  } catch (error) {
    return failed(`queue ${name}`, error);
  }
};
