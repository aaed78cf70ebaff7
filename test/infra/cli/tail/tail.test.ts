// `relay tail`: on the local stack by the real console and its journal, on a stage by what the real functions log.

import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  StartLiveTailCommand,
  type StartLiveTailResponseStream,
} from '@aws-sdk/client-cloudwatch-logs';
import { mockClient } from 'aws-sdk-client-mock';
import { startSandbox } from '../../../../infra/local/sandbox/server';
import { countRefusal } from '../../../../lib/http/count-refusal';
import { reportDeadLetters } from '../../../../lib/http/door';
import { refuse } from '../../../../lib/http/refusal';
import { type ConsoleStack, startConsoleStack } from '../../../support/console-stack';
import { deliverAll } from '../../../support/deliver-queue';
import { sourceFor } from '../../../support/killed-import';
import { captureLogs } from '../../../support/log-output';
import { type Outcome, relayCli, startStage } from '../../../support/relay-cli';
import { until } from '../../../support/until';

const logs = mockClient(CloudWatchLogsClient);

beforeEach(() => logs.reset());

/** Runs it until so many lines have come, as if Ctrl-C came then. */
const tailUntil = async (
  count: number,
  run: (signal: AbortSignal, onOut: (line: string) => void) => Promise<Outcome>,
): Promise<Outcome> => {
  const ctrlC = new AbortController();
  let lines = 0;
  return run(ctrlC.signal, () => {
    lines += 1;
    if (lines === count) ctrlC.abort();
  });
};

describe('on the local stack', () => {
  const startStack = (): Promise<ConsoleStack> => {
    let ticks = 0;
    return startConsoleStack(() => Date.parse('2026-11-28T10:00:00Z') + ticks++);
  };

  const event = (messageId: string, source = 'local') => ({
    door: 'http' as const,
    source,
    messageId,
    raw: { type: 'track', event: 'Signed Up', userId: 'u1' },
  });

  const happen = async ({ journal, isRead }: ConsoleStack): Promise<void> => {
    journal.add(event('before'), { fate: 'delivered' }, 'x');
    await until(isRead);
    const delivered = journal.add(event('m1'), { fate: 'queued' }, 'x');
    journal.settle(delivered, { fate: 'delivered' }, 'x');
    const dead = journal.add(event('m2', 'shop'), { fate: 'queued' }, 'x');
    journal.settle(dead, { fate: 'dead_lettered', reason: 'missing_event_name' }, 'x');
    journal.add({ ...event('m3'), raw: {} }, { fate: 'refused', reason: 'invalid_write_key' }, 'x');
  };

  it('shows what has become of each event since, and of those only the fates and the source asked for', async () => {
    const stack = await startStack();
    const tail = (options: string, count: number) =>
      tailUntil(count, async (signal, onOut) => {
        const tailing = relayCli(['tail', ...options.split(' ').filter(Boolean)], {
          env: stack.env,
          signal,
          onOut,
        });
        await happen(stack);
        return tailing;
      });
    const all = await tail('', 3);
    expect(all.code).toBe(130);
    expect(all.out.replace(/^\d\d:\d\d:\d\d/gm, '10:00:00')).toMatchInlineSnapshot(`
"10:00:00  delivered      track Signed Up  u1  local
10:00:00  dead_lettered  missing_event_name  track Signed Up  u1  shop
10:00:00  refused        invalid_write_key  local
"
`);
    await stack.close();
  });

  it('answers in JSON, of one source and one fate', async () => {
    const stack = await startStack();
    const { out } = await tailUntil(1, async (signal, onOut) => {
      const argv = ['tail', '--json', '--source', 'shop', '--fate', 'dead_lettered', 'refused'];
      const tailing = relayCli(argv, { env: stack.env, signal, onOut });
      await happen(stack);
      return tailing;
    });
    expect(JSON.parse(out)).toMatchObject({
      fate: 'dead_lettered',
      source: 'shop',
      reason: 'missing_event_name',
    });
    await stack.close();
  });

  it('fails when the stack ends', async () => {
    const stack = await startStack();
    const tailing = relayCli(['tail'], { env: stack.env });
    await until(stack.isRead);
    await stack.close();
    const { code, err } = await tailing;
    expect({ code, err }).toMatchInlineSnapshot(`
{
  "code": 1,
  "err": "What happens on the local stack; Ctrl-C ends it.
The local stack has ended.
Start it again with \`npm start\`, then run the same command.
",
}
`);
  });
});

describe('on a stage', () => {
  const ARN = 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/cio-relay-prod-consumer';
  const GROUPS = [
    { logGroupName: '/aws/lambda/cio-relay-prod-consumer', logGroupArn: ARN },
    { logGroupName: '/aws/lambda/cio-relay-prod-eu-consumer', logGroupArn: `${ARN}-eu` },
  ];

  const update = (lines: readonly string[]): StartLiveTailResponseStream => ({
    sessionUpdate: {
      sessionResults: lines.map((message) => ({ message, timestamp: Date.parse('2026-11-28T10:00:00Z') })),
    },
  });

  const session = async function* (
    lines: readonly string[],
    end?: string,
  ): AsyncGenerator<StartLiveTailResponseStream> {
    yield { sessionStart: {} };
    yield update(lines);
    if (end !== undefined) throw Object.assign(new Error(end), { name: end });
    await new Promise(() => {});
  };

  /** What the real functions write of one event of each kind. */
  const logged = async (): Promise<readonly string[]> => {
    const stage = await startStage();
    const sandbox = await startSandbox();
    const output = captureLogs();
    try {
      const put = (event: object) => stage.put('events', JSON.stringify({ type: 'track', ...event }));
      await put({ userId: 'u1', event: 'Signed Up' });
      await put({ userId: 'u2', event: 'Signed Up', integrations: { 'Customer.io': false } });
      await put({ userId: 'u3' });
      await put({ userId: 'u4', event: 'Test' });
      const rules = [{ name: 'no tests', exclude: { event: 'Test' } }];
      await deliverAll(stage, [{ ...sourceFor(sandbox.url), rules }]);
      reportDeadLetters(['event_too_large'], { requestId: 'r', source: 'shop' });
      countRefusal(refuse('invalid_write_key', ''), 'analytics-ruby/2.4.0');
      return output.lines.map((line) => line.trim());
    } finally {
      output.release();
      await Promise.all([stage.stop(), sandbox.close()]);
    }
  };

  const tail = (count: number, options: readonly string[] = []): Promise<Outcome> =>
    tailUntil(count, (signal, onOut) => relayCli(['tail', '--stage', 'prod', ...options], { signal, onOut }));

  it('shows what the functions log of events, and goes on when a session ends', async () => {
    const lines = await logged();
    logs.on(DescribeLogGroupsCommand).resolves({ logGroups: GROUPS });
    logs
      .on(StartLiveTailCommand)
      .resolvesOnce({ responseStream: session(lines, 'SessionTimeoutException') })
      .resolves({ responseStream: session(['not ours', '{"message":"Something else"}', ...lines]) });
    const { code, out } = await tail(12, ['--json']);
    const told = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(130);
    expect(told.slice(6)).toEqual(told.slice(0, 6));
    expect(told.slice(0, 6)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ fate: 'delivered', count: 1, source: 'local' }),
        expect.objectContaining({ fate: 'skipped', count: 1, source: 'local', what: '' }),
        expect.objectContaining({ fate: 'skipped', reason: 'excluded_by_rule', what: 'no tests' }),
        expect.objectContaining({ fate: 'dead_lettered', source: 'local', reason: 'missing_event_name' }),
        expect.objectContaining({ fate: 'dead_lettered', source: 'shop', reason: 'event_too_large' }),
        expect.objectContaining({
          fate: 'refused',
          count: 1,
          reason: 'invalid_write_key',
          what: 'analytics-ruby',
        }),
      ]),
    );
    const [call] = logs.commandCalls(StartLiveTailCommand);
    expect(call?.args[0].input).toEqual({ logGroupIdentifiers: [ARN] });
  });

  it('ends at once with Ctrl-C while nothing happens', async () => {
    const ctrlC = new AbortController();
    logs.on(DescribeLogGroupsCommand).resolves({ logGroups: GROUPS });
    logs.on(StartLiveTailCommand).resolves({ responseStream: session([]) });
    const tailing = relayCli(['tail', '--stage', 'prod'], { signal: ctrlC.signal });
    await until(() => logs.commandCalls(StartLiveTailCommand).length > 0);
    ctrlC.abort();
    expect((await tailing).code).toBe(130);
  });

  it('fails when there are no logs, and when they may not be read', async () => {
    logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [] });
    expect(await relayCli(['tail', '--stage', 'prod'])).toMatchSnapshot();
    logs.on(DescribeLogGroupsCommand).resolves({ logGroups: GROUPS });
    logs
      .on(StartLiveTailCommand)
      .rejects(Object.assign(new Error('User is not authorized'), { name: 'AccessDeniedException' }));
    expect(await relayCli(['tail', '--stage', 'prod'])).toMatchSnapshot();
  });
});

it('refuses a fate that is none', async () => {
  expect(await relayCli(['tail', '--fate', 'lost'])).toMatchSnapshot();
});
