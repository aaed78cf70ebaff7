// What the settings of a stage were before: the parameter store keeps a hundred versions of a parameter, and parts of
// those versions stand beside it.

import { GetParameterHistoryCommand, type ParameterHistory, type SSMClient } from '@aws-sdk/client-ssm';
import { joinParts, parameterOfPart, partsOf } from '../../lib/config/source-parts';
import { OWN_PART } from './settings-parts';

export interface SettingsVersion {
  readonly version: number;
  readonly storedAtMs: number;
  /** The ARN of a user or role. */
  readonly storedBy: string;
  /** Of the parameter itself. */
  readonly value: string;
  /**
   * As if it stood in one parameter, with its parts as they were last in force; undefined where one is gone.
   *
   * @throws SettingsError for a part that is no JSON.
   */
  text(): Promise<string | undefined>;
}

/** The newest first. @throws AWS's ParameterNotFound. */
export const readHistory = async (ssm: SSMClient, parameter: string): Promise<SettingsVersion[]> => {
  const versions = await historyOf(ssm, parameter);
  const known = new Map<string, Promise<readonly ParameterHistory[]>>();
  const historyOfPart = (name: string): Promise<readonly ParameterHistory[]> => {
    const history = known.get(name) ?? historyOf(ssm, name).catch(noneThere);
    known.set(name, history);
    return history;
  };
  return versions
    .map((one, index) => ({
      version: one.Version ?? 0,
      storedAtMs: storedAt(one),
      storedBy: one.LastModifiedUser ?? '',
      value: one.Value ?? '',
      text: () => joined(parameter, one.Value ?? '', storedAt(versions[index + 1]), historyOfPart),
    }))
    .reverse();
};

const storedAt = (one: ParameterHistory | undefined): number =>
  one === undefined ? Number.POSITIVE_INFINITY : (one.LastModifiedDate?.getTime() ?? 0);

/** The oldest first, as SSM answers it. */
const historyOf = async (ssm: SSMClient, name: string): Promise<ParameterHistory[]> => {
  const all: ParameterHistory[] = [];
  let token: string | undefined;
  do {
    const more = token === undefined ? {} : { NextToken: token };
    const command = new GetParameterHistoryCommand({ Name: name, WithDecryption: true, ...more });
    const { Parameters = [], NextToken } = await ssm.send(command);
    all.push(...Parameters);
    token = NextToken;
  } while (token !== undefined);
  return all;
};

const noneThere = (error: unknown): [] => {
  if (error instanceof Error && error.name === 'ParameterNotFound') return [];
  throw error;
};

const joined = async (
  parameter: string,
  text: string,
  replacedAtMs: number,
  historyOfPart: (name: string) => Promise<readonly ParameterHistory[]>,
): Promise<string | undefined> => {
  const texts = new Map<string, string>();
  for (const part of partsOf(text)) {
    const name = parameterOfPart(parameter, part);
    const value = partAt(name, await historyOfPart(name), replacedAtMs);
    if (value === undefined) return undefined;
    texts.set(part, value);
  }
  return joinParts(text, texts, parameter);
};

/** A part that is named by what it holds never held anything else. */
const partAt = (
  name: string,
  history: readonly ParameterHistory[],
  replacedAtMs: number,
): string | undefined =>
  OWN_PART.test(name)
    ? history.at(-1)?.Value
    : history.findLast((one) => storedAt(one) <= replacedAtMs)?.Value;
