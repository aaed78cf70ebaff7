// What the backend of this page is and can do. Undefined until it is known, and in the playground, which has none.

import { signal } from '@preact/signals';
import type { PageInfo } from '../contract';

export const info = signal<PageInfo | undefined>(undefined);
