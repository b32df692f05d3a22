import { existsSync, readFileSync } from 'node:fs';
import { parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument } from '#src/domain/instrument.js';
import { OrderRequest } from '#src/domain/order.js';
import { lots, marks, ticks, type Lots, type Ticks } from '#src/domain/units.js';
import { DEPTH_LAST, DEPTH_SNAPSHOT, type DepthColumns } from '#src/data/columns.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { ConfigController } from '#src/ports/configuration/settings/config-controller.js';
import { DeterministicExchange } from '#src/venues/simulated/exchange/deterministic-exchange.js';
import { totalEquity } from '#src/venues/simulated/core/margin.js';
import type { VenueAccount } from '#src/venues/simulated/brokerage/venue.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import { runDenseBook, type TickSession } from '../support/oracle/dense-book.js';
import { runDecimalBook } from '../support/oracle/decimal-book.js';
import { hashOfDecimals, hashOfFills } from '../support/oracle/from-engine.js';
import { decimalSession, generatedSession } from '../support/oracle/l2-session.js';
import { benchMarket } from './market.js';
import { collect, rounded, spreadOf, timeOf } from './method.js';
import { DECIMAL_GOAL, type TickBench } from './trades.js';
import { unitsOf } from '../support/finest.js';

const SHARED = '../shared/data/ticks';
const GENERATED_ROWS = 600_000;
const WARMING = 3;
const ROUNDS = 9;
const MOST_YARDSTICK_MS = 200;
const OUR_LOTS = 2;
/** Rows of depth that the Decimal engine is asked to repeat. */
const PREFIX = 60_000;
export const L2_GOAL = 0.12;

/**
 * Depth and trades through the venue's own book with one resting pair of orders, beside a dense array doing the same.
 */
export async function l2Bench(): Promise<TickBench> {
  const { config } = await benchMarket();
  const session = (await recorded()) ?? generatedSession(GENERATED_ROWS);
  const base = config({});
  const venueOf = (): Venue => new Venue(base, session);
  const expected = runDenseBook(session);
  const first = venueOf().run();
  for (let i = 1; i < WARMING; i += 1) venueOf().run();
  timeOf(() => runDenseBook(session), MOST_YARDSTICK_MS);
  const rounds: { readonly engine: number; readonly reference: number }[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    collect();
    const before = timeOf(() => runDenseBook(session), MOST_YARDSTICK_MS);
    const ms = meanOf(() => venueOf().run().ms, 2 * MOST_YARDSTICK_MS);
    rounds.push({ engine: ms, reference: (before + timeOf(() => runDenseBook(session), MOST_YARDSTICK_MS)) / 2 });
  }
  const events = session.depth.length + session.trades.length;
  const ratio = spreadOf(
    rounds.map(({ engine, reference }) => reference / engine),
    4,
  );
  const perSecond = (ms: readonly number[]): number => Math.round((events / spreadOf(ms, 6).median) * 1_000);
  const rate = perSecond(rounds.map(({ engine }) => engine));
  const decimal = besideDecimals(base, headOf(session, PREFIX), rate);
  const checks = {
    fills: first.fills === expected.fills && expected.fills > 0,
    equity: first.cost === expected.cost && first.held === expected.held,
  };
  return {
    ok:
      checks.fills &&
      checks.equity &&
      decimal.same &&
      decimal.ratio >= DECIMAL_GOAL * 0.9 &&
      ratio.median >= L2_GOAL * 0.9,
    rate,
    reference: perSecond(rounds.map(({ reference }) => reference)),
    ratio,
    ordersPerThousand: rounded((first.orders / events) * 1_000, 4),
    decimal,
    checks,
    events,
    fills: first.fills,
    recorded: session.depth.symbol === BTC,
    goal: L2_GOAL,
  };
}

interface VenueRun {
  readonly ms: number;
  readonly fills: number;
  readonly orders: number;
  readonly cost: number;
  readonly held: number;
  /** Of the fills, and what the account is worth at the end, in settlement units. */
  readonly hash: number;
  readonly equity: number;
}

/**
 * Mean of what runs say they took, over enough of them: one takes some ten milliseconds, and each begins with a new
 * venue.
 */
function meanOf(run: () => number, leastMs: number): number {
  let [sum, runs] = [0, 0];
  for (; sum < leastMs; runs += 1) sum += run();
  return sum / runs;
}

/** The exchange inside alone, and whoever keeps one order on each side of it. */
class Venue {
  private readonly exchange: DeterministicExchange;
  readonly instrument: Instrument;
  private readonly open = { buy: false, sell: false };
  private orders = 0;

  constructor(
    base: BotConfig,
    private readonly session: TickSession,
  ) {
    const { symbol } = session.depth;
    const [known] = Object.values(base.instruments);
    if (known === undefined) throw new Error('The benchmark configuration must describe an instrument.');
    const spec = {
      ...known,
      symbol,
      tick: new Decimal('0.1'),
      step: new Decimal('0.001'),
      minNotional: new Decimal(0),
    };
    this.instrument = new Instrument(spec);
    const current: BotConfig = { ...base, symbols: [symbol], instruments: { [symbol]: spec } };
    this.exchange = new DeterministicExchange(
      { current, onChange: () => () => undefined } as unknown as ConfigController,
      new NoExchangeStore(),
    );
    this.exchange.open();
    this.exchange.onAccount((event) => {
      if (event.kind === 'order' && event.report.status === 'filled')
        this.open[event.clientId.startsWith('b') ? 'buy' : 'sell'] = false;
    });
  }

  run(): VenueRun {
    const { exchange, session } = this;
    const { depth, trades } = session;
    const { symbol } = depth;
    const begin = performance.now();
    let t = 0;
    for (let i = 0; i < depth.length;) {
      const at = depth.at[i] as number;
      for (; t < trades.length && (trades.at[t] as number) < at; t += 1) {
        exchange.trade(
          symbol,
          ticks(trades.price[t] as number),
          lots(trades.size[t] as number),
          trades.at[t] as number,
          (trades.side[t] as number) > 0 ? 'buy' : 'sell',
        );
      }
      exchange.depthBegin(symbol, ((depth.flags[i] as number) & DEPTH_SNAPSHOT) !== 0);
      for (let last = false; !last && i < depth.length; i += 1) {
        exchange.depth(
          symbol,
          (depth.side[i] as number) > 0 ? 'buy' : 'sell',
          ticks(depth.price[i] as number),
          lots(depth.size[i] as number),
        );
        last = ((depth.flags[i] as number) & DEPTH_LAST) !== 0;
      }
      exchange.depthEnd(symbol, at);
      if (!this.open.buy || !this.open.sell) this.replace();
    }
    const ms = performance.now() - begin;
    const signed = exchange.fills.map(({ side, lots: size, price }) => ({
      size: side === 'buy' ? Number(size) : -Number(size),
      price,
    }));
    const [{ account }] = exchange.accounts as [VenueAccount];
    const equity = totalEquity(account, exchange.markets.values());
    return {
      ms,
      hash: hashOfFills(exchange.fills),
      equity,
      fills: signed.length,
      orders: this.orders,
      cost: signed.reduce((sum, { size, price }) => sum + size * price, 0),
      held: signed.reduce((sum, { size }) => sum + size, 0),
    };
  }

  private replace(): void {
    const market = this.exchange.markets.get(this.instrument.symbol);
    if (market?.depth === undefined || !(market.bid < market.ask)) return;
    const { behind } = this.session;
    if (!this.open.buy) this.open.buy = this.put('buy', ticks(market.bid - behind));
    if (!this.open.sell) this.open.sell = this.put('sell', ticks(market.ask + behind));
  }

  private put(side: 'buy' | 'sell', limit: Ticks): boolean {
    this.orders += 1;
    const size: Lots = lots(this.session.lots);
    const result = this.exchange.submit(
      new OrderRequest({
        clientId: `${side === 'buy' ? 'b' : 's'}${this.orders}`,
        instrument: this.instrument,
        side,
        type: 'limit',
        lots: size,
        limit,
        timeInForce: 'GTC',
        postOnly: false,
        reduceOnly: false,
      }),
    );
    if (result.outcome !== 'accepted') throw new Error(`An order of the benchmark was ${JSON.stringify(result)}.`);
    return true;
  }
}

/** The venue and the Decimal engine over the first rows, fill for fill and to the last unit of equity. */
function besideDecimals(base: BotConfig, session: TickSession, rate: number): TickBench['decimal'] {
  const venue = new Venue(base, session);
  const { instrument } = venue;
  const run = venue.run();
  const events = decimalSession(session, instrument);
  const begin = performance.now();
  const told = runDecimalBook(events, {
    makerFee: instrument.spec.makerFee.toString(),
    markSize: instrument.markPrice(marks(1)).toString(),
    equity: base.simulation.equity.toString(),
    size: instrument.size(lots(session.lots)),
    behind: instrument.price(ticks(session.behind)),
  });
  const decimalRate = Math.round(
    ((session.depth.length + session.trades.length) / (performance.now() - begin)) * 1_000,
  );
  const same =
    run.fills > 0 &&
    told.fills.length === run.fills &&
    hashOfDecimals(told.fills, instrument) === run.hash &&
    unitsOf(told.equity, 'nearest') === run.equity;
  return { rate: decimalRate, ratio: rounded(rate / decimalRate, 1), same };
}

/** Whole messages, at least `rows` rows of them where there are as many, and the trades before the last. */
function headOf({ depth, trades, ...ours }: TickSession, rows: number): TickSession {
  let length = Math.min(rows, depth.length);
  while (length < depth.length && ((depth.flags[length - 1] as number) & DEPTH_LAST) === 0) length += 1;
  const end = depth.at[length - 1] as number;
  return {
    ...ours,
    depth: { ...depth, length },
    trades: { ...trades, length: trades.at.filter((at) => at < end).length },
  };
}

const BTC = 'BTCUSDT';
/**
 * Levels farther from the snapshot's middle than this are left out: a dense array of every price there is would be
 * huge.
 */
const WITHIN = 0.1;
const TICK = 0.1;
const STEP = 0.001;

/** The recorded session, from the snapshot on; undefined where the shared data is absent. */
async function recorded(): Promise<TickSession | undefined> {
  const [diffs, tape, rest] = [
    'binance_usdm_BTCUSDT_depth_diff.parquet',
    'binance_trades_20240808.parquet',
    'binance_usdm_BTCUSDT_rest_snapshot.json',
  ].map((name) => `${SHARED}/${name}`) as [string, string, string];
  if (!existsSync(diffs) || !existsSync(tape) || !existsSync(rest)) return undefined;
  const { snapshot } = JSON.parse(readFileSync(rest, 'utf8')) as { snapshot: Snapshot };
  const messages = (await rowsOf(diffs)).filter((row) => Number(row['final_update_id']) >= snapshot.lastUpdateId);
  const middle = Number(snapshot.bids[0]?.[0]);
  const isNear = (price: number): boolean => Math.abs(price / middle - 1) < WITHIN;
  const rows: Level[] = [];
  const levels = (side: 1 | -1, given: readonly (readonly [string, string])[]): Level[] =>
    given.map(([price, size]) => ({ at: snapshot.T, id: -1, side, price: Number(price), size: Number(size) }));
  rows.push(...levels(1, snapshot.bids), ...levels(-1, snapshot.asks));
  for (const row of messages) {
    rows.push({
      at: Number(row['txn_ts_ms']),
      id: Number(row['final_update_id']),
      side: row['side'] === 'bid' ? 1 : -1,
      price: Number(row['price']),
      size: Number(row['qty']),
    });
  }
  const trades = (await rowsOf(tape)).filter(
    (row) => row['market'] === 'usdm' && row['symbol'] === BTC && Number(row['trade_ts_ms']) > snapshot.T,
  );
  return {
    depth: depthOf(rows.filter(({ price }) => isNear(price))),
    trades: {
      symbol: BTC,
      length: trades.length,
      at: Float64Array.from(trades, (row) => Number(row['trade_ts_ms'])),
      price: Float64Array.from(trades, (row) => Math.round(Number(row['price']) / TICK)),
      size: Float64Array.from(trades, (row) => Math.round(Number(row['qty']) / STEP)),
      side: Int8Array.from(trades, (row) => (Number(row['buyer_is_maker']) === 1 ? -1 : 1)),
    },
    lots: OUR_LOTS,
    behind: 0,
  };
}

interface Snapshot {
  readonly lastUpdateId: number;
  readonly T: number;
  readonly bids: readonly (readonly [string, string])[];
  readonly asks: readonly (readonly [string, string])[];
}

interface Level {
  readonly at: number;
  readonly id: number;
  readonly side: 1 | -1;
  readonly price: number;
  readonly size: number;
}

const depthOf = (rows: readonly Level[]): DepthColumns => ({
  symbol: BTC,
  length: rows.length,
  at: Float64Array.from(rows, ({ at }) => at),
  side: Int8Array.from(rows, ({ side }) => side),
  price: Float64Array.from(rows, ({ price }) => Math.round(price / TICK)),
  size: Float64Array.from(rows, ({ size }) => Math.round(size / STEP)),
  flags: Uint8Array.from(
    rows,
    ({ id }, row) => (row === 0 ? DEPTH_SNAPSHOT : 0) | (rows[row + 1]?.id === id ? 0 : DEPTH_LAST),
  ),
});

async function rowsOf(file: string): Promise<Record<string, unknown>[]> {
  const bytes = readFileSync(file);
  let rows: Record<string, unknown>[] = [];
  await parquetRead({
    file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    compressors,
    rowFormat: 'object',
    onComplete: (read) => (rows = read),
  });
  return rows;
}
