import { readBatchResponse } from '../../../infra/local/batch-response';

const ids = new Set(['a', 'b', 'c']);

describe('A whole batch succeeds when the answer', () => {
  it.each([
    ['is null', null],
    ['is missing', undefined],
    ['is an empty object', {}],
    ['has a null list', { batchItemFailures: null }],
    ['has an empty list', { batchItemFailures: [] }],
  ])('%s', (_, answer) => {
    expect(readBatchResponse(answer, ids)).toEqual({ valid: true, failedIds: new Set() });
  });
});

describe('A whole batch fails when the answer', () => {
  it.each([
    ['is a string', 'done'],
    ['is a number', 3],
    ['is an array', [{ itemIdentifier: 'a' }]],
    ['has a list that is no list', { batchItemFailures: { itemIdentifier: 'a' } }],
    ['has an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['has a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['has a null entry', { batchItemFailures: [null] }],
    ['has an entry under another key', { batchItemFailures: [{ messageId: 'a' }] }],
    ['names an unknown message', { batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'x' }] }],
  ])('%s', (_, answer) => {
    expect(readBatchResponse(answer, ids)).toEqual({ valid: false, problem: expect.any(String) });
  });
});

it('Exactly the named messages fail, one named twice counting once', () => {
  const answer = {
    batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'c' }, { itemIdentifier: 'a' }],
  };

  const response = readBatchResponse(answer, ids);

  expect(response).toEqual({ valid: true, failedIds: new Set(['a', 'c']) });
});
