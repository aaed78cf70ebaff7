// What never leaves: keys of a deny list at any depth of an event, and addresses of the internet. The rule: what is
// done here twice is the same as once, so that a dead letter that was cleaned replays to the same operation.

import { isObject, type JsonObject, MAX_NESTING } from '../json/json-object';
import { withoutKeys } from './draft';
import { cleanText, type TextPolicy } from './private-text';
import type { PrivacySettings } from './rule';

export type Clean = (value: unknown) => unknown;

/** Keys that hardly ever mean anything that may leave; on when `useDefaultDenyList` is. */
export const DEFAULT_DENY_LIST = [
  ...['password', 'passwd', 'pwd', 'passphrase', 'passcode', 'pin', 'secret', 'clientSecret'],
  ...['accessToken', 'refreshToken', 'idToken', 'authToken', 'apiKey', 'privateKey', 'authorization'],
  ...['ssn', 'socialSecurityNumber', 'nationalId', 'taxId', 'passport', 'passportNumber'],
  ...['driversLicense', 'driversLicenseNumber'],
  ...['creditCard', 'creditCardNumber', 'ccNumber', 'cardNumber', 'cvv', 'cvc', 'cvv2', 'securityCode'],
  ...['bankAccount', 'bankAccountNumber', 'accountNumber', 'routingNumber', 'iban'],
] as const;

/** Keys by which senders call an address of the internet. */
const IP_KEYS: ReadonlySet<string> = new Set([
  ...['ip', 'ipaddress', 'ipaddr', 'requestip', 'clientip', 'userip', 'lastip', 'sourceip'],
  ...['remoteip', 'remoteaddr', 'remoteaddress', 'xforwardedfor', 'xrealip'],
]);

/** What an event and its people are known by is never read as text: with less of it they would be others. */
const KNOWN_BY: ReadonlySet<string> = new Set([
  'type',
  'messageId',
  'userId',
  'anonymousId',
  'groupId',
  'previousId',
]);

/** How many keys are remembered with what they are: far more than honest senders have between them. */
const MAX_KNOWN_KEYS = 10_000;

/** `kept`: as it is, but for what is inside. */
type KeyKind = 'kept' | 'denied' | 'ip';

/** Undefined when nothing is kept back. */
export const compilePrivacy = (settings: PrivacySettings): Clean | undefined => {
  const denied = new Set(deniedKeys(settings).map(plainKey));
  if (denied.size === 0 && settings.ip === 'keep') return undefined;
  const { ip } = settings;
  const kindOfKey = remembered((key) => kindOf(key, denied, ip));
  const policy = policyOf(kindOfKey, ip, policyOf(kindOfKey, ip));
  return (value) => cleanValue(value, policy, 0);
};

export const deniedKeys = ({
  deny,
  useDefaultDenyList,
}: Pick<PrivacySettings, 'deny' | 'useDefaultDenyList'>) => [
  ...deny,
  ...(useDefaultDenyList ? DEFAULT_DENY_LIST : []),
];

/** `credit_card`, `Credit Card` and `creditCard` are one key. */
export const plainKey = (key: string): string => key.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/**
 * Whether a key is one of these plain ones. Each step into an object counts as a key: Customer.io reads a dot as one, and
 * forms write `user[password]`, also in what a page makes of them.
 */
export const namesOneOf = (keys: ReadonlySet<string>, key: string): boolean =>
  [key, ...key.split(/[.[\]]/)].some((name) => keys.has(plainKey(name)));

const kindOf = (key: string, denied: ReadonlySet<string>, ip: PrivacySettings['ip']): KeyKind => {
  if (namesOneOf(denied, key)) return 'denied';
  return ip !== 'keep' && namesOneOf(IP_KEYS, key) ? 'ip' : 'kept';
};

const remembered = (kind: (key: string) => KeyKind): ((key: string) => KeyKind) => {
  const known = new Map<string, KeyKind>();
  return (key) => {
    const before = known.get(key);
    // Stryker disable next-line ConditionalExpression: what is remembered is the same
    if (before !== undefined) return before;
    const found = kind(key);
    // Stryker disable next-line CallExpression,ConditionalExpression,EqualityOperator: the same
    if (known.size < MAX_KNOWN_KEYS) known.set(key, found);
    return found;
  };
};

interface Policy extends TextPolicy {
  readonly kindOf: (key: string) => KeyKind;
  readonly ip: PrivacySettings['ip'];
  /** What holds in the data of an event, where `integrations` is a key like any other; undefined when it is this one. */
  readonly ofData: Policy | undefined;
}

const policyOf = (kindOfKey: Policy['kindOf'], ip: Policy['ip'], ofData?: Policy): Policy => {
  const policy: Policy = {
    kindOf: kindOfKey,
    ip,
    ofData,
    isPrivate: (name) => kindOfKey(name) !== 'kept',
    valueFor: (name, value) => (kindOfKey(name) === 'ip' ? (cleanIp(value, policy) ?? '') : ''),
    cleanJson: (value, depth) => cleanValue(value, policy, depth),
  };
  return policy;
};

/** The value itself when there is nothing in it that must go. */
const cleanValue = (value: unknown, policy: Policy, depth: number): unknown => {
  if (typeof value === 'string') return cleanText(value, policy, depth + 1);
  if (typeof value !== 'object') return value;
  // What is not looked through must not leave.
  if (depth === MAX_NESTING) return null;
  if (Array.isArray(value)) return cleanArray(value, policy, depth + 1);
  return isObject(value) ? cleanObject(value, policy, depth + 1) : value;
};

const cleanIp = (value: unknown, { ip }: Policy): string | undefined =>
  ip === 'truncate' ? truncateIp(value) : undefined;

const cleanArray = (array: readonly unknown[], policy: Policy, depth: number): readonly unknown[] => {
  let copy: unknown[] | undefined;
  // Stryker disable next-line EqualityOperator: one step too far meets undefined, which stays as it is
  for (let index = 0; index < array.length; index += 1) {
    const cleaned = cleanValue(array[index], policy, depth);
    if (cleaned === array[index]) continue;
    copy ??= [...array];
    copy[index] = cleaned;
  }
  return copy ?? array;
};

const cleanObject = (
  object: JsonObject,
  policy: Policy,
  depth: number,
  clean: CleanMember = cleanMember,
): JsonObject => {
  let copy: Record<string, unknown> | undefined;
  // Stryker disable next-line ArrayDeclaration: no key is called as the mutant is
  const gone: string[] = [];
  for (const key in object) {
    const value = object[key];
    const cleaned = clean(key, value, policy, depth);
    if (cleaned === value) continue;
    copy ??= { ...object };
    // The copy has the key as its own already, so that this sets a value even when it is called `__proto__`.
    copy[key] = cleaned;
    if (cleaned === undefined) gone.push(key);
  }
  if (copy === undefined) return object;
  // Stryker disable next-line ConditionalExpression,EqualityOperator: only spares what keeps its keys another copy
  return gone.length === 0 ? copy : withoutKeys(copy, gone);
};

/** The value of a member without what must go; undefined when all of it must. */
type CleanMember = (key: string, value: unknown, policy: Policy, depth: number) => unknown;

const cleanMember: CleanMember = (key, value, policy, depth) => {
  const kind = policy.kindOf(key);
  if (kind === 'denied') return undefined;
  if (kind === 'ip') return cleanIp(value, policy);
  if (typeof value === 'string' && KNOWN_BY.has(key)) return value;
  const { ofData } = policy;
  if (ofData !== undefined && key === 'integrations' && isObject(value) && depth < MAX_NESTING)
    return cleanObject(value, ofData, depth + 1, cleanChoice);
  return cleanValue(value, ofData !== undefined && DATA.has(key) ? ofData : policy, depth);
};

/** Where an event has its data. Anything else may be around it: a batch, or what a message came by. */
const DATA: ReadonlySet<string> = new Set(['properties', 'traits', 'context']);

/**
 * What an event says to a destination, whose name is no key of data: were a no to `Customer.io` gone, for `customer` is
 * denied, the event would be delivered against its sender's will. A no or a yes stays, and of options the yes.
 */
const cleanChoice: CleanMember = (name, answer, policy, depth) => {
  const cleaned = cleanMember(name, answer, policy, depth);
  if (cleaned !== undefined) return cleaned;
  if (isObject(answer)) return true;
  return typeof answer === 'boolean' ? answer : undefined;
};

const IPV4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/;

/**
 * The network of an address: the first 24 bits of IPv4, the first 48 of IPv6, as analytics tools do it. Undefined
 * for what is no single address: under a name that promises one, it may be anything.
 */
const truncateIp = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const network = IPV4.exec(text)?.[1];
  return network === undefined ? truncateIpv6(text) : `${network}.0`;
};

/** `::` stands for as many zeros as are missing. */
const truncateIpv6 = (text: string): string | undefined => {
  const [head, tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const first = groupsOf(head);
  const last = groupsOf(tail);
  const missing = 8 - first.length - last.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...first, ...Array<string>(missing).fill('0'), ...last];
  return groups.every((group) => /^[\da-f]{1,4}$/i.test(group))
    ? `${groups.slice(0, 3).join(':')}::`
    : undefined;
};

const groupsOf = (text = ''): string[] => (text === '' ? [] : text.split(':'));
