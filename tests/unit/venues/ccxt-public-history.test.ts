import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MONTH_MS } from '#src/domain/time-spans.js';
import { NodeGrowingFile } from '#src/platform/node-growing-file.js';
import { download, type DownloadRequest, type DownloadResult } from '#src/data/download/download.js';
import type { PublicHistory } from '#src/ports/research/public-history.js';
import { openCcxtHistory } from '#src/venues/ccxt/ccxt-public-history.js';

const START = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;
const BARS = 2_500;
const SYMBOL = 'BTC/USDT:USDT';
/** Minutes in which the venue was closed: a hole wider than one page. */
const HOLE = { from: 800, to: 1_950 };

const MARKET = {
  symbol: 'BTCUSDT',
  pair: 'BTCUSDT',
  contractType: 'PERPETUAL',
  deliveryDate: 4133404800000,
  onboardDate: 1569398400000,
  status: 'TRADING',
  baseAsset: 'BTC',
  quoteAsset: 'USDT',
  marginAsset: 'USDT',
  pricePrecision: 2,
  quantityPrecision: 3,
  baseAssetPrecision: 8,
  quotePrecision: 8,
  underlyingType: 'COIN',
  orderTypes: ['LIMIT', 'MARKET'],
  timeInForce: ['GTC'],
  filters: [
    { filterType: 'PRICE_FILTER', tickSize: '0.10', minPrice: '261.10', maxPrice: '809484' },
    { filterType: 'LOT_SIZE', stepSize: '0.001', minQty: '0.001', maxQty: '1000' },
    { filterType: 'MARKET_LOT_SIZE', stepSize: '0.001', minQty: '0.001', maxQty: '120' },
    { filterType: 'MIN_NOTIONAL', notional: '100' },
  ],
};

const bars = Array.from({ length: BARS }, (_, i) => i).filter((i) => i < HOLE.from || i >= HOLE.to);
const candle = (i: number): unknown[] => [
  START + i * MINUTE,
  '42000.10',
  '42001.00',
  '41999.90',
  `${42_000 + (i % 7)}.30`,
  '1.230',
  START + (i + 1) * MINUTE - 1,
  '0',
  1,
  '0',
  '0',
  '0',
];

let server: Server;
let base: string;
let failures = 0;
let asked: string[] = [];

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', base);
  asked.push(`${url.pathname} ${request.headers['x-mbx-apikey'] === undefined ? 'public' : 'keyed'}`);
  const since = Number(url.searchParams.get('startTime') ?? 0);
  const limit = Number(url.searchParams.get('limit') ?? 500);
  const send = (body: unknown, status = 200): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (url.pathname.endsWith('/exchangeInfo'))
    return send({ timezone: 'UTC', serverTime: START, rateLimits: [], assets: [], symbols: [MARKET] });
  if (failures > 0) {
    failures -= 1;
    return send({ code: -1008, msg: 'Server is currently overloaded' }, 503);
  }
  if (url.pathname.endsWith('/klines') || url.pathname.endsWith('/markPriceKlines')) {
    // A venue that answers only within the window that is asked for.
    const until = since + limit * MINUTE;
    return send(
      bars
        .filter((i) => START + i * MINUTE >= since && START + i * MINUTE < until)
        .slice(0, limit)
        .map(candle),
    );
  }
  if (url.pathname.endsWith('/fundingRate')) {
    return send(
      [0, 1, 2]
        .map((n) => ({
          symbol: 'BTCUSDT',
          fundingTime: START + n * 8 * 3_600_000 + 5,
          fundingRate: '0.00010000',
          markPrice: '42000',
        }))
        .filter((row) => row.fundingTime >= since),
    );
  }
  send({ code: -1, msg: `not here: ${url.pathname}` }, 404);
}

describe("a venue's past, downloaded", () => {
  let directory: string;
  let source: PublicHistory;
  const path = (): string => join(directory, 'bars.csv');
  const request: DownloadRequest = {
    kind: 'bars',
    symbol: SYMBOL,
    name: 'BTC-PERP',
    intervalMs: MINUTE,
    from: START,
    to: START + BARS * MINUTE,
  };
  const fetchAll = async (
    asked: Partial<DownloadRequest> = {},
    stopAfter = Number.POSITIVE_INFINITY,
  ): Promise<DownloadResult> => {
    const file = new NodeGrowingFile(path());
    const abort = new AbortController();
    let pages = 0;
    const running = download(
      source,
      file,
      { ...request, ...asked },
      {
        scheduler: { after: () => () => undefined, sleep: () => Promise.resolve(), pending: 0 },
        signal: abort.signal,
        onProgress: () => {
          pages += 1;
          if (pages >= stopAfter) abort.abort();
        },
      },
    );
    try {
      return await running;
    } finally {
      file.close();
    }
  };
  const rows = (): string[] => readFileSync(path(), 'utf8').trimEnd().split('\n');

  beforeAll(async () => {
    server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    source = await openCcxtHistory({ venue: 'binanceusdm', baseUrl: base });
  });
  afterAll(async () => {
    await source.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'perpsbot-download-'));
    failures = 0;
    asked = [];
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('has every bar once, over pages and across a hole wider than a page, digits as the venue wrote them', async () => {
    const result = await fetchAll();
    expect(result.rows).toBe(bars.length);
    expect(rows()).toEqual([
      'ts_ms,symbol,open,high,low,close,volume',
      ...bars.map((i) => `${START + i * MINUTE},BTC-PERP,42000.10,42001.00,41999.90,${42_000 + (i % 7)}.30,1.230`),
    ]);
    expect(result.reached).toBe(request.to);
  });

  it('asks public endpoints alone', async () => {
    await fetchAll();
    expect(asked.filter((line) => line.endsWith('keyed'))).toEqual([]);
    expect(new Set(asked.map((line) => line.split(' ')[0]))).toEqual(new Set(['/fapi/v1/klines']));
  });

  it('goes on where it was stopped, also in the middle of a line, and ends with the same file', async () => {
    await fetchAll();
    const whole = readFileSync(path(), 'utf8');
    rmSync(path());
    const first = await fetchAll({}, 1);
    expect(first.reached).toBeLessThan(request.to);
    appendFileSync(path(), '1704067');
    const second = await fetchAll();
    expect(second.resumedAt).toBe(Number(rows()[first.rows]?.split(',')[0]));
    expect(first.rows + second.rows).toBe(bars.length);
    expect(readFileSync(path(), 'utf8')).toBe(whole);
  });

  it('writes nothing anew when everything is there', async () => {
    await fetchAll();
    expect((await fetchAll()).rows).toBe(0);
    expect(rows()).toHaveLength(bars.length + 1);
  });

  it('asks again while the venue is overloaded, and gives up by name when it stays so', async () => {
    failures = 3;
    expect(await fetchAll()).toMatchObject({ rows: bars.length, retries: 3 });
    failures = 1_000;
    rmSync(path());
    await expect(fetchAll()).rejects.toMatchObject({ code: 'VENUE-002' });
  });

  it('leaves out a bar that has not closed', async () => {
    const result = await fetchAll({ to: START + 100 * MINUTE + 30_000 });
    expect(result.rows).toBe(100);
  });

  it('stamps a mark with the end of its candle, where it is known', async () => {
    await fetchAll({ kind: 'mark', to: START + 2 * MINUTE });
    expect(rows()).toEqual([
      'ts_ms,symbol,mark_price',
      `${START + MINUTE},BTC-PERP,42000.30`,
      `${START + 2 * MINUTE},BTC-PERP,42001.30`,
    ]);
  });

  it('knows months: each is closed on the first of the next, whatever its length', async () => {
    const firsts = [0, 1, 2, 3].map((month) => Date.UTC(2023, month));
    let asked: number[] = [];
    const venue = {
      pageRows: 1,
      page: ({ since }: { readonly since: number }) => {
        asked = [...asked, since];
        const at = firsts.find((first) => first >= since);
        return Promise.resolve(at === undefined ? [] : [{ at, fields: ['1', '2', '1', '2', '3'] }]);
      },
      pageSpan: () => 31 * 86_400_000,
    };
    const monthly = { from: Date.UTC(2023, 0), to: Date.UTC(2023, 3, 15), intervalMs: MONTH_MS };
    const get = async (wanted: Partial<DownloadRequest>): Promise<readonly string[]> => {
      rmSync(path(), { force: true });
      const file = new NodeGrowingFile(path());
      const scheduler = { after: () => () => undefined, sleep: () => Promise.resolve(), pending: 0 };
      await download(venue as unknown as PublicHistory, file, { ...request, ...monthly, ...wanted }, { scheduler });
      file.close();
      return rows()
        .slice(1)
        .map((row) => new Date(Number(row.split(',')[0])).toISOString().slice(0, 10));
    };
    // April is not over.
    expect(await get({})).toEqual(['2023-01-01', '2023-02-01', '2023-03-01']);
    expect(await get({ kind: 'mark' })).toEqual(['2023-02-01', '2023-03-01', '2023-04-01']);
    const ofVenue = await source.page({ kind: 'bars', symbol: SYMBOL, intervalMs: MONTH_MS, since: START });
    expect(ofVenue.length).toBeGreaterThan(0);
  });

  it('keeps the jitter of funding stamps', async () => {
    await fetchAll({ kind: 'funding' });
    expect(rows()).toEqual([
      'ts_ms,symbol,funding_rate',
      ...[0, 1, 2].map((n) => `${START + n * 28_800_000 + 5},BTC-PERP,0.00010000`),
    ]);
  });

  it('describes the product exactly', async () => {
    const spec = await source.instrument(SYMBOL);
    expect({
      tick: spec.tick.toString(),
      step: spec.step.toString(),
      minNotional: spec.minNotional.toString(),
      settle: spec.settle,
      contract: spec.contract,
    }).toEqual({ tick: '0.1', step: '0.001', minNotional: '100', settle: 'USDT', contract: 'linear' });
  });

  it('refuses a symbol, a venue and an interval that are not there, by name', async () => {
    await expect(source.page({ kind: 'bars', symbol: 'NOPE', intervalMs: MINUTE, since: START })).rejects.toMatchObject(
      { code: 'VENUE-003' },
    );
    await expect(source.page({ kind: 'bars', symbol: SYMBOL, intervalMs: 61_000, since: START })).rejects.toMatchObject(
      { code: 'VENUE-003' },
    );
    await expect(openCcxtHistory({ venue: 'nowhere' })).rejects.toMatchObject({ code: 'VENUE-003' });
  });
});
