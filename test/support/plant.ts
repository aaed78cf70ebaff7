// Personal data for tests to look for: the same JSON with a mark on every text and a marked key in every object. The
// key reads like data rather than like a name of a schema, which the log may hold where an attribute is dropped.

const MARK = 'planted';

/** Read by the product to decide what to do with an event; marked, they would all end the same way. */
const DECIDING = new Set(['type', 'object_type', 'metric', 'timestamp', 'originalTimestamp', 'receivedAt']);

export const plant = (value: unknown, key = ''): unknown => {
  if (typeof value === 'string') return DECIDING.has(key) ? value : `${value} ${MARK}`;
  if (Array.isArray(value)) return value.map((item) => plant(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, plant(item, name)]);
  return { ...Object.fromEntries(entries), [`${MARK} key`]: `${MARK}@example.com` };
};
