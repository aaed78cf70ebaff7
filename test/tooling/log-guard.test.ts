import { emitMetrics, logger } from '../../lib/observability';
import { captureLogs, personalLines } from '../support/log-output';

const logged = (log: () => void): readonly string[] => {
  const output = captureLogs();
  log();
  output.release();
  return output.lines;
};

describe('what guards the logs of every test', () => {
  it('sees log lines of every level, and metrics', () => {
    const lines = logged(() => {
      logger.debug('one');
      logger.warn('two');
      logger.error('three');
      emitMetrics('shop', { EventsReceived: 1 });
    });

    expect(lines.map((line) => JSON.parse(line).message ?? 'metric')).toEqual([
      'one',
      'two',
      'three',
      'metric',
    ]);
  });

  it('lets through what is not the product’s', () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);

    const lines = logged(() => process.stdout.write('figures of a test\n'));

    expect(lines).toEqual([]);
    expect(write).toHaveBeenCalledWith('figures of a test\n');
  });

  it.each(['a planted name', 'Ada <ada.lovelace+x@example.com>', 'hush'])('finds %j', (text) => {
    const lines = logged(() => logger.info('line', { text }));

    expect(personalLines(lines)).toHaveLength(1);
  });

  it('finds nothing in the frames of a stack', () => {
    expect(personalLines(['at send (/var/task/node_modules/@aws-sdk/client-sqs/index.js:1:2)'])).toEqual([]);
  });
});
