// What logs and metrics are told by the stack that a function is deployed with. Each function calls it once, when it
// is loaded.

import { countBySource, logger } from '../observability';
import { countsBySource, release } from './environment';

export const observeAsDeployed = (): void => {
  logger.appendPersistentKeys({ release: release() });
  countBySource(countsBySource());
};
