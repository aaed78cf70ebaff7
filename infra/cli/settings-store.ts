// The settings of a stage in AWS's parameter store: in one parameter while they fit, else in several below it. New parts
// are stored under names of their own before the array names them, so that no function ever reads half a change.

import {
  DeleteParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { joinParts, parameterOfPart, partsOf } from '../../lib/config/source-parts';
import { Failure } from './failure';
import { nextCommand, type Place } from './next-command';
import { readHistory } from './settings-history';
import { nameOfPart, OWN_PART } from './settings-parts';

/** SSM's own limits: of a standard parameter, of an advanced one, and of names in one call. */
const STANDARD_BYTES = 4_096;
const ADVANCED_BYTES = 8_192;
const MAX_NAMES = 10;

/** Versions that can be put back whole: a part costs $0.05 a month where it is an advanced parameter. */
export const VERSIONS_WITH_PARTS = 10;

interface Part {
  /** As the array has it: `./<name>`. */
  readonly name: string;
  readonly text: string;
}

export interface StoredSettings {
  readonly text: string;
  readonly isEncrypted: boolean;
}

/** @throws AWS's ParameterNotFound, or Failure where a part is missing, which says what of the stage to store. */
export const readStored = async (
  ssm: SSMClient,
  parameter: string,
  place: Place,
): Promise<StoredSettings> => {
  const { text, isEncrypted } = await readOne(ssm, parameter);
  const parts = partsOf(text);
  const values = await readSeveral(
    ssm,
    parts.map((part) => parameterOfPart(parameter, part)),
  );
  const texts = new Map<string, string>();
  for (const part of parts) {
    const value = values.get(parameterOfPart(parameter, part));
    if (value === undefined) throw missing(parameter, part, place);
    texts.set(part, value);
  }
  return { text: joinParts(text, texts, parameter), isEncrypted };
};

const missing = (parameter: string, part: string, place: Place): Failure =>
  new Failure(
    `${parameter} names "${part}", and there is no ${parameterOfPart(parameter, part)}.`,
    `Store it, or store all of the settings anew:${nextCommand('settings push <file>', place)}`,
  );

/**
 * Encrypted, in a new version. Parts of the versions before stay, for functions that have read the array already and for
 * whoever puts such a version back. @throws Failure for what does not fit.
 */
export const storeSettings = async (ssm: SSMClient, parameter: string, text: string): Promise<void> => {
  const { array, parts } = inParts(text);
  for (const { name, text: part } of parts) await put(ssm, parameterOfPart(parameter, name), part);
  await put(ssm, parameter, array);
  await deleteUnused(ssm, parameter);
};

/** @returns the text of the parameter itself, and what stands below it. */
export const inParts = (text: string): { readonly array: string; readonly parts: readonly Part[] } => {
  if (Buffer.byteLength(text) <= ADVANCED_BYTES) return { array: text, parts: [] };
  const parts = packed(JSON.parse(text)).map((part) => ({ name: nameOfPart(part), text: part }));
  const array = JSON.stringify(parts.map(({ name }) => name));
  return { array, parts };
};

/** JSON arrays of whole sources, in their order, each as full as a parameter may be. */
const packed = (sources: readonly unknown[]): string[] => {
  const arrays: string[] = [];
  let current: string[] = [];
  for (const [index, source] of sources.entries()) {
    const json = JSON.stringify(source);
    if (bytesOf([json]) > ADVANCED_BYTES) throw tooLarge(index, json);
    if (bytesOf([...current, json]) > ADVANCED_BYTES) arrays.push(`[${current.splice(0).join(',')}]`);
    current = [...current, json];
  }
  return [...arrays, `[${current.join(',')}]`];
};

const bytesOf = (jsons: readonly string[]): number => Buffer.byteLength(`[${jsons.join(',')}]`);

const tooLarge = (index: number, json: string): Failure =>
  new Failure(
    `Source ${index} alone has ${Buffer.byteLength(json)} bytes; a parameter holds ${ADVANCED_BYTES}.`,
    'Take rules out of it, or make two sources of it.',
  );

const put = async (ssm: SSMClient, name: string, value: string): Promise<void> => {
  const Tier = Buffer.byteLength(value) > STANDARD_BYTES ? 'Advanced' : 'Standard';
  const input = { Name: name, Value: value, Type: 'SecureString', Overwrite: true, Tier } as const;
  await ssm.send(new PutParameterCommand(input));
};

const readOne = async (ssm: SSMClient, name: string): Promise<StoredSettings> => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
  return { text: Parameter?.Value ?? '', isEncrypted: Parameter?.Type !== 'String' };
};

const readSeveral = async (ssm: SSMClient, names: readonly string[]): Promise<Map<string, string>> => {
  const values = new Map<string, string>();
  for (const Names of inTens(names)) {
    const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names, WithDecryption: true }));
    for (const { Name = '', Value = '' } of Parameters) values.set(Name, Value);
  }
  return values;
};

const inTens = (names: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(names.length / MAX_NAMES) }, (_, index) =>
    names.slice(index * MAX_NAMES, (index + 1) * MAX_NAMES),
  );

/** Nothing where the versions may not be read: what they name is not known then. */
const deleteUnused = async (ssm: SSMClient, parameter: string): Promise<void> => {
  const named = await namedByVersions(ssm, parameter);
  if (named.every((parts) => parts.length === 0)) return;
  const kept = new Set(named.slice(0, VERSIONS_WITH_PARTS).flat());
  const unused = (await namesBelow(ssm, parameter)).filter((name) => OWN_PART.test(name) && !kept.has(name));
  for (const Names of inTens(unused)) await ssm.send(new DeleteParametersCommand({ Names }));
};

/** Of each version, the newest first. */
const namedByVersions = async (ssm: SSMClient, parameter: string): Promise<string[][]> => {
  try {
    const versions = await readHistory(ssm, parameter);
    return versions.map(({ value }) => partsOf(value).map((part) => parameterOfPart(parameter, part)));
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') return [];
    throw error;
  }
};

const namesBelow = async (ssm: SSMClient, parameter: string): Promise<string[]> => {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const input = { Path: parameter, ...(token === undefined ? {} : { NextToken: token }) };
    const { Parameters = [], NextToken } = await ssm.send(new GetParametersByPathCommand(input));
    names.push(...Parameters.map(({ Name = '' }) => Name));
    token = NextToken;
  } while (token !== undefined);
  return names;
};
