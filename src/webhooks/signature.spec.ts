import { describe, expect, it } from '@jest/globals';
import { newSecret, signedHeaders } from './signature.js';

/** The example of the libraries of Standard Webhooks. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const TIMESTAMP = 1_614_265_330;
const BODY = '{"test": 2432232314}';
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

describe(signedHeaders, () => {
  it('signs as the example of Standard Webhooks does', () => {
    expect(signedHeaders(ID, TIMESTAMP, BODY, [SECRET])).toEqual({
      'webhook-id': ID,
      'webhook-timestamp': '1614265330',
      'webhook-signature': SIGNATURE,
    });
  });

  it('signs by each secret, with a space between', () => {
    const { 'webhook-signature': signatures } = signedHeaders(ID, TIMESTAMP, BODY, [
      newSecret(),
      SECRET,
    ]);
    expect(signatures!.split(' ')).toEqual([expect.stringMatching(/^v1,\S{44}$/), SIGNATURE]);
  });

  it('makes secrets of 32 random bytes', () => {
    const secrets = [newSecret(), newSecret()];
    expect(secrets[0]).not.toBe(secrets[1]);
    for (const secret of secrets) {
      expect(Buffer.from(secret.replace('whsec_', ''), 'base64')).toHaveLength(32);
    }
  });
});
