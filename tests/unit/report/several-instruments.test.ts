import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Instrument } from '#src/domain/instrument.js';
import type { VenuePosition } from '#src/domain/market.js';
import { venueOrderId, type Fill, type PositionSide } from '#src/domain/order.js';
import { Position } from '#src/domain/position.js';
import { lots, marks, ticks, units, type MarkUnits } from '#src/domain/units.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import type { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { RunRecorder } from '#src/report/run-recorder.js';
import { tearSheet } from '#src/report/tear-sheet.js';
import type { RunRecord } from '#src/report/run-record.js';
import { instrument } from '#src/testing/instruments.js';
import { sampleRun, tradeRow } from './sample-run.js';

const MINUTE = 60_000;
const EQUITY = 1e12;
const btc = instrument();
const eth = instrument({ symbol: 'ETH-PERP' });

/** An account in two instruments whose positions a test sets. */
class Account {
  readonly positions = new Map<string, Position>();
  readonly newest = new Map<string, MarkUnits>();
  venue: readonly Partial<VenuePosition>[] = [];
  private onFill: (fill: Fill) => void = () => {};
  private readonly tracked: Promise<unknown>[] = [];
  readonly recorder: RunRecorder;

  constructor(instruments: readonly Instrument[]) {
    for (const each of instruments) this.positions.set(each.symbol, new Position(each));
    const portfolio = {
      equity: EQUITY,
      lastMark: (symbol: string) => this.newest.get(symbol),
      position: ({ symbol }: Instrument) => this.positions.get(symbol),
      unit: btc.unit,
      onFill: (listener: (fill: Fill) => void) => ((this.onFill = listener), () => {}),
      onPosting: () => () => {},
    };
    this.recorder = new RunRecorder(
      {
        portfolio: portfolio as unknown as Portfolio,
        exchange: { fills: [], fundings: [] },
        pending: { track: (work) => void this.tracked.push(work) },
        broker: { listPositions: async () => this.venue as readonly VenuePosition[] },
        orders: { find: () => undefined, onChange: () => () => {} },
        safety: { onChange: () => () => {} },
      },
      instruments,
      MINUTE,
    );
  }

  deal(each: Instrument, side: 'buy' | 'sell', size: number, price: number, at: number, book?: PositionSide): void {
    this.positions.get(each.symbol)?.apply(side, lots(size), ticks(price), at);
    this.onFill({
      tradeId: `${at}${book ?? ''}`,
      clientId: 'c',
      venueId: venueOrderId('v'),
      instrument: each,
      side,
      lots: lots(size),
      price: ticks(price),
      fee: units(0),
      liquidity: 'taker',
      at,
      ...(book === undefined ? {} : { positionSide: book }),
    });
  }

  async step(at: number, prices: Readonly<Record<string, number>>): Promise<RunRecord> {
    for (const [symbol, price] of Object.entries(prices)) this.newest.set(symbol, marks(price * btc.marksPerTick));
    this.recorder.step(at);
    await Promise.all(this.tracked.splice(0));
    return this.recorder.record();
  }
}

const value = (each: Instrument, price: number, size: number): number =>
  each.notionalAtMark(marks(price * each.marksPerTick), lots(size));

describe('a run over several instruments', () => {
  it('adds exposures and margins up, and shows the nearest liquidation of all', async () => {
    const account = new Account([btc, eth]);
    account.deal(btc, 'buy', 1_000, 1_000, 1);
    account.deal(eth, 'sell', 500, 1_000, 2);
    account.venue = [
      { symbol: btc.symbol, liquidationPrice: btc.price(ticks(500)) },
      { symbol: eth.symbol, liquidationPrice: eth.price(ticks(1_200)) },
    ];
    await account.step(MINUTE, { 'BTC-PERP': 1_000, 'ETH-PERP': 1_000 });
    const { samples, instruments, days } = await account.step(2 * MINUTE, { 'BTC-PERP': 1_100, 'ETH-PERP': 1_000 });
    const [long, short] = [value(btc, 1_100, 1_000), value(eth, 1_000, 500)];
    expect([samples.gross[1], samples.net[1], samples.lots[1]]).toEqual([long + short, long - short, null]);
    expect(samples.margin[1]).toBeCloseTo((btc.margin.maintenance(long) + eth.margin.maintenance(short)) / EQUITY, 6);
    expect(samples.distance).toEqual([null, 0.2]);
    expect(days[0]?.distance).toBe(0.2);
    expect(
      instruments?.map(({ symbol, lots: sizes, net, distance }) => [symbol, sizes[1], net[1], distance[1]]),
    ).toEqual([
      ['BTC-PERP', 1_000, long, Number((600 / 1_100).toPrecision(7))],
      ['ETH-PERP', -500, -short, 0.2],
    ]);
  });

  it('compares with a basket of equal parts, each bought at its first mark', async () => {
    const account = new Account([btc, eth]);
    expect((await account.step(MINUTE, { 'BTC-PERP': 1_000 })).samples.mark).toEqual([100]);
    const { samples, days } = await account.step(2 * MINUTE, { 'BTC-PERP': 1_100, 'ETH-PERP': 2_000 });
    expect(samples.mark[1]).toBeCloseTo(105, 10);
    expect(days[0]?.mark).toBe('105');
    expect((await account.step(3 * MINUTE, { 'ETH-PERP': 1_000 })).samples.mark[2]).toBeCloseTo(80, 10);
  });

  it('keeps one instrument as it was: its mark, its size, and no columns beside the samples', async () => {
    const account = new Account([btc]);
    const { samples, instruments } = await account.step(MINUTE, { 'BTC-PERP': 1_000 });
    expect([samples.mark, samples.lots, instruments]).toEqual([[1_000 * btc.marksPerTick], [0], undefined]);
  });

  it('sees both positions of a hedged account, where their sum says that nothing is held', async () => {
    const account = new Account([btc]);
    account.deal(btc, 'buy', 1_000, 1_000, 1, 'long');
    account.deal(btc, 'sell', 1_000, 1_000, 2, 'short');
    account.venue = [
      { symbol: btc.symbol, positionSide: 'long', liquidationPrice: btc.price(ticks(700)) },
      { symbol: btc.symbol, positionSide: 'short', liquidationPrice: btc.price(ticks(1_100)) },
    ];
    await account.step(MINUTE, { 'BTC-PERP': 1_000 });
    const { samples, trades } = await account.step(2 * MINUTE, { 'BTC-PERP': 1_000 });
    const one = value(btc, 1_000, 1_000);
    expect([samples.gross[1], samples.net[1], samples.distance[1]]).toEqual([2 * one, 0, 0.1]);
    expect(samples.margin[1]).toBeCloseTo((2 * btc.margin.maintenance(one)) / EQUITY, 6);
    expect(trades.map(({ side, closedAt }) => [side, closedAt])).toEqual([
      ['long', null],
      ['short', null],
    ]);
  });

  it('measures the distance from the mark of the venue where the data has one, and how far it is from the last price', async () => {
    const account = new Account([btc]);
    account.deal(btc, 'buy', 10, 1_000, 1);
    account.venue = [{ symbol: btc.symbol, size: new Decimal(1), liquidationPrice: btc.price(ticks(500)) }];
    await account.step(MINUTE, { 'BTC-PERP': 1_000 });
    account.recorder.venueMark(btc.symbol, 800 * btc.marksPerTick);
    const { samples } = await account.step(2 * MINUTE, { 'BTC-PERP': 1_000 });
    expect(samples.divergence).toEqual([null, 0.2]);
    expect(samples.distance).toEqual([null, 0.375]);
  });
});

describe('the page of several instruments', () => {
  const of = (symbol: string, lotsHeld: number, net: number): NonNullable<RunRecord['instruments']>[number] => {
    const { at } = sampleRun().record.samples;
    const column = (each: number): number[] => at.map(() => each);
    return {
      symbol,
      step: '0.001',
      markUnit: '0.01',
      mark: column(5_000_000),
      lots: column(lotsHeld),
      gross: column(Math.abs(net)),
      net: column(net),
      margin: column(0.02),
      distance: column(0.4),
      divergence: at.map(() => null),
    };
  };
  const trades = [
    tradeRow(1, '5', { adverse: 0.03, favourable: 0.07 }),
    tradeRow(2, '-2', { symbol: 'ETH-PERP', adverse: 0.12 }),
  ];
  const text = tearSheet(
    sampleRun({ record: { instruments: [of('BTC-PERP', 200, 1e11), of('ETH-PERP', -400, -3e11)], trades } }),
    new SeededRandom(),
  );

  it('lists what each instrument held, risked and earned, and draws its position', () => {
    const rows = /By instrument<\/h3>.*?<tbody>(.*?)<\/tbody>/s.exec(text)?.[1] ?? '';
    const cells = rows
      .split('</tr>')
      .slice(0, -1)
      .map((row) =>
        row
          .replace(/<[^>]+>/g, '|')
          .split('|')
          .filter((cell) => cell !== ''),
      );
    expect(cells).toEqual([
      ['BTC-PERP', '1,000.00', '0.2', 'none', '2.00 %', '40.00 %', '1', '3.00 %', '7.00 %', '+5'],
      ['ETH-PERP', '3,000.00', 'none', '0.4', '2.00 %', '40.00 %', '1', '12.00 %', '2.00 %', '−2'],
    ]);
    expect(text).toContain('Position in ETH-PERP');
  });

  it('names the symbol of every trade, and what holding means', () => {
    expect(/<table id="trades-list">.*?<tbody>(.*?)<\/tbody>/s.exec(text)?.[1]).toContain('<td>ETH-PERP</td>');
    expect(text).toContain('in equal parts of each instrument');
    expect(text).toContain('Basket at close');
  });
});
