// What an IAM policy allows, as far as the policies here go: actions without wildcards, resources with them.

import { readFileSync } from 'node:fs';

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export const readPolicy = (path: string): Policy => JSON.parse(readFileSync(path, 'utf8')) as Policy;

/** IAM takes actions in any case. */
export const allows = ({ Statement: statements }: Policy, action: string, arn: string): boolean =>
  statements.some(
    ({ Action, Resource }) =>
      [Action].flat().some((allowed) => allowed.toLowerCase() === action.toLowerCase()) &&
      [Resource].flat().some((pattern) => matches(pattern, arn)),
  );

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
