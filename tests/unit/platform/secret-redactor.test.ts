import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { fault } from '#src/domain/errors.js';
import { SecretRedactor } from '#src/platform/secret-redactor.js';

const redactorWith = (...secrets: string[]): SecretRedactor => {
  const redactor = new SecretRedactor();
  for (const secret of secrets) redactor.register(secret);
  return redactor;
};

describe('redaction', () => {
  it('hides secret-looking keys at any depth, whatever they hold (SE-06)', () => {
    const value = {
      symbol: 'BTC-PERP',
      apiKey: 'k',
      'API-SECRET': ['a', 'b'],
      deep: [{ list: [{ private_key: { pem: 'x' }, Authorization: 'y', passphrase: 123456, 'listen.token': 't' }] }],
      hasToken: true,
      token: null,
      rate_tokens: 5,
      token_count: 6,
    };
    expect(redactorWith().plain(value)).toEqual({
      symbol: 'BTC-PERP',
      apiKey: '[redacted]',
      'API-SECRET': '[redacted]',
      deep: [
        {
          list: [
            {
              private_key: '[redacted]',
              Authorization: '[redacted]',
              passphrase: '[redacted]',
              'listen.token': '[redacted]',
            },
          ],
        },
      ],
      hasToken: true,
      token: null,
      rate_tokens: 5,
      token_count: 6,
    });
  });

  it('hides registered values wherever they occur: in text, keys, errors, addresses and other spellings (SE-06)', () => {
    const secret = 'c4nary+s3cret/value=';
    const redactor = redactorWith(secret);
    const error = new Error(`signing with ${secret} failed`, { cause: { body: `x=${encodeURIComponent(secret)}` } });
    const shown = JSON.stringify(
      redactor.plain({
        error,
        [secret]: 1,
        url: `https://v/?k=${secret}`,
        basic: Buffer.from(secret).toString('base64'),
        set: new Set([secret]),
        map: new Map([[secret, secret]]),
      }),
    );
    expect(shown).not.toContain('c4nary');
    expect(shown).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
    expect(shown).toContain('signing with [redacted] failed');
  });

  it('hides a key that spans lines, by each of its lines and in its escaped form', () => {
    const pem =
      '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIB7hV0Zk3Jq1x9z8\nq2w3e4r5t6y7u8i9o0pA1S2D\n-----END EC PRIVATE KEY-----\n';
    const redactor = redactorWith(pem);
    for (const text of [
      pem,
      JSON.stringify({ pem }),
      `parse error near q2w3e4r5t6y7u8i9o0pA1S2D`,
      pem.replaceAll('\n', '\\n'),
    ]) {
      expect(redactor.text(text)).not.toMatch(/MHcCAQ|q2w3e4/);
    }
    expect(redactorWith().text(pem)).toBe('[redacted]\n');
  });

  it('recognises credentials that nobody registered', () => {
    const redactor = redactorWith();
    const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJvcmcifQ.c2lnbmF0dXJl';
    expect(redactor.text(`token ${jwt} refused`)).toBe('token [redacted] refused');
    expect(redactor.text('Authorization: Bearer abcdef123456')).toBe('Authorization: Bearer [redacted]');
    expect(redactor.text('postgres://bot:hunter22@db/perps')).toBe('postgres://bot:[redacted]@db/perps');
    expect(redactor.text('/order?symbol=BTC&signature=deadbeef&x=1')).toBe(
      '/order?symbol=BTC&signature=[redacted]&x=1',
    );
  });

  it('replaces a secret that contains another one whole', () => {
    expect(redactorWith('inner', 'outer-inner-outer').text('a outer-inner-outer b inner')).toBe(
      'a [redacted] b [redacted]',
    );
  });

  it('takes one as short as a word for one only where it stands alone, whatever it is made of', () => {
    const redactor = redactorWith('test', 'p+q.r');
    expect(redactor.text('the latest test of testnet, key=test; "test" (p+q.r) xp+q.ry pxq1r')).toBe(
      'the latest [redacted] of testnet, key=[redacted]; "[redacted]" ([redacted]) xp+q.ry pxq1r',
    );
  });

  it('ignores values too short to be secrets, which would blot out everything', () => {
    expect(redactorWith('', 'a', 'abc').text('a abc b')).toBe('a abc b');
  });

  it('makes a plain copy of anything, and never throws (B-88)', () => {
    const circle: Record<string, unknown> = { name: 'circle' };
    circle['self'] = circle;
    const hostile = {
      get bad(): unknown {
        throw new Error('getter');
      },
      good: 1,
    };
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trap');
        },
      },
    );
    const value = {
      big: 2n ** 70n,
      nan: Number.NaN,
      inf: -Infinity,
      none: undefined,
      fn: function named() {},
      symbol: Symbol('s'),
      date: new Date(0),
      bad: new Date(Number.NaN),
      price: new Decimal('0.000000001'),
      circle,
      hostile,
      proxy,
      bytes: new Uint8Array(3),
      long: new Array(205).fill(0),
      json: {
        toJSON: () => {
          throw new Error('toJSON');
        },
      },
    };
    const plain = redactorWith().plain(value) as Record<string, unknown>;
    expect(plain).toMatchObject({
      big: '1180591620717411303424',
      nan: 'NaN',
      inf: '-Infinity',
      fn: '[function named]',
      symbol: 'Symbol(s)',
      date: '1970-01-01T00:00:00.000Z',
      bad: null,
      price: '0.000000001',
      circle: { name: 'circle', self: '[circular]' },
      hostile: { bad: '[unreadable: getter]', good: 1 },
      proxy: '[unreadable: trap]',
      bytes: '[3 bytes]',
      json: '[unreadable: toJSON]',
    });
    expect('none' in plain).toBe(false);
    expect(plain['long']).toHaveLength(201);
    expect(() => JSON.stringify(plain)).not.toThrow();
    let deep: unknown = 'bottom';
    for (let i = 0; i < 10_000; i += 1) deep = { deep };
    expect(JSON.stringify(redactorWith().plain(deep))).toContain('[deeper]');
  });

  it('shows a value twice when it occurs twice: only circles are cut', () => {
    const shared = { a: 1 };
    expect(redactorWith().plain([shared, shared])).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it('keeps what an error says: name, code, message, stack, cause', () => {
    const error = fault('STORE-004', 'Journal must take records.', {
      cause: new RangeError('disk'),
      where: '/x',
      fix: 'Check the disk.',
    });
    expect(redactorWith().plain(error)).toMatchObject({
      name: 'PerpsBotError',
      code: 'STORE-004',
      message: 'Journal must take records.',
      stack: expect.stringContaining('secret-redactor.test'),
      where: '/x',
      fix: 'Check the disk.',
      cause: { name: 'RangeError', message: 'disk', stack: expect.any(String) },
    });
    expect(redactorWith().plain(new AggregateError([new Error('one')], 'several'))).toMatchObject({
      message: 'several',
      errors: [{ message: 'one' }],
    });
  });
});
