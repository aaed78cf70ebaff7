// What an IAM policy allows, as far as the policies here go: actions without wildcards, resources with them.

import { readFileSync } from 'node:fs';

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: { readonly StringNotEquals?: Readonly<Record<string, string>> };
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export const readPolicy = (path: string): Policy => JSON.parse(readFileSync(path, 'utf8')) as Policy;

export const allows = ({ Statement: statements }: Policy, action: string, arn: string): boolean =>
  statements.some((statement) => statement.Effect === 'Allow' && isAbout(statement, action, arn));

/** @param context the condition keys that the request has. One that it has not is not equal to anything. */
export const denies = (
  { Statement: statements }: Policy,
  action: string,
  arn: string,
  context: Readonly<Record<string, string>>,
): boolean =>
  statements.some(
    (statement) =>
      statement.Effect === 'Deny' &&
      isAbout(statement, action, arn) &&
      Object.entries(statement.Condition?.StringNotEquals ?? {}).every(
        ([key, value]) => context[key] !== value,
      ),
  );

/** IAM takes actions in any case. */
const isAbout = ({ Action, Resource }: Statement, action: string, arn: string): boolean =>
  [Action].flat().some((one) => one.toLowerCase() === action.toLowerCase()) &&
  [Resource].flat().some((pattern) => matches(pattern, arn));

const matches = (pattern: string, arn: string): boolean => {
  const [start = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === arn;
  let from = start.length;
  if (!arn.startsWith(start)) return false;
  for (const part of rest) {
    const at = arn.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return pattern.endsWith('*') || from === arn.length;
};
