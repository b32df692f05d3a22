import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { openBacktest } from '#di/backtest.js';
import { SimulatedExchange } from '#src/ports/core-services/simulated-exchange.js';
import { Decimal } from '#src/domain/decimal.js';
import type { Instrument } from '#src/domain/instrument.js';
import { OrderRequest, type Fill, type Side } from '#src/domain/order.js';
import { lots, marks, ticks } from '#src/domain/units.js';
import type { Feed, TradeColumns } from '#src/data/columns.js';
import { totalEquity } from '#src/venues/simulated/core/margin.js';
import type { SimulatedVenue } from '#src/venues/simulated/brokerage/venue.js';
import { historyConfig } from '../support/oracle/backtest.js';
import { runDecimalBook } from '../support/oracle/decimal-book.js';
import type { OracleFill } from '../support/oracle/decimal-engine.js';
import { runDecimalTrades, type OracleTrade } from '../support/oracle/decimal-trades.js';
import type { TickSession } from '../support/oracle/dense-book.js';
import { termsOf } from '../support/oracle/from-engine.js';
import { decimalSession, generatedSession } from '../support/oracle/l2-session.js';
import { OPEN, randomWalk, seeded } from '../support/oracle/market.js';
import { moneyOf } from '../support/finest.js';

const STEP = 1_000;
const MODES = ['fast', 'step'] as const;
type Mode = (typeof MODES)[number];

const config = historyConfig(randomWalk(10, 31), {
  strategy: { enableShorts: true, trailingStop: new Decimal('0.004') },
});
const stepped = { ...config, updateIntervalMs: STEP };

/** Trades at most `apart` ms from each other, of up to `largest` lots. */
function tape(length: number, seed: number, largest: number, apart: number): TradeColumns {
  const random = seeded(seed);
  const [at, price, size, side] = [
    new Float64Array(length),
    new Float64Array(length),
    new Float64Array(length),
    new Int8Array(length),
  ];
  let [now, value] = [OPEN, 500_000];
  for (let i = 0; i < length; i += 1) {
    now += Math.floor(random() * apart);
    value += Math.round((random() - 0.5) * 300);
    [at[i], price[i], size[i], side[i]] = [now, value, 1 + Math.floor(random() * largest), random() < 0.5 ? 1 : -1];
  }
  return { symbol: 'BTC-PERP', length, at, price, size, side };
}

const decimals = ({ length, at, price, size }: TradeColumns, { spec }: Instrument): OracleTrade[] =>
  Array.from({ length }, (_, i) => ({
    at: at[i] as number,
    price: spec.tick.times(price[i] as number),
    size: spec.step.times(size[i] as number),
  }));

const ofEngine = ({ at, side, instrument, lots: size, price, fee }: Fill): string =>
  [at, side, instrument.size(size), instrument.price(price), instrument.money(fee)].map(String).join(' ');
const ofOracle = ({ at, side, size, price, fee }: OracleFill): string =>
  [at, side, size, price, fee].map(String).join(' ');

describe('public trades through the whole container, beside decimals alone', () => {
  const same = async (trades: TradeColumns, mode: Mode): Promise<{ readonly fills: readonly OracleFill[] }> => {
    const session = await openBacktest(stepped, { mode, startAt: OPEN });
    try {
      const { runner } = session;
      const instrument = runner.instrument('BTC-PERP');
      await runner.run([{ kind: 'trades', columns: trades }], {
        mode,
        parameters: {},
      });
      const told = runDecimalTrades(decimals(trades, instrument), termsOf(stepped, instrument), STEP);
      expect(runner.watched.exchange.fills.map(ofEngine)).toEqual(told.fills.map(ofOracle));
      expect(moneyOf(runner.watched.portfolio.equity).toString()).toBe(told.equity.toString());
      return told;
    } finally {
      await session.close();
    }
  };

  it.each(MODES)('fills whole orders alike, to the last unit, in %s mode', async (mode) => {
    const { fills } = await same(tape(15_000, 3, 1_000_000, 200), mode);
    expect(fills.length).toBeGreaterThan(10);
  });

  it.each(MODES)('fills orders larger than the trades they meet alike, to the last unit, in %s mode', async (mode) => {
    const { fills } = await same(tape(15_000, 4, 40, 200), mode);
    expect(new Set(fills.map(({ size }) => size.toString())).size).toBeGreaterThan(5);
    expect(fills.length).toBeGreaterThan(20);
  });

  it('waits over intervals without a trade as the decimals do', async () => {
    const { fills } = await same(tape(6_000, 5, 40, 4_000), 'fast');
    expect(fills.length).toBeGreaterThan(20);
  });
});

describe('a pair of resting orders in recorded depth, beside decimals alone', () => {
  /** The pair is kept by whoever is told of the bot's steps; the bot itself must not trade. */
  const same = async (given: TickSession, mode: Mode): Promise<{ readonly fills: readonly OracleFill[] }> => {
    const base = historyConfig(randomWalk(10, 31), { strategy: { disableNewEntries: true } });
    const quiet = {
      ...base,
      updateIntervalMs: STEP,
      simulation: { ...base.simulation, equity: new Decimal(10_000_000) },
    };
    const session = await openBacktest(quiet, { mode, startAt: given.depth.at[0] as number });
    try {
      const { runner, container } = session;
      const instrument = runner.instrument('BTC-PERP');
      const venue = container.get(SimulatedExchange) as SimulatedVenue;
      const pair = new Pair(venue, instrument, given);
      const feeds: Feed[] = [
        { kind: 'depth', columns: given.depth },
        { kind: 'trades', columns: given.trades },
      ];
      await runner.run(feeds, {
        mode,
        parameters: {},
        watcher: { step: () => pair.renew() },
      });
      const { spec } = instrument;
      const told = runDecimalBook(decimalSession(given, instrument), {
        makerFee: spec.makerFee.toString(),
        markSize: instrument.markPrice(marks(1)).toString(),
        equity: quiet.simulation.equity.toString(),
        unit: `1e-${instrument.unit.digits}`,
        size: instrument.size(lots(given.lots)),
        behind: instrument.price(ticks(given.behind)),
        stepMs: STEP,
      });
      expect(venue.fills.map(ofEngine)).toEqual(told.fills.map(ofOracle));
      const { account } = venue.accounts[0] as SimulatedVenue['accounts'][number];
      expect(account.unit.of(totalEquity(account, venue.markets.values())).toString()).toBe(told.equity.toString());
      return told;
    } finally {
      await session.close();
    }
  };

  it.each(MODES)('fills them alike, to the last unit, in %s mode', async (mode) => {
    const { fills } = await same(generatedSession(20_000, 25), mode);
    expect(fills.length).toBeGreaterThan(20);
    expect(fills.some(({ size }) => size.lt('0.025'))).toBe(true);
  });
});

/** One order a side behind the best price, put again at the step after it is gone. */
class Pair {
  private sent = 0;
  private readonly open = new Map<Side, string>();

  constructor(
    private readonly venue: SimulatedVenue,
    private readonly instrument: Instrument,
    private readonly given: TickSession,
  ) {}

  renew(): void {
    const market = this.venue.markets.get(this.instrument.symbol);
    if (market === undefined || !(market.bid < market.ask)) return;
    this.put('buy', market.bid - this.given.behind);
    this.put('sell', market.ask + this.given.behind);
  }

  private put(side: Side, limit: number): void {
    const { venue, instrument } = this;
    const clientId = this.open.get(side);
    if (clientId !== undefined && venue.find({ clientId, symbol: instrument.symbol })?.isOpen === true) return;
    this.sent += 1;
    this.open.set(side, `pair-${this.sent}`);
    const request = new OrderRequest({
      clientId: `pair-${this.sent}`,
      instrument,
      side,
      type: 'limit',
      lots: lots(this.given.lots),
      limit: ticks(limit),
      timeInForce: 'GTC',
      postOnly: false,
      reduceOnly: false,
    });
    expect(venue.submit(request)).toMatchObject({ outcome: 'accepted' });
  }
}
