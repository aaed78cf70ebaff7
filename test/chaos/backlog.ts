// A backlog that keeps consumers at their rate: each message holds as many large events as fill one request to
// Customer.io, so that requests, not events, are what there are many of.

import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { World } from './world';

const EVENTS_PER_REQUEST = 24;
/** 24 of them and their envelopes stay just below the 500,000 bytes of a request. */
const TEXT = 'x'.repeat(20_000);
const SENDERS = 4;

/** Puts `requests` messages on the queue. The events are numbered from 1. */
export const putBacklog = async (world: World, requests: number): Promise<void> => {
  const numbers = Array.from({ length: requests }, (_, index) => index).values();
  const send = async (): Promise<void> => {
    for (const number of numbers) {
      const MessageBody = JSON.stringify(eventsOfOneRequest(number));
      await world.sqs.client.send(new SendMessageCommand({ QueueUrl: world.queueUrl, MessageBody }));
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
};

/** The events that together make the request of this number, counted from 0. */
export const eventsOfOneRequest = (request: number): object[] =>
  Array.from({ length: EVENTS_PER_REQUEST }, (_, index) => {
    const number = request * EVENTS_PER_REQUEST + index + 1;
    return {
      type: 'track',
      messageId: `backlog-${number}`,
      userId: `person-${number}`,
      timestamp: '2025-06-01T00:00:00.000Z',
      event: 'Document Saved',
      properties: { n: number, text: TEXT },
    };
  });

/** How many of the backlog's events Customer.io counts not exactly once. */
export const countWrong = (requests: number, countOf: (number: number) => number): number =>
  Array.from({ length: requests * EVENTS_PER_REQUEST }, (_, index) => countOf(index + 1)).filter(
    (count) => count !== 1,
  ).length;
