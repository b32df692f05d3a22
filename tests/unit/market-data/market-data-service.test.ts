import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { fault } from '#src/domain/errors.js';
import type { Quote } from '#src/domain/market.js';
import { lots, ticks } from '#src/domain/units.js';
import { marketParts, spec, type MarketParts } from '../../support/market-parts.js';

const d = (text: string): Decimal => new Decimal(text);
const marksOf = (parts: MarketParts, symbol = 'BTC-PERP'): string[] => parts.windows.read(symbol).map(String);

describe('MarketDataService polling', () => {
  it("puts one mark per symbol into window, freshness and portfolio, with the quote's own time", async () => {
    const parts = await marketParts(['BTC-PERP', 'ETH-PERP']);
    parts.quote('BTC-PERP', '50000.5', parts.clock.now() - 300);
    parts.quote('ETH-PERP', '2500');

    await parts.marketData.updateMarks();

    expect([marksOf(parts), marksOf(parts, 'ETH-PERP')]).toEqual([['50000.5'], ['2500']]);
    expect(parts.freshness.lastUpdate('BTC-PERP')).toBe(parts.clock.now() - 300);
    expect(parts.freshness.lastUpdate('ETH-PERP')).toBe(parts.clock.now());
    expect(parts.portfolio.marks.map(([symbol]) => symbol)).toEqual(['BTC-PERP', 'ETH-PERP']);
  });

  it.each<[string, Quote | null | Error]>([
    ['an exception', new Error('offline')],
    ['no quote', null],
    ['no price', { symbol: 'BTC-PERP' }],
    ['only a bid', { symbol: 'BTC-PERP', bid: d('1') }],
    ['a price of zero', { symbol: 'BTC-PERP', last: d('0') }],
    ['a negative price', { symbol: 'BTC-PERP', last: d('-1') }],
    ['a price that is not a number', { symbol: 'BTC-PERP', last: d('NaN') }],
    ['an infinite price', { symbol: 'BTC-PERP', last: d('Infinity') }],
    ['a bad last price beside good bid and ask', { symbol: 'BTC-PERP', last: d('0'), bid: d('1'), ask: d('2') }],
    ['a crossed zero book', { symbol: 'BTC-PERP', bid: d('0'), ask: d('2') }],
    ['a price below half a mark unit', { symbol: 'BTC-PERP', last: d('1e-9') }],
    ['a time that is not a number', { symbol: 'BTC-PERP', last: d('1'), at: Number.NaN }],
  ])('logs %s of one symbol as an error naming it, counts it, and updates the others', async (_name, answer) => {
    const parts = await marketParts(['BTC-PERP', 'ETH-PERP']);
    parts.broker.quotes.set('BTC-PERP', answer as Quote);
    parts.quote('ETH-PERP', '2500');

    await parts.marketData.updateMarks();

    expect([marksOf(parts), marksOf(parts, 'ETH-PERP')]).toEqual([[], ['2500']]);
    expect(parts.logger.at('error')).toEqual(['Mark of BTC-PERP could not be updated']);
    expect(parts.freshness.lastUpdate('BTC-PERP')).toBeUndefined();
    expect(parts.marketData.status()).toMatchObject({ failed_polls: 1, stale_polls: 0 });
  });

  it('says once that a market has not opened, and counts no failure of it, until it had a price', async () => {
    const parts = await marketParts(['BTC-PERP', 'ETH-PERP']);
    const closed = (): void =>
      void parts.broker.quotes.set('BTC-PERP', fault('DATA-008', 'No price of BTC-PERP has been seen yet.'));
    closed();
    parts.quote('ETH-PERP', '2500');
    await parts.marketData.updateMarks();
    await parts.marketData.updateMarks();
    const said = 'BTC-PERP has no price yet';
    expect([marksOf(parts), marksOf(parts, 'ETH-PERP').length]).toEqual([[], 2]);
    expect(parts.logger.at('info').filter((line) => line === said)).toHaveLength(1);
    expect(parts.logger.at('error')).toEqual([]);
    expect(parts.marketData.status()).toMatchObject({ failed_polls: 0 });

    parts.quote('BTC-PERP', '100');
    await parts.marketData.updateMarks();
    closed();
    await parts.marketData.updateMarks();
    expect(marksOf(parts)).toEqual(['100']);
    expect(parts.logger.at('info').filter((line) => line === said)).toHaveLength(2);
  });

  it('uses the middle of bid and ask when there is no last price', async () => {
    const parts = await marketParts();
    parts.broker.quotes.set('BTC-PERP', { symbol: 'BTC-PERP', bid: d('100'), ask: d('100.1') });

    await parts.marketData.updateMarks();

    expect(marksOf(parts)).toEqual(['100.05']);
  });

  it('leaves out a poll that is older than the newest mark, and counts it', async () => {
    const parts = await marketParts();
    const now = parts.clock.now();
    parts.marketData.acceptMark('BTC-PERP', parts.catalogue.instrument('BTC-PERP').toMarks(d('101')), now - 100);
    parts.quote('BTC-PERP', '100', now - 101);
    await parts.marketData.updateMarks();
    parts.quote('BTC-PERP', '102', now - 100);
    await parts.marketData.updateMarks();

    expect(marksOf(parts)).toEqual(['101', '102']);
    expect(parts.freshness.lastUpdate('BTC-PERP')).toBe(now - 100);
    expect(parts.marketData.status()).toMatchObject({ stale_polls: 1 });
  });

  it('does not believe a venue time in the future, which would keep a dead mark fresh', async () => {
    const parts = await marketParts();
    parts.quote('BTC-PERP', '100', parts.clock.now() + 86_400_000);

    await parts.marketData.updateMarks();

    expect(parts.freshness.lastUpdate('BTC-PERP')).toBe(parts.clock.now());
  });

  it('asks for several symbols at once, but for no more than four', async () => {
    const symbols = Array.from({ length: 10 }, (_, i) => `S${i}-PERP`);
    const parts = await marketParts(symbols);
    let inFlight = 0;
    let most = 0;
    parts.broker.getQuote = async (symbol) => {
      most = Math.max(most, (inFlight += 1));
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
      return { symbol, last: d('5') };
    };

    await parts.marketData.updateMarks();

    expect(most).toBe(4);
    expect(symbols.map((symbol) => parts.windows.find(symbol)?.length)).toEqual(symbols.map(() => 1));
  });

  it('begins no request and accepts no mark after the abort', async () => {
    const symbols = Array.from({ length: 6 }, (_, i) => `S${i}-PERP`);
    const parts = await marketParts(symbols);
    const controller = new AbortController();
    const asked: string[] = [];
    parts.broker.getQuote = (symbol) => {
      asked.push(symbol);
      controller.abort();
      return Promise.resolve({ symbol, last: d('5') });
    };

    await parts.marketData.updateMarks(controller.signal);

    expect(asked).toHaveLength(1);
    expect(parts.portfolio.marks).toEqual([]);
  });

  it('keeps the newest max(short, long) + 5 marks, and more where a strategy looks back further', async () => {
    const parts = await marketParts();
    const window = parts.windows.find('BTC-PERP')!;
    expect(window.capacity).toBe(25);

    for (let i = 1; i <= 40; i += 1) {
      parts.quote('BTC-PERP', String(i));
      await parts.marketData.updateMarks();
    }
    expect(marksOf(parts)).toEqual(Array.from({ length: 25 }, (_, i) => String(16 + i)));

    parts.strategies.lookback = 61;
    await parts.marketData.updateMarks();
    expect(window.capacity).toBe(61);
    expect(window.length).toBe(26);
  });

  it('sizes windows by the rules of each symbol (B-14)', async () => {
    const parts = await marketParts(['BTC-PERP', 'ETH-PERP'], {
      strategy: { perSymbol: { 'BTC-PERP': { shortMa: 10, longMa: 60 } } },
    });

    expect([parts.windows.find('BTC-PERP')!.capacity, parts.windows.find('ETH-PERP')!.capacity]).toEqual([65, 25]);
    expect([parts.series.find('BTC-PERP')!.capacity, parts.series.find('BTC-PERP')!.intervalMs]).toEqual([65, 5_000]);
  });

  it('gives the series room for the volatility breaker too', async () => {
    const volatility = {
      enabled: true,
      window: 90,
      warning: d('0.1'),
      reduceOnly: d('0.2'),
      kill: d('0.3'),
      cooldownMs: 1,
    };
    const parts = await marketParts(['BTC-PERP'], { risk: { volatility } });

    expect([parts.series.find('BTC-PERP')!.capacity, parts.windows.find('BTC-PERP')!.capacity]).toEqual([91, 25]);
  });
});

describe('MarketDataService and its symbols', () => {
  it('follows a configuration change: new symbols get windows, removed ones lose everything (B-11)', async () => {
    const parts = await marketParts(['BTC-PERP', 'ETH-PERP']);
    parts.quote('BTC-PERP', '1');
    parts.quote('ETH-PERP', '2');
    parts.quote('SOL-PERP', '3');
    parts.broker.products.push(spec('SOL-PERP'));
    await parts.catalogue.refresh();
    await parts.marketData.updateMarks();

    parts.change({ symbols: ['ETH-PERP', 'SOL-PERP'] });
    await parts.marketData.updateMarks();

    expect(parts.windows.symbols()).toEqual(['ETH-PERP', 'SOL-PERP']);
    expect([marksOf(parts, 'ETH-PERP'), marksOf(parts, 'SOL-PERP')]).toEqual([['2', '2'], ['3']]);
    expect([parts.freshness.lastUpdate('BTC-PERP'), parts.series.find('BTC-PERP')]).toEqual([undefined, undefined]);
    expect(Object.keys(parts.monitor.status()['symbols'] as object)).toEqual(['ETH-PERP', 'SOL-PERP']);
  });

  it('goes on marking a removed symbol while its position is open', async () => {
    const parts = await marketParts(['BTC-PERP', 'ETH-PERP']);
    const position = parts.portfolio.hold(parts.catalogue.instrument('BTC-PERP'));
    position.apply('buy', lots(5), ticks(1_000), 1);
    parts.quote('BTC-PERP', '1');
    parts.quote('ETH-PERP', '2');

    parts.change({ symbols: ['ETH-PERP'] });
    await parts.marketData.updateMarks();
    expect(marksOf(parts)).toEqual(['1']);
    expect(parts.logger.at('warn').join()).toContain('open position');

    position.apply('sell', lots(5), ticks(1_000), 2);
    parts.change({ symbols: ['ETH-PERP'] });
    expect(parts.windows.symbols()).toEqual(['ETH-PERP']);
  });

  it('does not bring a symbol back whose quote was on the way when it was removed', async () => {
    const parts = await marketParts(['BTC-PERP', 'ETH-PERP']);
    parts.quote('ETH-PERP', '2');
    let answer!: (quote: Quote) => void;
    parts.broker.getQuote = (symbol) =>
      symbol === 'BTC-PERP' ? new Promise((resolve) => (answer = resolve)) : Promise.resolve({ symbol, last: d('2') });

    const polling = parts.marketData.updateMarks();
    parts.change({ symbols: ['ETH-PERP'] });
    answer({ symbol: 'BTC-PERP', last: d('1') });
    await polling;

    expect(parts.windows.symbols()).toEqual(['ETH-PERP']);
    expect(parts.portfolio.marks.map(([symbol]) => symbol)).toEqual(['ETH-PERP']);
  });

  it('makes no window for a symbol the venue does not confirm, and says so', async () => {
    const parts = await marketParts(['BTC-PERP']);
    parts.marketData.setSymbols(['BTC-PERP', 'DOGE-PERP']);

    expect(parts.windows.symbols()).toEqual(['BTC-PERP']);
    expect(parts.logger.at('warn')).toEqual(['DOGE-PERP is not a product of the venue and gets no marks']);
  });

  it('keeps the old windows and tells the log when a new configuration cannot be followed', async () => {
    const parts = await marketParts(['BTC-PERP']);
    parts.strategies.lookbackFor = () => {
      throw new Error('unknown strategy');
    };

    expect(() => parts.change({ symbols: ['BTC-PERP'] })).not.toThrow();
    expect(parts.windows.symbols()).toEqual(['BTC-PERP']);
    expect(parts.logger.at('error')).toEqual(['Mark windows could not follow the new configuration']);
  });

  it('shows the shared lock and windows', async () => {
    const parts = await marketParts();

    expect(parts.marketData.markLock).toBe(parts.lock);
    expect(parts.marketData.windows).toBe(parts.windows);
  });
});

describe('MarketDataService warm-up', () => {
  const MINUTE = 60_000;
  const setup = async (): Promise<MarketParts & { minutes: (count: number, endAt?: number) => void }> => {
    const parts = await marketParts(['BTC-PERP', 'ETH-PERP'], { updateIntervalMs: MINUTE });
    const minutes = (count: number, endAt = parts.clock.now()): void => {
      parts.broker.candles = Array.from({ length: count }, (_, i) => {
        const price = d(String(count - i));
        return { openAt: endAt - (i + 1) * MINUTE, open: price, high: price, low: price, close: price, volume: d('1') };
      }).reverse();
    };
    return Object.assign(parts, { minutes });
  };

  it('fills windows and series with closes at the time of the close, when it starts', async () => {
    const parts = await setup();
    parts.minutes(3);

    await parts.marketData.start();

    const series = parts.series.find('BTC-PERP')!;
    expect(marksOf(parts)).toEqual(['1', '2', '3']);
    expect([series.length, series.lastAt, series.at(0)]).toEqual([
      3,
      parts.clock.now(),
      parts.windows.find('BTC-PERP')!.last,
    ]);
  });

  it('is no mark: freshness and portfolio wait for a real one', async () => {
    const parts = await setup();
    parts.minutes(3);

    await parts.marketData.warmUp();

    expect([parts.freshness.lastUpdate('BTC-PERP'), parts.portfolio.marks]).toEqual([undefined, []]);
  });

  it('uses closed candles only, and none from before a hole (B-41)', async () => {
    const parts = await setup();
    parts.minutes(6, parts.clock.now() + MINUTE);
    parts.broker.candles = parts.broker.candles.filter((_candle, i) => i !== 2);

    await parts.marketData.warmUp();

    expect(marksOf(parts)).toEqual(['4', '5']);
  });

  it('uses nothing when the newest candle is long past', async () => {
    const parts = await setup();
    parts.minutes(5, parts.clock.now() - 2 * MINUTE);

    await parts.marketData.warmUp();

    expect(marksOf(parts)).toEqual([]);
    expect(parts.logger.at('warn')).toContain('BTC-PERP starts with 0 of 25 values');
  });

  it('warns about a symbol whose candles cannot be had, and warms the others', async () => {
    const parts = await setup();
    parts.minutes(2);
    const candles = parts.broker.candles;
    let calls = 0;
    parts.broker.getCandles = () =>
      (calls += 1) === 1 ? Promise.reject(new Error('no candles')) : Promise.resolve(candles);

    await parts.marketData.warmUp();

    expect([marksOf(parts), marksOf(parts, 'ETH-PERP')]).toEqual([[], ['1', '2']]);
    expect(parts.logger.at('warn')).toContain('BTC-PERP could not be warmed up');
  });

  it('leaves alone what already has values', async () => {
    const parts = await setup();
    parts.minutes(2);
    parts.quote('BTC-PERP', '9');
    parts.quote('ETH-PERP', '9');
    await parts.marketData.updateMarks();

    await parts.marketData.warmUp();
    await parts.marketData.warmUp();

    expect(marksOf(parts)).toEqual(['9']);
    expect(parts.series.find('BTC-PERP')!.length).toBe(2);
  });
});
