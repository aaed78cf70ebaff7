import { withoutSecretQuery, withoutSecrets } from '../../../../infra/local/journal/secrets';

it.each(['authorization', 'cookie', 'X-API-Key', 'x-cio-signature', 'x-auth-token'])(
  '%s is not shown',
  (name) => {
    const shown = withoutSecrets({ [name]: 'hush', accept: '*/*', absent: undefined });

    expect(JSON.stringify(shown)).not.toContain('hush');
    expect(shown).toEqual({ [name]: expect.any(String), accept: '*/*' });
  },
);

it('A key in the query is not shown, and the rest of the query is', () => {
  expect(withoutSecretQuery('/v1/pixel/track?writeKey=hush&data=e30&userId=u1')).toBe(
    '/v1/pixel/track?writeKey=…&data=…&userId=u1',
  );
});
