// An alarm for each source that a stage watches for silence. Not YAML, because only the stage knows their names: the
// settings are read by the functions. CloudFormation has no loop, and an alarm on a SEARCH is not allowed.

/** `*` in the list stands for all sources together. */
const ALL = '*';
const PERIOD_SECONDS = 300;

/** What osls asks for the resources; it gives the stage's parameters through `resolveVariable`. */
module.exports = async ({ resolveVariable }) => {
  const [watched, minutes, namespace, name, runbook, dashboard] = await Promise.all(
    [
      'param:watchedSources',
      'param:silentAfterMinutes',
      'self:custom.metrics.events',
      'self:custom.name',
      'self:custom.runbook',
      'self:custom.dashboard',
    ].map(resolveVariable),
  );
  const periods = Math.ceil((Number(minutes) * 60) / PERIOD_SECONDS);
  const sources = new Set(`${watched}`.split(',').map((source) => source.trim()));
  sources.delete('');
  return {
    Resources: Object.fromEntries(
      [...sources].map((source) => [
        `Silent${logicalId(source)}Alarm`,
        alarm({ source, periods, namespace, name, see: `${runbook}#silent ${dashboard}` }),
      ]),
    ),
  };
};

/** Letters and digits are all that a logical id may have: two names must not become one. */
const logicalId = (source) =>
  source === ALL ? 'Everything' : `Source${Buffer.from(source).toString('hex')}`;

const alarm = ({ source, periods, namespace, name, see }) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName: `${name}-silent${source === ALL ? '' : `-${source}`}`,
    AlarmDescription: `No event has come ${source === ALL ? 'at all' : `from the source ${source}`} for too long. ${see}`,
    AlarmActions: [{ Ref: 'AlarmTopic' }],
    OKActions: [{ Ref: 'AlarmTopic' }],
    Namespace: namespace,
    MetricName: 'EventsReceived',
    Dimensions: source === ALL ? [] : [{ Name: 'source', Value: source }],
    Statistic: 'Sum',
    Period: PERIOD_SECONDS,
    EvaluationPeriods: periods,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    // Nothing is counted where nothing comes: that is the silence.
    TreatMissingData: 'breaching',
  },
});
