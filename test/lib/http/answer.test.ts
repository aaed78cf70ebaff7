import { REASONS, REQUEST_ERRORS } from '../../../lib/errors';
import { refusalAnswer, SUCCESS } from '../../../lib/http/answer';
import { methodNotAllowed, refuse } from '../../../lib/http/refusal';

it('succeeds with exactly 200 and a JSON object', () => {
  expect(SUCCESS).toEqual({
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"success":true}',
  });
});

it.each(Object.keys(REQUEST_ERRORS) as (keyof typeof REQUEST_ERRORS)[])(
  'answers %s with the strings that Python and Ruby read',
  (code) => {
    const answer = refusalAnswer(refuse(code, 'What to do.'));

    expect(answer.statusCode).toBe(REQUEST_ERRORS[code]);
    expect(JSON.parse(answer.body)).toEqual({
      success: false,
      code,
      message: 'What to do.',
      error: 'What to do.',
    });
  },
);

it.each(Object.keys(REASONS) as (keyof typeof REASONS)[])(
  'answers an event that is %s with 400',
  (reason) => {
    expect(refusalAnswer(refuse(reason, 'x'))).toMatchObject({ statusCode: 400 });
  },
);

it('says in whole seconds when to come back, where coming back helps', () => {
  expect(refusalAnswer(refuse('queue_unavailable', 'x')).headers['retry-after']).toMatch(/^\d+$/);
  expect(refusalAnswer(refuse('malformed_json', 'x')).headers).not.toHaveProperty('retry-after');
});

it('never uses a status that SDKs take for another', () => {
  const statuses = Object.values<number>(REQUEST_ERRORS);

  // A redirect loses the events; 501, 505 and 511 are dropped by Segment's SDKs although they mean "later".
  expect(statuses.filter((status) => status < 400 || [501, 505, 511].includes(status))).toEqual([]);
});

it('names the methods of a path', () => {
  expect(refusalAnswer(methodNotAllowed('PUT', 'POST, OPTIONS'))).toMatchObject({
    statusCode: 405,
    headers: { allow: 'POST, OPTIONS' },
    body: expect.stringContaining('PUT is not for this path; it takes POST, OPTIONS.'),
  });
});
