// What the product writes while a test runs: its log lines and metrics, taken off the terminal before they
// reach it, so that they can be read and never get in the way.

type Write = typeof process.stdout.write;

export interface LogOutput {
  readonly lines: readonly string[];
  /** Lets everything through again. */
  release(): void;
}

/** Lines of Powertools, which are JSON objects; anything else is a test's own and goes on as before. */
const isProductLine = (text: string): boolean =>
  text.startsWith('{') && (text.includes('"service":"cio-relay"') || text.includes('"_aws":'));

export const captureLogs = (): LogOutput => {
  const lines: string[] = [];
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
  for (const { stream, write } of streams) {
    const capture = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      const text = String(chunk);
      if (!isProductLine(text)) return Reflect.apply(write, stream, [chunk, ...rest]);
      lines.push(text);
      return true;
    };
    stream.write = capture as Write;
  }
  const release = (): void => {
    for (const { stream, write } of streams) stream.write = write;
  };
  return { lines, release };
};

/** What tests plant contains `planted`, also in base64, or `hush`; and no log ever needs an email address. */
const PERSONAL = /planted|cGxhbnRlZ|hush|[\w.+-]+@[\w-]+\.[a-z]{2,}/i;

export const personalLines = (lines: readonly string[]): string[] =>
  lines.filter((line) => PERSONAL.test(line));

interface Emf {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

export interface EmittedMetric {
  readonly name: string;
  readonly unit: string;
  readonly namespace: string;
  /** Names of the dimensions of one set. */
  readonly dimensions: readonly string[];
}

/** Every metric as CloudWatch would make it of the lines: one for each set of dimensions. */
export const emittedMetrics = (lines: readonly string[]): EmittedMetric[] =>
  lines
    .filter((line) => line.includes('"_aws":'))
    .flatMap((line) => (JSON.parse(line) as Emf)._aws.CloudWatchMetrics)
    .flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
      Metrics.flatMap(({ Name: name, Unit: unit }) =>
        Dimensions.map((dimensions) => ({ name, unit, namespace, dimensions })),
      ),
    );
