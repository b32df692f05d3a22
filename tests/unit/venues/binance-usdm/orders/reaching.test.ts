import { describe, expect, it } from '@jest/globals';
import { TransportError } from '#src/ports/transport/transport-error.js';
import type { HttpAnswer } from '#src/ports/transport/http-client.js';
import { AccountScene, KEY, OTHER_KEY } from '../account-scene.js';

interface Ended {
  readonly ms: number;
  readonly error: unknown;
}

/** What connecting comes to, and after how long. */
async function connecting(at: AccountScene, signal?: AbortSignal): Promise<Ended> {
  const begun = at.clock.now();
  const error: unknown = await at.within(
    at.venue.connect(signal).then(
      () => undefined,
      (thrown: unknown) => thrown,
    ),
  );
  return { ms: at.clock.now() - begun, error };
}

describe('a venue that is not reached', () => {
  it('has one deadline for all that is tried, and is named with its host, what it said and what to do', async () => {
    const at = await new AccountScene().serve();
    at.way = ({ url }) =>
      new Promise((_, reject) =>
        at.scheduler.after(8_000, () => reject(new TransportError(`GET ${new URL(url).host}: no answer`, 'maybe'))),
      );
    const { ms, error } = await connecting(at);
    expect(ms).toBeLessThanOrEqual(25_100);
    expect(error).toMatchObject({
      code: 'VENUE-002',
      message: expect.stringMatching(
        new RegExp(`^http://${at.host} \\(testnet\\) must answer, and has not within 2\\d s: .*no answer`),
      ),
      fix: expect.stringContaining('whether the venue is up'),
    });
    at.way = () => new Promise(() => undefined);
    expect((await connecting(at)).ms).toBeLessThanOrEqual(25_100);
  });

  it('is given up within seconds where nobody listens', async () => {
    const at = await new AccountScene().serve();
    at.way = () => Promise.reject(new TransportError('GET 127.0.0.1:1: connect ECONNREFUSED', 'no'));
    const { ms, error } = await connecting(at);
    expect(ms).toBeLessThan(5_000);
    expect(error).toMatchObject({
      code: 'VENUE-002',
      message: expect.stringContaining('ECONNREFUSED'),
      fix: expect.stringContaining('Nobody listens there: check venue.restUrl'),
    });
  });

  it('is tried again where it comes back, and when it was refused in between', async () => {
    const at = await new AccountScene().serve();
    let turns = 0;
    at.way = (_request, real) => {
      turns += 1;
      if (turns === 3) return Promise.resolve<HttpAnswer>({ status: 503, headers: new Map(), body: '' });
      return turns < 6 ? Promise.reject(new TransportError('GET x: connect ECONNREFUSED', 'no')) : real();
    };
    expect((await connecting(at)).error).toBeUndefined();
  });

  it('is not waited for when nobody waits for it any more, whatever is on its way', async () => {
    const at = await new AccountScene().serve();
    at.way = () => new Promise(() => undefined);
    const abort = new AbortController();
    at.scheduler.after(1_000, () => abort.abort());
    const { ms, error } = await connecting(at, abort.signal);
    expect(ms).toBeLessThanOrEqual(1_050);
    expect(error).toMatchObject({ code: 'VENUE-002', message: expect.stringContaining(at.host) });
  });

  it('is waited for while it wants to be left alone for its minute, and not for longer: how long is told on', async () => {
    const busy = (seconds: string): HttpAnswer => ({
      status: 429,
      headers: new Map([['retry-after', seconds]]),
      body: '{"code":-1003,"msg":"Too many requests."}',
    });
    const at = await new AccountScene().serve();
    let turns = 0;
    at.way = (_request, real) => ((turns += 1) === 1 ? Promise.resolve(busy('40')) : real());
    const short = await connecting(at);
    expect([short.error, short.ms >= 40_000 && short.ms < 42_000]).toEqual([undefined, true]);
    at.way = () => Promise.resolve(busy('120'));
    const long = await connecting(at);
    expect(long.ms).toBeLessThan(1_000);
    expect(long.error).toMatchObject({ code: 'VENUE-002', retryAfterMs: 120_000, fix: 'Do it again after 120 s.' });
  });

  it('tells a wrong secret from a wrong key', async () => {
    const secret = await new AccountScene().serve(undefined, { key: KEY.key, secret: OTHER_KEY.secret });
    expect((await connecting(secret)).error).toMatchObject({
      code: 'VENUE-004',
      fix: expect.stringContaining('the secret that belongs to this key'),
    });
    const key = await new AccountScene().serve(undefined, { key: 'nobody', secret: KEY.secret });
    expect((await connecting(key)).error).toMatchObject({
      code: 'VENUE-004',
      fix: expect.stringContaining('Use a key'),
    });
  });

  it('is not blamed where our own requests have used up its minute', async () => {
    const at = await (await new AccountScene().serve()).connect();
    for (let asked = 0; asked < 60; asked += 1) await at.within(at.venue.listOpenOrders().catch(() => undefined));
    await expect(at.venue.listOpenOrders()).rejects.toThrow(/the requests of this address have used up the weight/);
  });
});
