// The metrics that alarms and dashboards of a compiled template look at.

import { ofType, type Resources } from './package';

export interface LookedAt {
  readonly namespace: string;
  readonly name: string;
  /** Names of the dimensions. */
  readonly dimensions: readonly string[];
  /** For the message of a test. */
  readonly where: string;
}

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string }[];
}

const toLookedAt = ({ Namespace, MetricName, Dimensions = [] }: Metric, where: string): LookedAt => ({
  namespace: Namespace,
  name: MetricName,
  dimensions: Dimensions.map(({ Name }) => Name),
  where,
});

export const alarmMetrics = (resources: Resources): LookedAt[] =>
  ofType(resources, 'AWS::CloudWatch::Alarm').flatMap(([alarm, { Properties: properties }]) => {
    const metrics = properties['Metrics'] as { MetricStat?: { Metric: Metric } }[] | undefined;
    if (metrics === undefined) return [toLookedAt(properties as unknown as Metric, alarm)];
    return metrics.flatMap(({ MetricStat }) => (MetricStat ? [toLookedAt(MetricStat.Metric, alarm)] : []));
  });

interface Widget {
  readonly properties: { readonly title: string; readonly metrics?: readonly (readonly unknown[])[] };
}

export const dashboardMetrics = (resources: Resources): LookedAt[] =>
  widgetsOf(resources).flatMap(({ properties: { title, metrics = [] } }) => {
    let previous: readonly string[] = [];
    return metrics.map((row) => {
      const search = (row[0] as { expression?: string }).expression;
      if (search !== undefined) return searched(search, title);
      previous = row
        .filter((item) => typeof item === 'string')
        .map((item, at) => spelled(item, previous[at]));
      const [namespace = '', name = '', ...pairs] = previous;
      return { namespace, name, dimensions: pairs.filter((_, at) => at % 2 === 0), where: title };
    });
  });

/** A dot stands for what is in the row above. */
const spelled = (item: string, above: string | undefined): string => (item === '.' ? (above ?? item) : item);

const widgetsOf = (resources: Resources): readonly Widget[] => {
  const source = (resources['Dashboard']?.Properties['DashboardBody'] ?? {}) as {
    'Fn::Sub'?: [string, Readonly<Record<string, string>>];
  };
  const [text, variables] = source['Fn::Sub'] ?? ['{"widgets":[]}', {}];
  const body = text.replace(/\$\{(\w+)\}/g, (reference, name: string) => variables[name] ?? reference);
  return (JSON.parse(body) as { widgets: readonly Widget[] }).widgets;
};

const SEARCH = /^SEARCH\('\{"([^"]+)",([\w,]+)\} MetricName="(\w+)"', 'Sum', \d+\)$/;

const searched = (expression: string, where: string): LookedAt => {
  const [, namespace = '', dimensions = '', name = ''] = SEARCH.exec(expression) ?? [];
  return { namespace, name, dimensions: dimensions.split(','), where };
};
