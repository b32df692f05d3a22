import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API_ROUTES, controlApi, newApiToken, type ApiAnswer, type ApiRequest, type ControlApi } from 'perpsbot';
import { testBot, type TestBot } from 'perpsbot/testing';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import { LastDecisions } from '#src/ports/runtime-state/runtime-state.js';
import { OperatorControl } from '#src/ports/core-services/operator-control.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { Allowance } from '#src/operator/api/allowance.js';
import { ControlApi as Api } from '#src/operator/api/control-api.js';
import { instrument } from '#src/testing/instruments.js';
import { settled } from '#src/testing/settled.js';
import { testConfig } from '../../../support/config.js';
import { FakeEventStore } from '../../../support/memory-event-store.js';

const READER = newApiToken('reader', ['read']);
const TRADER = newApiToken('trader', ['operate', 'trade', 'admin']);
const LIMITS = { tokens: [READER.kept, TRADER.kept] };
const BEARER = ['Authorization', `Bearer ${READER.token}`];
const HOST = ['Host', '127.0.0.1:8787'];
const PATHS = API_ROUTES.map(({ path }) => path);

let bot: TestBot;
let api: ControlApi;
beforeAll(async () => {
  bot = testBot({ config: testConfig({ streaming: { enabled: false } }) });
  await bot.bot.open();
  const btc = instrument();
  bot.get(MarketData).acceptMark('BTC-PERP', btc.toMarks(new Decimal(50_000)), bot.clock.now());
  bot.broker.next('placeOrder', { fill: 'all' });
  bot.broker.setPrice('BTC-PERP', 50_000);
  bot.bot.executeDecision('BTC-PERP', { action: 'buy', reason: 'test', quantity: lots(10) });
  await settled();
  bot.get(LastDecisions).record('BTC-PERP', { action: 'buy', reason: 'test' }, 7);
});
afterAll(() => bot.bot.stop());

const fresh = (options: Partial<Parameters<typeof controlApi>[1]> = {}): ControlApi =>
  controlApi(bot.bot, { ...LIMITS, ...options });
const ask = (
  target: string,
  rawHeaders: readonly string[] = [...HOST, ...BEARER],
  more: Partial<ApiRequest> = {},
): ApiAnswer => api.answer({ method: 'GET', target, rawHeaders, source: 'one', ...more });
const read = (target: string): Record<string, unknown> => {
  const { status, body } = ask(target);
  expect([target, status, body]).toEqual([target, 200, body]);
  return JSON.parse(body) as Record<string, unknown>;
};

describe.each(PATHS)('every route: %s', (path) => {
  beforeAll(() => {
    api = fresh();
  });

  it.each<readonly [string, number, readonly string[]]>([
    ['no token', 401, HOST],
    ['an empty one', 401, [...HOST, 'Authorization', '']],
    ['a scheme alone', 401, [...HOST, 'Authorization', 'Bearer ']],
    ['the word undefined', 401, [...HOST, 'Authorization', 'Bearer undefined']],
    ['the hash in place of the token', 401, [...HOST, 'Authorization', `Bearer ${READER.kept.hash}`]],
    ['another scheme', 401, [...HOST, 'Authorization', `Basic ${READER.token}`]],
    ['a token with more behind it', 401, [...HOST, 'Authorization', `Bearer ${READER.token} x`]],
    ['two tokens in one', 401, [...HOST, 'Authorization', `Bearer ${READER.token}, Bearer ${READER.token}`]],
    ['the header twice', 401, [...HOST, ...BEARER, ...BEARER]],
    ['the header twice, one empty', 401, [...HOST, 'authorization', '', ...BEARER]],
    ['a cookie', 401, [...HOST, 'Cookie', `token=${READER.token}`]],
    ['another scope', 403, [...HOST, 'Authorization', `Bearer ${TRADER.token}`]],
    ['a foreign host', 421, ['Host', 'evil.example', ...BEARER]],
    ['a host that begins like ours', 421, ['Host', '127.0.0.1.evil.example', ...BEARER]],
    ['a host with a user', 421, ['Host', 'localhost@evil.example', ...BEARER]],
    ['no host', 421, BEARER],
    ['two hosts', 421, [...HOST, ...HOST, ...BEARER]],
    ['a foreign page', 403, [...HOST, ...BEARER, 'Origin', 'https://evil.example']],
    ['a page of nowhere', 403, [...HOST, ...BEARER, 'Origin', 'null']],
    ['a body', 413, [...HOST, ...BEARER, 'Content-Length', '70000']],
    ['a body without end', 413, [...HOST, ...BEARER, 'Transfer-Encoding', 'chunked']],
  ])('refuses %s with %i', (_what, status, rawHeaders) => {
    const answer = ask(path, rawHeaders);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(answer.body)).toMatchObject({ status, code: expect.stringMatching(/^CTRL-00[23]$/) as unknown });
    expect(answer.body).not.toContain(READER.token);
  });

  it.each<readonly [string, number, string]>([
    ['POST', 405, path],
    ['HEAD', 405, path],
    ['GET', 404, `${path}/`],
    ['GET', 404, `${path}/../../etc/passwd`],
    ['GET', 404, path.replace('/v1/', '/v1/%2e%2e/v1/')],
    ['GET', 404, `${path}%00`],
    ['GET', 404, `/v1/__proto__`],
    ['GET', 404, `http://127.0.0.1${path}`],
    ['GET', 414, `${path}?type=${'a'.repeat(3_000)}`],
    ['GET', 400, `${path}?token=${READER.token}`],
    ['GET', 400, `${path}?__proto__=1`],
    ['GET', 400, `${path}?constructor[prototype]=1`],
    ['GET', 400, `${path}?limit=0`],
    ['GET', 400, `${path}?limit=501`],
    ['GET', 400, `${path}?limit=1e2`],
    ['GET', 400, `${path}?limit=1&limit=2`],
    ['GET', 400, `${path}?after=-1`],
    ['GET', 400, `${path}?type=%00`],
  ])('refuses %s with %i: %s', (method, status, target) => {
    expect(ask(target, undefined, { method }).status).toBe(status);
  });

  it('answers its token, from a listed page and by every name of this machine, and nobody keeps or frames it', () => {
    api = fresh({ origins: ['https://desk.example'] });
    for (const host of ['localhost', 'LOCALHOST:1', '[::1]:8787', '127.0.0.1'])
      expect(
        ask(path, ['HOST', host, 'AUTHORIZATION', BEARER[1] as string, 'Origin', 'https://desk.example']).status,
      ).toBe(200);
    const { headers } = ask(path);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(ask(path, ['Host', 'desk.example', ...BEARER]).status).toBe(421);
  });
});

describe('who is let in', () => {
  it.each<readonly [string, readonly unknown[]]>([
    ['no token', []],
    ['the token itself', [{ ...READER.kept, hash: READER.token }]],
    ['no hash', [{ ...READER.kept, hash: undefined }]],
    ['no scope', [{ ...READER.kept, scopes: [] }]],
    ['a scope of no kind', [{ ...READER.kept, scopes: ['root'] }]],
    ['two of one name', [READER.kept, { ...TRADER.kept, id: 'reader' }]],
  ])('there is no API with %s', (_what, tokens) => {
    const made = (): unknown => fresh({ tokens: tokens as typeof LIMITS.tokens });
    expect(made).toThrow(expect.objectContaining({ code: 'CFG-009' }));
    expect(made).not.toThrow(READER.token);
  });

  it('tells 10,000 guesses to wait, says so once, remembers few of them, and hears whoever has a token', () => {
    api = fresh();
    const statuses = new Map<number, number>();
    const before = bot.logger.lines.length;
    for (let guess = 0; guess < 10_000; guess += 1) {
      const token = String(guess).padStart(43, 'x');
      const { status } = ask('/v1/status', [...HOST, 'Authorization', `Bearer ${token}`]);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses]).toEqual([
      [401, 20],
      [429, 9_980],
    ]);
    const said = bot.logger.lines.slice(before);
    expect(said.map(({ message }) => message)).toEqual(['Somebody tries tokens at the control API']);
    expect(ask('/v1/status').status).toBe(200);
    expect(ask('/v1/status', HOST, { source: 'another' }).status).toBe(401);
  });

  it('answers one token 600 times a minute, and another meanwhile', () => {
    const other = newApiToken('other', ['read']);
    api = fresh({ tokens: [READER.kept, other.kept] });
    const statuses = Array.from({ length: 601 }, () => ask('/v1/strategies').status);
    expect(statuses.indexOf(429)).toBe(600);
    expect(ask('/v1/strategies', [...HOST, 'Authorization', `Bearer ${other.token}`]).status).toBe(200);
  });

  it('counts anew after the window, and remembers a bounded number of sources', () => {
    let now = 0;
    const allowance = new Allowance(60_000, { monotonic: () => now });
    expect([allowance.count('a'), allowance.count('a'), allowance.count('b')]).toEqual([1, 2, 1]);
    now = 60_000;
    expect(allowance.count('a')).toBe(1);
    for (let source = 0; source < 5_000; source += 1) allowance.count(String(source));
    expect(allowance.size).toBe(1_024);
  });
});

describe('what is read', () => {
  beforeAll(() => {
    api = fresh();
  });

  it('is what the control door says, with money in text and unknown orders first', () => {
    const status = bot.get(OperatorControl).status();
    expect(read('/v1/status')).toEqual(JSON.parse(JSON.stringify(status)));
    expect(read('/v1/positions')['positions']).toMatchObject([
      { symbol: 'BTC-PERP', size: expect.any(String) as unknown },
    ]);
    expect(read('/v1/strategies')['newest']).toEqual([{ symbol: 'BTC-PERP', at: 7, action: 'buy', reason: 'test' }]);
    const order = (clientId: string, state: string): object => ({ clientId, status: state });
    const orders = [order('a', 'open'), order('b', 'unknown'), order('c', 'open')];
    const told = made({ status: () => ({ ...status, orders }) as never }).answer(whole('/v1/orders'));
    expect(
      (JSON.parse(told.body) as { orders: { clientId: string }[] }).orders.map(({ clientId }) => clientId),
    ).toEqual(['b', 'a', 'c']);
  });

  it('is the journal after a number, and says where records lie between', () => {
    const all = read('/v1/journal?limit=500') as unknown as Page;
    expect(all.records.length).toBeGreaterThan(3);
    expect(all.complete).toBe(true);
    const [first, second] = all.records as [Row, Row];
    expect((read(`/v1/journal?after=${first.seq}&limit=500`) as unknown as Page).records[0]).toEqual(second);
    const newest = read('/v1/journal?after=0&limit=1') as unknown as Page;
    expect([newest.complete, newest.records.map(({ seq }) => seq)]).toEqual([false, [newest.lastSeq]]);
    const orders = read('/v1/journal?type=order') as unknown as Page;
    expect(new Set(orders.records.map(({ type }) => type))).toEqual(new Set(['order']));
    const fills = read('/v1/fills') as unknown as Page;
    expect(fills.records.map(({ payload }) => typeof payload['quantity'])).toEqual(['string']);
    expect((read('/v1/funding') as unknown as Page).records).toEqual([]);
  });

  it('is a problem with its code, and no secret in it, where the bot cannot say', () => {
    const status = (): never => {
      throw new Error('no account at key-of-somebody');
    };
    const { status: told, body } = made({ status }).answer(whole('/v1/status'));
    expect([told, JSON.parse(body)]).toMatchObject([503, { code: 'BOT-001', detail: 'no account at [redacted]' }]);
  });
});

interface Row {
  readonly seq: number;
  readonly type: string;
  readonly payload: Record<string, unknown>;
}
interface Page {
  readonly lastSeq: number;
  readonly complete: boolean;
  readonly records: readonly Row[];
}

const whole = (target: string): ApiRequest => ({
  method: 'GET',
  target,
  rawHeaders: [...HOST, ...BEARER],
  source: 'one',
});
const made = (control: Pick<OperatorControl, 'status'>): Api =>
  new Api(LIMITS, {
    control,
    events: new FakeEventStore(),
    decisions: bot.get(LastDecisions),
    redactor: { text: (value) => value.replace('key-of-somebody', '[redacted]') },
    clock: { monotonic: () => 0 },
    logger: bot.logger,
  });
