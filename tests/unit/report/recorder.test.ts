import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { Ledger, type Posting } from '#src/domain/ledger.js';
import { venueOrderId, type Fill, type FundingPayment, type Order } from '#src/domain/order.js';
import { Position } from '#src/domain/position.js';
import { lots, marks, ticks, units, type MarkUnits } from '#src/domain/units.js';
import type { SafetyChange } from '#src/ports/storage/safety-ladder.js';
import { RunRecorder } from '#src/report/run-recorder.js';
import { RoundTrips } from '#src/report/round-trips.js';
import { emptyStep, MOST_SAMPLES, SampleColumns } from '#src/report/sample-columns.js';
import { instrument } from '#src/testing/instruments.js';

const MINUTE = 60_000;
const btc = instrument();

interface Deal {
  readonly side: 'buy' | 'sell';
  readonly lots: number;
  readonly price: number;
  readonly at: number;
  readonly fee?: number;
  readonly cause?: 'liquidation';
  readonly book?: 'long' | 'short';
}
let trade = 0;
const fill = ({ side, lots: size, price, at, fee = 0, cause, book }: Deal): Fill => ({
  tradeId: `t${(trade += 1)}`,
  clientId: `c${at}`,
  venueId: venueOrderId('v'),
  instrument: btc,
  side,
  lots: lots(size),
  price: ticks(price),
  fee: units(fee),
  liquidity: 'taker',
  at,
  ...(cause === undefined ? {} : { cause }),
  ...(book === undefined ? {} : { positionSide: book }),
});
const payment = (at: number, amount: number, held = 1): FundingPayment => ({
  id: `f${at}`,
  instrument: btc,
  at,
  rate: undefined,
  markPrice: new Decimal(1),
  lots: lots(held),
  amount: units(amount),
});
const CONTEXT = { reason: 'because', stop: undefined };

describe('round trips', () => {
  const trips = (
    deals: readonly Deal[],
    fundings: readonly FundingPayment[] = [],
    mark?: number,
  ): ReturnType<RoundTrips['rows']> => {
    const made = new RoundTrips();
    for (const deal of deals) made.fill(fill(deal), CONTEXT);
    return made.rows(fundings, () => (mark === undefined ? undefined : marks(mark)), 100 * MINUTE);
  };

  it('are one an episode: entries and exits at their averages, first in first out', () => {
    const [row] = trips([
      { side: 'buy', lots: 100, price: 1_000, at: 0, fee: -3 },
      { side: 'buy', lots: 100, price: 1_100, at: 10 * MINUTE, fee: -3 },
      { side: 'sell', lots: 100, price: 1_200, at: 20 * MINUTE, fee: -3 },
      { side: 'sell', lots: 100, price: 1_300, at: 50 * MINUTE, fee: -3 },
    ]);
    const perTickLot = btc.unitsPerTickLot;
    expect(row).toMatchObject({
      id: 1,
      side: 'long',
      openedAt: 0,
      closedAt: 50 * MINUTE,
      quantity: btc.sizeText(lots(200)),
      entry: btc.spec.tick.times(1_050).toString(),
      exit: btc.spec.tick.times(1_250).toString(),
      fills: 4,
      entryReason: 'because',
      exitReason: 'because',
    });
    expect(new Decimal(row?.price ?? 0).times(1e8).toNumber()).toBe(200 * 200 * perTickLot);
    expect(new Decimal(row?.fees ?? 0).times(1e8).toNumber()).toBe(-12);
    // The first hundred were held 20 minutes, the second 40.
    expect(row?.heldMs).toBe(30 * MINUTE);
  });

  it('end and begin again where a fill passes zero, sharing its fee by size', () => {
    const rows = trips([
      { side: 'sell', lots: 100, price: 1_000, at: 0, fee: -10 },
      { side: 'buy', lots: 300, price: 900, at: MINUTE, fee: -31 },
      { side: 'sell', lots: 200, price: 950, at: 2 * MINUTE, fee: -20 },
    ]);
    expect(rows.map((row) => [row.side, row.closedAt, new Decimal(row.fees).times(1e8).toNumber()])).toEqual([
      ['short', MINUTE, -10 - 11],
      ['long', 2 * MINUTE, -20 - 20],
    ]);
  });

  it('own the funding of their time: a stamp at the entry was paid before it, one at the exit belongs to it', () => {
    const rows = trips(
      [
        { side: 'buy', lots: 1, price: 100, at: 10 },
        { side: 'sell', lots: 1, price: 100, at: 20 },
        { side: 'buy', lots: 1, price: 100, at: 20 },
        { side: 'sell', lots: 1, price: 100, at: 30 },
      ],
      [payment(10, -1), payment(15, -2), payment(20, -4), payment(25, -8), payment(40, -16)],
    );
    expect(rows.map((row) => new Decimal(row.funding).times(1e8).toNumber())).toEqual([-6, -8]);
  });

  it('that are open are valued at the last mark and have no exit', () => {
    const [row] = trips([{ side: 'buy', lots: 10, price: 1_000, at: 0 }], [], 1_010 * btc.marksPerTick);
    expect(row).toMatchObject({ closedAt: null, exit: null, heldMs: 100 * MINUTE });
    expect(new Decimal(row?.net ?? 0).times(1e8).toNumber()).toBe(10 * 10 * btc.unitsPerTickLot);
  });

  it('measure how far the mark went for and against, and the profit in units of the risk to the first stop', () => {
    const made = new RoundTrips();
    made.fill(fill({ side: 'buy', lots: 10, price: 1_000, at: 0 }), CONTEXT);
    made.stop('BTC-PERP', ticks(950));
    made.stop('BTC-PERP', ticks(990));
    for (const price of [1_040, 970, 1_100, 1_050]) made.mark('BTC-PERP', marks(price * btc.marksPerTick));
    made.fill(fill({ side: 'sell', lots: 10, price: 1_100, at: 9 }), CONTEXT);
    expect(made.rows([], () => undefined, 9)[0]).toMatchObject({ adverse: 0.03, favourable: 0.1, multiple: 2 });
  });

  it('are apart for the long and the short position of a hedged account, each with its own funding and stop', () => {
    const made = new RoundTrips();
    const deals: readonly Deal[] = [
      { side: 'buy', lots: 10, price: 1_000, at: 0, book: 'long' },
      { side: 'sell', lots: 10, price: 1_000, at: 1, book: 'short' },
      { side: 'sell', lots: 10, price: 1_100, at: 20, book: 'long' },
      { side: 'buy', lots: 10, price: 1_050, at: 30, book: 'short' },
    ];
    for (const deal of deals.slice(0, 2)) made.fill(fill(deal), CONTEXT);
    made.stop('BTC-PERP', ticks(900), 'long');
    made.stop('BTC-PERP', ticks(1_050), 'short');
    for (const deal of deals.slice(2)) made.fill(fill(deal), CONTEXT);
    const rows = made.rows([payment(10, -3, 10), payment(10, 2, -10)], () => undefined, 30);
    expect(
      rows.map((row) => [
        row.side,
        row.openedAt,
        row.closedAt,
        new Decimal(row.funding).times(1e8).toNumber(),
        row.multiple,
      ]),
    ).toEqual([
      ['long', 0, 20, -3, expect.closeTo(1, 4)],
      ['short', 1, 30, 2, expect.closeTo(-1, 4)],
    ]);
  });

  it('say that the venue closed them', () => {
    expect(
      trips([
        { side: 'buy', lots: 1, price: 100, at: 1 },
        { side: 'sell', lots: 1, price: 50, at: 2, cause: 'liquidation' },
      ])[0]?.exitReason,
    ).toBe('liquidation');
  });

  it('add up to the position: the same profit and fees, whatever was filled', () => {
    const deal = fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      lots: fc.integer({ min: 1, max: 50 }),
      price: fc.integer({ min: 100, max: 2_000 }),
      fee: fc.integer({ min: -99, max: 20 }),
    });
    fc.assert(
      fc.property(
        fc.array(deal, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 100, max: 2_000 }),
        (deals, last) => {
          const position = new Position(btc);
          let fees = 0;
          for (const [index, each] of deals.entries()) {
            position.apply(each.side, lots(each.lots), ticks(each.price), index);
            fees += each.fee;
          }
          const mark = marks(last * btc.marksPerTick);
          const rows = trips(
            deals.map((each, at) => ({ ...each, at })),
            [],
            mark,
          );
          const sum = (key: 'price' | 'fees'): number =>
            rows
              .reduce((total, row) => total.plus(row[key]), new Decimal(0))
              .times(1e8)
              .toNumber();
          expect(sum('price')).toBe(position.realised + position.unrealised(mark));
          expect(sum('fees')).toBe(fees);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('samples', () => {
  const of = (equities: readonly number[]): ReturnType<SampleColumns['toSamples']> => {
    const columns = new SampleColumns();
    for (const [at, equity] of equities.entries())
      columns.add({
        ...emptyStep(),
        at,
        equity,
        low: equity,
        high: equity,
        gross: at % 2,
        leverage: 0,
        margin: 0,
        lots: 0,
        net: 0,
      });
    return columns.toSamples(1);
  };

  it('keep every step of a short run', () => {
    expect(of([1, 2, 3])).toMatchObject({ every: 1, at: [0, 1, 2], equity: [1, 2, 3], distance: [null, null, null] });
  });

  it('stay within their memory, and lose no extreme, whatever the length of the run', () => {
    const equities = Array.from({ length: 50_001 }, (_unused, index) =>
      index === 33_333 ? 7 : index === 44_444 ? 9_999 : 100 + (index % 5),
    );
    const samples = of(equities);
    expect(samples.at.length).toBeLessThanOrEqual(MOST_SAMPLES);
    expect(samples.every).toBe(16);
    expect([Math.min(...samples.low), Math.max(...samples.high)]).toEqual([7, 9_999]);
    expect([samples.at.at(-1), samples.equity.at(-1)]).toEqual([50_000, equities.at(-1)]);
    expect(new Set(samples.gross)).toEqual(new Set([1, 0]).add(1));
    for (let i = 1; i < samples.at.length - 1; i += 1)
      expect((samples.at[i] as number) - (samples.at[i - 1] as number)).toBe(16);
  });
});

describe('the recorder', () => {
  type RecordedServices = ConstructorParameters<typeof RunRecorder>[0];
  class Watched {
    readonly ledger = new Ledger();
    readonly position = new Position(btc);
    mark: MarkUnits | undefined;
    asked = 0;
    answer: () => Promise<readonly { symbol: string; liquidationPrice?: Decimal }[]> = async () => [];
    readonly tracked: Promise<unknown>[] = [];
    private fillListener: (fill: Fill) => void = () => {};
    private postingListener: (posting: Posting) => void = () => {};
    private orderListener: (order: Order) => void = () => {};
    safety: (change: SafetyChange) => void = () => {};
    listeners = 0;
    readonly services: RecordedServices = ((own: Watched): RecordedServices => ({
      portfolio: {
        unit: btc.unit,
        get equity() {
          return own.ledger.holdings + (own.mark === undefined ? 0 : own.position.unrealised(own.mark));
        },
        get grossNotional() {
          return own.mark === undefined || own.position.isFlat
            ? 0
            : Math.abs(btc.notionalAtMark(own.mark, own.position.lots));
        },
        lastMark: () => own.mark,
        position: () => own.position,
        onFill: (listener: (fill: Fill) => void) => own.listen(() => (own.fillListener = listener)),
        onPosting: (listener: (posting: Posting) => void) => own.listen(() => (own.postingListener = listener)),
      } as unknown as RecordedServices['portfolio'],
      exchange: { fills: [], fundings: [] },
      pending: { track: (work) => void own.tracked.push(work) },
      orders: {
        find: () => undefined,
        onChange: (listener) => own.listen(() => (own.orderListener = listener as (order: Order) => void)),
      },
      broker: { listPositions: () => ((own.asked += 1), own.answer() as never) },
      safety: { onChange: (listener) => own.listen(() => (own.safety = listener)) },
    }))(this);
    readonly recorder: RunRecorder;

    constructor() {
      this.ledger.move('deposits', 'cash', units(10_000 * 1e8));
      this.recorder = new RunRecorder(this.services, [btc], MINUTE);
    }
    listen(take: () => void): () => void {
      take();
      this.listeners += 1;
      return () => void (this.listeners -= 1);
    }
    order(at: number, reason: string, status: Order['status'] = 'planned'): void {
      this.orderListener({
        request: {
          clientId: `c${at}`,
          symbol: btc.symbol,
          side: 'buy',
          type: 'market',
          lots: lots(100),
          instrument: btc,
        },
        status,
        filled: lots(status === 'filled' ? 100 : 0),
        updatedAt: at,
        origin: { strategy: 's', reason, decidedAt: at - MINUTE },
      } as unknown as Order);
    }
    deal(deal: Deal): void {
      this.position.apply(deal.side, lots(deal.lots), ticks(deal.price), deal.at);
      this.fillListener(fill(deal));
      this.postingListener({} as Posting);
    }
    async step(at: number, price: number): Promise<void> {
      this.mark = marks(price * btc.marksPerTick);
      this.recorder.step(at);
      await Promise.all(this.tracked.splice(0));
    }
  }

  it('keeps what each step was like: equity, exposure, leverage and margin', async () => {
    const own = new Watched();
    await own.step(MINUTE, 1_000);
    own.deal({ side: 'buy', lots: 1_000, price: 1_000, at: MINUTE });
    await own.step(2 * MINUTE, 1_100);
    const { samples, returns } = own.recorder.record();
    const profit = 100 * 1_000 * btc.unitsPerTickLot;
    const value = btc.notionalAtMark(marks(1_100 * btc.marksPerTick), lots(1_000));
    expect(samples).toMatchObject({
      at: [MINUTE, 2 * MINUTE],
      equity: [1e12, 1e12 + profit],
      lots: [0, 1_000],
      gross: [0, value],
      net: [0, value],
    });
    expect(samples.leverage[1]).toBeCloseTo(value / (1e12 + profit), 6);
    expect(samples.margin[1]).toBeCloseTo(btc.margin.maintenance(value) / (1e12 + profit), 6);
    expect(returns).toMatchObject({ count: 2, mean: expect.closeTo(profit / 1e12 / 2, 12) });
  });

  it('asks the venue for its liquidation price after what moves it, and for nothing else', async () => {
    const own = new Watched();
    own.answer = async () => [{ symbol: btc.symbol, liquidationPrice: btc.price(ticks(500)) }];
    own.deal({ side: 'buy', lots: 10, price: 1_000, at: 0 });
    for (let i = 1; i <= 5; i += 1) await own.step(i * MINUTE, 1_000);
    expect(own.asked).toBe(1);
    expect(own.recorder.record().samples.distance).toEqual([null, 0.5, 0.5, 0.5, 0.5]);
    own.deal({ side: 'sell', lots: 10, price: 1_000, at: 6 * MINUTE });
    await own.step(6 * MINUTE, 1_000);
    expect(own.asked).toBe(1);
    expect(own.recorder.record().samples.distance.at(-1)).toBeNull();
  });

  it('does not know the distance when the venue cannot tell: never zero, never infinite', async () => {
    const own = new Watched();
    own.answer = () => Promise.reject(new Error('down'));
    own.deal({ side: 'buy', lots: 10, price: 1_000, at: 0 });
    await own.step(MINUTE, 1_000);
    await own.step(2 * MINUTE, 1_000);
    expect(own.recorder.record().samples.distance).toEqual([null, null]);
    expect(own.recorder.record().days[0]?.distance).toBeNull();
  });

  it('compares a fill with the mark of its decision, costs positive on both sides', async () => {
    const own = new Watched();
    await own.step(MINUTE, 1_000);
    own.order(2 * MINUTE, 'cross up');
    own.deal({ side: 'buy', lots: 100, price: 1_010, at: 2 * MINUTE });
    own.order(3 * MINUTE, 'cross down');
    own.deal({ side: 'sell', lots: 100, price: 990, at: 3 * MINUTE });
    const cost = btc.money(units(10 * 100 * btc.unitsPerTickLot)).toString();
    expect(own.recorder.record().fills).toMatchObject([
      {
        side: 'buy',
        reason: 'cross up',
        decision: btc.spec.tick.times(1_000).toString(),
        slippage: cost,
        waitMs: MINUTE,
      },
      { side: 'sell', reason: 'cross down', slippage: cost },
    ]);
    expect(own.recorder.record().fills[0]?.slippageBps).toBeCloseTo((10 / 1_010) * 1e4, 2);
  });

  it('does not compare a fill that no decision stands behind', () => {
    const own = new Watched();
    own.deal({ side: 'buy', lots: 1, price: 1_000, at: 1, cause: 'liquidation' });
    const { fills, events } = own.recorder.record();
    expect(fills[0]).toMatchObject({
      decision: null,
      slippage: null,
      slippageBps: null,
      waitMs: null,
      reason: 'liquidation',
    });
    expect(events).toEqual([{ at: 1, what: 'liquidation', detail: expect.stringMatching(/^buy .* BTC-PERP at /) }]);
  });

  it('counts orders by outcome, and how long one was unknown', () => {
    const own = new Watched();
    own.order(1, 'a');
    own.order(2, 'b');
    own.order(1, 'a', 'filled');
    own.order(2, 'b', 'unknown');
    own.order(2, 'b', 'unknown');
    own.order(2, 'b', 'cancelled');
    expect(own.recorder.record().orders).toEqual({
      outcomes: { filled: 1, cancelled: 1 },
      byType: { market: 2 },
      ordered: 200,
      filled: 100,
      unknown: 1,
      unknownMs: 0,
    });
  });

  it('has one row a day with its exact extremes; midnight belongs to the day that ends', async () => {
    const own = new Watched();
    own.deal({ side: 'buy', lots: 1_000, price: 1_000, at: 0 });
    const day = 86_400_000;
    for (const [at, price] of [
      [MINUTE, 1_000],
      [2 * MINUTE, 900],
      [day, 1_000],
      [day + MINUTE, 1_200],
    ] as const)
      await own.step(at, price);
    const { days } = own.recorder.record();
    const move = (tick: number): string => btc.money(units(1e12 + tick * 1_000 * btc.unitsPerTickLot)).toString();
    expect(days).toMatchObject([
      { day: '1970-01-01', open: '10000', low: move(-100), high: move(0), close: move(0), exposed: 1 },
      { day: '1970-01-02', open: move(0), close: move(200), high: move(200) },
    ]);
  });

  it('notes the safety state, and lets go of everything when it is closed', () => {
    const own = new Watched();
    own.safety({ at: 5, from: 'NORMAL', to: 'REDUCE_ONLY', reason: 'drawdown', actor: 'system' });
    expect(own.recorder.record().events).toEqual([
      { at: 5, what: 'safety', detail: 'NORMAL to REDUCE_ONLY: drawdown' },
    ]);
    expect(own.listeners).toBe(4);
    own.recorder.close();
    expect(own.listeners).toBe(0);
  });
});
