// What is mutated, which tests must notice, and how many of the mutants have to be killed (in percent, as
// measured). A number only goes up. Folders rather than files, so that a new file is in without being named.

/** Rules: what an event becomes, and what is done about an answer. Each mutant is killed, or excused where it stands. */
const RULES_OF_DELIVERY = 'lib/delivery/{classify-answer,group-by-key,pack,retry-policy}.ts';

export const SCOPES = {
  rules: {
    mutate: ['lib/{mapping,rules}/**/*.ts', 'lib/text.ts', 'lib/**/outcome.ts', RULES_OF_DELIVERY],
    tests: [
      'test/lib/{mapping,rules}/**/*.test.ts',
      'test/lib/text.test.ts',
      'test/lib/**/outcome.test.ts',
      'test/lib/delivery/{classify-answer,group-by-key,pack,retry-policy}.test.ts',
      'test/docs/{activity,reserved-events,rules}.test.ts',
    ],
    leastPercent: 100,
  },
  delivery: {
    mutate: ['lib/delivery/**/*.ts', '!lib/delivery/**/*.d.ts', `!${RULES_OF_DELIVERY}`],
    tests: ['test/lib/delivery/**/*.test.ts'],
    leastPercent: 85,
  },
  queue: {
    mutate: ['lib/queue/**/*.ts'],
    tests: ['test/lib/queue/**/*.test.ts'],
    leastPercent: 96,
  },
  ingest: {
    mutate: ['lib/{event,http,ingest,json,webhook}/**/*.ts', '!lib/**/outcome.ts'],
    tests: [
      'test/lib/{event,http,ingest,json,webhook}/**/*.test.ts',
      'test/functions/{ingest,webhook}.test.ts',
      // It compares the script with its source, into which the mutants are written.
      '!test/lib/ingest/customerio-plugin/script.test.ts',
    ],
    leastPercent: 90,
  },
};
