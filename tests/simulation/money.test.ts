import 'reflect-metadata';
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Fill, FundingPayment } from '#src/domain/order.js';
import type { FundingStamp } from '#src/ports/core-services/simulated-exchange.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import { instrument } from '#src/testing/instruments.js';
import { historyOf, openFiles } from '../support/recorded-files.js';
import { backtest, type RunOptions, type TestRun } from '../support/oracle/backtest.js';
import { runDecimalEngine, type OracleResult } from '../support/oracle/decimal-engine.js';
import { hashOfFills } from '../support/oracle/from-engine.js';
import { fusedTerms, OracleView, runFusedLoop } from '../support/oracle/fused-loop.js';
import { decimalBars, OPEN, randomWalk, withClose } from '../support/oracle/market.js';

const REAL = '../shared/data/bars/btc_perp_1m_202201.csv';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const d = (text: string): Decimal => new Decimal(text);

const market = randomWalk(5_000, 11);
/** Few ticks, and marks no finer than they are: closes meet stop levels exactly. */
const coarse = randomWalk(5_000, 12, { start: 4_000, swing: 9 });
/** Every eight hours, some of them milliseconds late, one in mid-bar, one without a rate, and one before the market. */
const stamps: readonly FundingStamp[] = [
  { at: OPEN - 8 * HOUR, rate: d('0.01') },
  ...Array.from({ length: 10 }, (_, i) => ({
    at: OPEN + i * 8 * HOUR + (i % 3) * 7,
    rate:
      i === 4
        ? undefined
        : d('0.0001')
            .times(i % 2 === 0 ? 3 : -1)
            .plus('0.0000137'),
  })),
  { at: OPEN + 31 * HOUR + 30_123, rate: d('-0.00042') },
];

const written = ({ at, side, instrument, lots, price, fee }: Fill): string =>
  `${at} ${side} ${instrument.size(lots).toString()} at ${instrument.price(price).toString()} fee ${instrument.money(fee).toString()}`;
const told = ({ fills }: OracleResult): string[] =>
  fills.map(
    ({ at, side, size, price, fee }) => `${at} ${side} ${size.toString()} at ${price.toString()} fee ${fee.toString()}`,
  );

/** The engine's run and the Decimal engine's, of the same bars under the same terms. */
async function both(
  columns: BarColumns,
  options: RunOptions,
): Promise<{ readonly run: TestRun; readonly oracle: OracleResult }> {
  const run = await backtest(columns, options);
  return {
    run,
    oracle: runDecimalEngine(decimalBars(columns, run.services.instrument), run.terms, options.stamps ?? []),
  };
}

function expectSame({ run, oracle }: { readonly run: TestRun; readonly oracle: OracleResult }): void {
  const { result, services } = run;
  expect(services.exchange.fills.map(written)).toEqual(told(oracle));
  expect(result.equity.end).toBe(oracle.equity.toString());
  expect(result.pnl).toEqual({
    price: oracle.price.toString(),
    fees: oracle.fees.toString(),
    funding: oracle.funding.toString(),
    net: oracle.equity.minus(run.terms.equity).toString(),
  });
  expect(result['position']).toMatchObject({ quantity: oracle.held.toString() });
  expect(result['drawdown']).toMatchObject({
    amount: oracle.drawdown.amount.toString(),
    peak: oracle.drawdown.peak.toString(),
  });
  const paid = (payment: FundingPayment): unknown => [
    payment.at,
    payment.lots === undefined ? undefined : payment.instrument.size(payment.lots).toString(),
    payment.amount === undefined ? undefined : payment.instrument.money(payment.amount).toString(),
  ];
  expect(services.exchange.fundings.map(paid)).toEqual(
    oracle.payments.map(({ at, size, amount }) => [at, size.toString(), amount?.toString()]),
  );
  expect(result['held']).toEqual([expect.objectContaining({ gate: 'warm_up' })]);
}

/** As large as an account may be: limits and equity choose the unit. */
const sized = (equity: number): RunOptions => ({
  equity,
  strategy: { enableShorts: true, targetLeverage: 1, positionFraction: d('0.9') },
  risk: { maxPositionSize: new Decimal(equity), maxPositionPctPerSymbol: d('1'), maxExposurePct: d('1') },
});

const VARIANTS: readonly (readonly [string, RunOptions, BarColumns?])[] = [
  ['long only, as it comes', { stamps }],
  ['both ways with other windows', { strategy: { enableShorts: true, shortMa: 7, longMa: 33 }, stamps }],
  [
    'a band and a confirmation',
    { strategy: { enableShorts: true, crossEpsilonBps: d('3'), crossConfirmBars: 2 }, stamps },
  ],
  ['a tight stop', { strategy: { enableShorts: true, trailingStop: d('0.0037') }, stamps }],
  [
    'a stop on a coarse scale',
    { strategy: { enableShorts: true, trailingStop: d('0.0037') }, spec: { tick: d('10'), step: d('0.000000001') } },
    coarse,
  ],
  ['no stop and a cap', { strategy: { trailingStop: d('0'), maxTradeNotional: d('777.77777777') } }],
  [
    'odd fees, tick and step',
    {
      strategy: { enableShorts: true, shortMa: 3, longMa: 11 },
      spec: { takerFee: d('0.00043219'), tick: d('0.05'), step: d('0.0001') },
      stamps,
    },
  ],
  ['a rebate', { spec: { takerFee: d('-0.00012345') }, stamps }],
  ['an account of a hundred million, in whole units still', { ...sized(1e8), stamps }],
  ['one of 10^12 whose every value is rounded', { ...sized(1e12), stamps }],
];

describe('money over history', () => {
  it.each(VARIANTS)(
    'equals the Decimal engine fill for fill and to the last unit: %s',
    async (_name, options, bars = market) => {
      const runs = await both(bars, options);
      expect(runs.oracle.fills.length).toBeGreaterThan(20);
      expectSame(runs);
    },
  );

  it('equals the fused loop over the same integers', async () => {
    const { services, terms } = await backtest(market, { strategy: { enableShorts: true } });
    const { exchange, portfolio } = services;
    const fused = runFusedLoop(new OracleView(market), fusedTerms(terms));
    expect(fused).toMatchObject({
      fills: exchange.fills.length,
      hash: hashOfFills(exchange.fills),
      equity: portfolio.equity,
      fees: portfolio.ledger.income('fees'),
    });
    expect(fused.fills).toBeGreaterThan(20);
  });

  it("is what the venue's own fills and payments add up to", async () => {
    const { services, result } = await backtest(market, {
      strategy: { enableShorts: true, shortMa: 3, longMa: 40 },
      stamps,
    });
    const { fills, fundings } = services.exchange;
    const books = recomputed(fills, fundings, market, services.instrument.spec.tick);
    expect(services.instrument.money(services.portfolio.equity).toString()).toBe(books.equity.toString());
    expect(result.pnl).toEqual({
      price: books.realised.plus(books.unrealised).toString(),
      fees: books.fees.toString(),
      funding: books.funding.toString(),
      net: books.equity.minus(10_000).toString(),
    });
    expect(fundings.some(({ amount }) => amount !== undefined && amount !== 0)).toBe(true);
  });

  it('leaves two balanced ledgers that say the same', async () => {
    const { services } = await backtest(market, { strategy: { enableShorts: true }, stamps });
    const { ledger } = services.portfolio;
    expect(() => {
      services.portfolio.assertConsistent();
      services.exchange.assertConsistent();
    }).not.toThrow();
    expect(
      ledger.cash + ledger.margin + ledger.deposits + ledger.price + ledger.fees + ledger.funding + ledger.rounding,
    ).toBe(0);
    expect(ledger.income('fees')).toBe(services.exchange.fills.reduce((sum, fill) => sum + fill.fee, 0));
    expect(ledger.income('funding')).toBe(
      services.exchange.fundings.reduce((sum, payment) => sum + (payment.amount ?? 0), 0),
    );
    expect(ledger.income('deposits')).toBe(10_000 * 1e8);
  });
});

describe('the trace of a run', () => {
  let hash: string;
  beforeAll(async () => {
    hash = await hashOf();
  });

  const hashOf = async (columns = market, options: RunOptions = {}): Promise<string> =>
    (await backtest(columns, { stamps, ...options })).result.traceHash;

  it('is the same when the run is repeated', async () => {
    expect(await hashOf()).toBe(hash);
  });

  const last = market.length - 1;
  it.each<readonly [string, BarColumns, RunOptions]>([
    ['one close', withClose(market, last, (market.close[last] as number) + 1), {}],
    ['a fee', market, { spec: { takerFee: d('0.00050001') } }],
    ['a fee that nobody paid', market, { spec: { makerFee: d('0.0003') } }],
    ['a parameter', market, { strategy: { longMa: 21 } }],
    ['a parameter that changed no decision', market, { parameters: { onReduceOnly: 'hold' } }],
    [
      'a funding rate',
      market,
      { stamps: stamps.map((stamp, i) => (i === 3 ? { ...stamp, rate: d('0.0009') } : stamp)) },
    ],
  ])('changes with %s', async (_name, columns, options) => {
    expect(await hashOf(columns, options)).not.toBe(hash);
  });
});

(existsSync(REAL) ? describe : describe.skip)('money over a recorded month of BTC-PERP', () => {
  it('equals the Decimal engine fill for fill and to the last unit', async () => {
    const spec = { ...instrument().spec, tick: d('0.1'), step: d('0.001') };
    const { columns } = historyOf(await openFiles({ [REAL]: readFileSync(REAL) }, { instrument: () => spec }));
    const every8Hours = Array.from({ length: 93 }, (_, i) => ({
      at: 1_640_995_200_000 + i * 8 * HOUR,
      rate: d('0.0001'),
    }));
    const runs = await both(columns, { strategy: { enableShorts: true }, stamps: every8Hours });
    expect(runs.oracle.fills.length).toBeGreaterThan(2_000);
    expectSame(runs);
  });
});

interface Books {
  readonly realised: Decimal;
  readonly unrealised: Decimal;
  readonly fees: Decimal;
  readonly funding: Decimal;
  readonly equity: Decimal;
}

/** Start + realised + fees + funding + unrealised, from the venue's reports alone: what was paid for what is held. */
function recomputed(
  fills: readonly Fill[],
  fundings: readonly FundingPayment[],
  columns: BarColumns,
  tick: Decimal,
): Books {
  let [size, cost, realised, fees, funding] = [d('0'), d('0'), d('0'), d('0'), d('0')];
  for (const fill of fills) {
    const signed = fill.instrument.size(fill.lots).times(fill.side === 'buy' ? 1 : -1);
    const value = signed.times(fill.instrument.price(fill.price));
    fees = fees.plus(fill.instrument.money(fill.fee));
    if (size.isZero()) cost = value;
    else {
      realised = realised.minus(cost).minus(value);
      cost = d('0');
      expect(size.plus(signed).isZero()).toBe(true);
    }
    size = size.plus(signed);
  }
  for (const { amount, instrument } of fundings)
    funding = funding.plus(amount === undefined ? 0 : instrument.money(amount));
  const unrealised = size.times(tick.times(columns.close[columns.length - 1] as number)).minus(cost);
  return {
    realised,
    unrealised,
    fees,
    funding,
    equity: d('10000').plus(realised).plus(unrealised).plus(fees).plus(funding),
  };
}
