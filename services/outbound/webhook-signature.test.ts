import { newWebhookSecret, signatureHeaders } from './webhook-signature.ts';

test('signs as the example of Standard Webhooks', () => {
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestampSeconds: 1_614_265_330,
    body: '{"test": 2432232314}',
  };
  expect(signatureHeaders(message, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toEqual({
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('signs with every secret that counts, and another id or instant is another signature', () => {
  const [one, two] = [newWebhookSecret(), newWebhookSecret()];
  expect(one).not.toBe(two);
  const signed = (id: string, timestampSeconds: number) =>
    signatureHeaders({ id, timestampSeconds, body: '{}' }, [one, two])['webhook-signature']!.split(' ');
  expect(new Set([...signed('a', 1), ...signed('b', 1), ...signed('a', 2)]).size).toBe(6);
});
