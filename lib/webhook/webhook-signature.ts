// Proves that a reporting webhook comes from Customer.io. It is computed over the bytes as they arrived:
// a body that was parsed, re-encoded or trimmed no longer has the same signature.

import { createHmac, timingSafeEqual } from 'node:crypto';

export const SIGNATURE_HEADER = 'x-cio-signature';
export const TIMESTAMP_HEADER = 'x-cio-timestamp';

const HEX_SHA256 = /^[0-9a-f]{64}$/i;
/** A timestamp with a colon in it could be signed text of the body: the signature would hold for another body. */
const UNIX_SECONDS = /^\d+$/;

export interface SignedRequest {
  /** `x-cio-signature`: HMAC-SHA256 in hex. */
  readonly signature: string | undefined;
  /** `x-cio-timestamp`: Unix seconds at which the request was sent, as it was written. */
  readonly timestamp: string | undefined;
  /** The raw body. */
  readonly body: Uint8Array;
}

export interface SignatureSettings {
  /** Any of them may have signed, so that a key can be changed without refusing a webhook. */
  readonly webhookSigningKeys: readonly string[];
  /** How far, in seconds, the time of sending may be from now. 0 does not look at it. */
  readonly webhookReplayWindowSeconds: number;
}

/** What an operator needs to tell apart; the caller is told none of it. */
export type SignatureCheck =
  | 'valid'
  | 'no_signing_key'
  | 'no_signature'
  | 'wrong_signature'
  | 'outside_replay_window';

/**
 * Customer.io signs `v0:<timestamp>:<raw body>` with HMAC-SHA256. Every key is tried and every comparison
 * takes the same time, so the answer's delay says nothing about a key.
 *
 * @param nowMs milliseconds since 1970.
 */
export const checkSignature = (
  request: SignedRequest,
  settings: SignatureSettings,
  nowMs: number,
): SignatureCheck => {
  const { signature, timestamp, body } = request;
  if (settings.webhookSigningKeys.length === 0) return 'no_signing_key';
  if (!signature || !timestamp) return 'no_signature';
  if (!UNIX_SECONDS.test(timestamp)) return 'wrong_signature';
  const given = Buffer.from(HEX_SHA256.test(signature) ? signature : '', 'hex');
  const matches = settings.webhookSigningKeys.filter((key) => isEqual(given, sign(key, timestamp, body)));
  if (matches.length === 0) return 'wrong_signature';
  const windowSeconds = settings.webhookReplayWindowSeconds;
  return windowSeconds === 0 || isWithin(windowSeconds, timestamp, nowMs) ? 'valid' : 'outside_replay_window';
};

/** The 32 bytes that `x-cio-signature` holds in hex. */
export const sign = (key: string, timestamp: string, body: Uint8Array): Buffer =>
  createHmac('sha256', key).update(`v0:${timestamp}:`).update(body).digest();

const isEqual = (given: Uint8Array, expected: Uint8Array): boolean =>
  given.length === expected.length && timingSafeEqual(given, expected);

/** In both directions: a clock may be wrong either way, and a time far ahead could be replayed for as long. */
const isWithin = (windowSeconds: number, timestamp: string, nowMs: number): boolean =>
  Math.abs(nowMs / 1000 - Number(timestamp)) <= windowSeconds;
