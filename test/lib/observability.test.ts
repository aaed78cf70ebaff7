import {
  countBySource,
  describeError,
  emitDeadLetters,
  emitMetrics,
  emitRefusals,
  METRICS,
} from '../../lib/observability';
import { captureLogs, emittedMetrics, personalLines } from '../support/log-output';

const linesOf = (emit: () => void): readonly string[] => {
  const output = captureLogs();
  emit();
  output.release();
  return output.lines;
};

describe('metrics', () => {
  it('of a source are counted for it and for all sources, in one line', () => {
    const lines = linesOf(() => emitMetrics('shop', { EventsDelivered: 3, BatchFillPercent: [10, 90] }));

    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      source: 'shop',
      EventsDelivered: 3,
      BatchFillPercent: [10, 90],
      _aws: { CloudWatchMetrics: [{ Namespace: 'test', Dimensions: [['source'], []] }] },
    });
  });

  it('that concern no source have no dimension', () => {
    const lines = linesOf(() => emitMetrics(undefined, { InvocationsFailed: 1 }));

    expect(emittedMetrics(lines)).toEqual([
      { name: 'InvocationsFailed', unit: METRICS.InvocationsFailed, namespace: 'test', dimensions: [] },
    ]);
  });

  it('of dead letters are counted by reason too, and only once for all', () => {
    const lines = linesOf(() => emitDeadLetters('shop', 'invalid_event', 2));

    expect(emittedMetrics(lines).map(({ name, dimensions }) => [name, ...dimensions])).toEqual([
      ['EventsDeadLettered', 'source'],
      ['EventsDeadLettered'],
      ['EventsDeadLettered', 'source', 'reason'],
    ]);
  });

  it('of refusals are counted by code, and by source and code where the source is known', () => {
    const dimensionsOf = (source: string | undefined) =>
      emittedMetrics(linesOf(() => emitRefusals('malformed_json', source, 2))).map(
        ({ dimensions }) => dimensions,
      );

    expect(dimensionsOf(undefined)).toEqual([['code'], []]);
    expect(dimensionsOf('shop')).toEqual([['code'], [], ['source', 'code']]);
  });

  it('are counted over all sources alone where that is switched off', () => {
    countBySource(false);
    const lines = linesOf(() => {
      emitMetrics('shop', { EventsDelivered: 1 });
      emitDeadLetters('shop', 'invalid_event', 2);
      emitRefusals('malformed_json', 'shop', 3);
    });
    countBySource(true);

    expect(emittedMetrics(lines).map(({ name, dimensions }) => [name, ...dimensions])).toEqual([
      ['EventsDelivered'],
      ['EventsDeadLettered'],
      ['RequestsRefused', 'code'],
      ['RequestsRefused'],
    ]);
    expect(lines.join('')).not.toContain('shop');
  });

  it('leave nothing behind for the next ones', () => {
    emitMetrics('shop', { BatchFillPercent: [] });

    const lines = linesOf(() => emitMetrics('blog', { EventsSkipped: 1 }));

    expect(lines.join('')).not.toContain('shop');
    expect(emittedMetrics(lines)).toHaveLength(2);
  });

  it('keep their dimensions however many values there are', () => {
    const lines = linesOf(() => emitMetrics('shop', { BatchFillPercent: new Array(250).fill(50) }));

    expect(lines).toHaveLength(1);
    expect(emittedMetrics(lines).map(({ dimensions }) => dimensions)).toEqual([['source'], []]);
  });
});

describe('the description of an error', () => {
  it('has its name, code and place', () => {
    const description = describeError(Object.assign(new TypeError('no'), { code: 'EPIPE' }));

    expect(description).toMatchObject({ errorName: 'TypeError', errorCode: 'EPIPE' });
    expect(String(description['errorAt'])).toContain('observability.test.ts');
  });

  it.each([
    'planted',
    'planted\n    at planted (planted:1:1)',
    '\n    at planted (planted:1:1)\n    at planted (planted:1:1)',
  ])('has nothing of its message: %j', (message) => {
    const description = describeError(new Error(message));

    expect(personalLines([JSON.stringify(description)])).toEqual([]);
    expect(description['errorAt']).not.toEqual([]);
  });

  it('has nothing of a message that was changed after the error was made', () => {
    const error = new Error('planted');
    error.message = 'other';

    expect(personalLines([JSON.stringify(describeError(error))])).toEqual([]);
  });

  it.each(['planted', { planted: 1 }, undefined])('of what is no error (%j) is its type', (thrown) => {
    expect(describeError(thrown)).toEqual({ errorName: typeof thrown });
  });
});
