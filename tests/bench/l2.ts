import { existsSync, readFileSync } from 'node:fs';
import { parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument } from '#src/domain/instrument.js';
import { OrderRequest } from '#src/domain/order.js';
import { lots, ticks, type Lots, type Ticks } from '#src/domain/units.js';
import { DEPTH_LAST, DEPTH_SNAPSHOT, type DepthColumns, type TradeColumns } from '#src/research/columns.js';
import type { BotConfig, ConfigController } from '#src/ports/settings.js';
import { SimulatedExchangeImpl } from '#src/venues/simulated/exchange.js';
import { NoExchangeStore } from '#src/venues/simulated/no-exchange-store.js';
import { runDenseBook, type TickSession } from '../support/oracle/dense-book.js';
import { benchMarket } from './market.js';
import { collect, rounded, spreadOf, timeOf } from './method.js';
import type { TickBench } from './trades.js';

const SHARED = '../shared/data/ticks';
const GENERATED_ROWS = 600_000;
const WARMING = 3;
const ROUNDS = 9;
const MOST_YARDSTICK_MS = 200;
const OUR_LOTS = 2;
export const L2_GOAL = 0.12;

/** Depth and trades through the venue's own book with one resting pair of orders, beside a dense array doing the same. */
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
    const { ms } = venueOf().run();
    rounds.push({ engine: ms, reference: (before + timeOf(() => runDenseBook(session), MOST_YARDSTICK_MS)) / 2 });
  }
  const events = session.depth.length + session.trades.length;
  const ratio = spreadOf(rounds.map(({ engine, reference }) => reference / engine), 4);
  const perSecond = (ms: readonly number[]): number => Math.round((events / spreadOf(ms, 6).median) * 1_000);
  const checks = { fills: first.fills === expected.fills && expected.fills > 0, equity: first.cost === expected.cost && first.held === expected.held };
  return {
    ok: checks.fills && checks.equity && ratio.median >= L2_GOAL * 0.9,
    rate: perSecond(rounds.map(({ engine }) => engine)),
    reference: perSecond(rounds.map(({ reference }) => reference)),
    ratio,
    ordersPerThousand: rounded((first.orders / events) * 1_000, 4),
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
}

/** The exchange inside alone, and whoever keeps one order on each side of it. */
export class Venue {
  private readonly exchange: SimulatedExchangeImpl;
  private readonly instrument: Instrument;
  private readonly open = { buy: false, sell: false };
  private orders = 0;

  constructor(
    base: BotConfig,
    private readonly session: TickSession,
  ) {
    const { symbol } = session.depth;
    const [known] = Object.values(base.instruments);
    if (known === undefined) throw new Error('The benchmark configuration must describe an instrument.');
    const spec = { ...known, symbol, tick: new Decimal('0.1'), step: new Decimal('0.001'), minNotional: new Decimal(0) };
    this.instrument = new Instrument(spec);
    const current: BotConfig = { ...base, symbols: [symbol], instruments: { [symbol]: spec } };
    this.exchange = new SimulatedExchangeImpl({ current, onChange: () => () => undefined } as unknown as ConfigController, new NoExchangeStore());
    this.exchange.open();
    this.exchange.onAccount((event) => {
      if (event.kind === 'order' && event.report.status === 'filled') this.open[event.clientId.startsWith('b') ? 'buy' : 'sell'] = false;
    });
  }

  run(): VenueRun {
    const { exchange, session } = this;
    const { depth, trades } = session;
    const { symbol } = depth;
    const begin = performance.now();
    let t = 0;
    for (let i = 0; i < depth.length; ) {
      const at = depth.at[i] as number;
      for (; t < trades.length && (trades.at[t] as number) < at; t += 1) {
        exchange.trade(symbol, ticks(trades.price[t] as number), lots(trades.size[t] as number), trades.at[t] as number, (trades.side[t] as number) > 0 ? 'buy' : 'sell');
      }
      exchange.depthBegin(symbol, ((depth.flags[i] as number) & DEPTH_SNAPSHOT) !== 0);
      for (let last = false; !last && i < depth.length; i += 1) {
        exchange.depth(symbol, (depth.side[i] as number) > 0 ? 'buy' : 'sell', ticks(depth.price[i] as number), lots(depth.size[i] as number));
        last = ((depth.flags[i] as number) & DEPTH_LAST) !== 0;
      }
      exchange.depthEnd(symbol, at);
      if (!this.open.buy || !this.open.sell) this.replace();
    }
    const ms = performance.now() - begin;
    const signed = exchange.fills.map(({ side, lots: size, price }) => ({ size: side === 'buy' ? Number(size) : -Number(size), price }));
    return { ms, fills: signed.length, orders: this.orders, cost: signed.reduce((sum, { size, price }) => sum + size * price, 0), held: signed.reduce((sum, { size }) => sum + size, 0) };
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
      new OrderRequest({ clientId: `${side === 'buy' ? 'b' : 's'}${this.orders}`, instrument: this.instrument, side, type: 'limit', lots: size, limit, timeInForce: 'GTC', postOnly: false, reduceOnly: false }),
    );
    if (result.outcome !== 'accepted') throw new Error(`An order of the benchmark was ${JSON.stringify(result)}.`);
    return true;
  }
}

const BTC = 'BTCUSDT';
/** Levels farther from the snapshot's middle than this are left out: a dense array of every price there is would be huge. */
const WITHIN = 0.1;
const TICK = 0.1;
const STEP = 0.001;

/** The recorded session, from the snapshot on; undefined where the shared data is absent. */
export async function recorded(): Promise<TickSession | undefined> {
  const [diffs, tape, rest] = ['binance_usdm_BTCUSDT_depth_diff.parquet', 'binance_trades_20240808.parquet', 'binance_usdm_BTCUSDT_rest_snapshot.json'].map((name) => `${SHARED}/${name}`) as [string, string, string];
  if (!existsSync(diffs) || !existsSync(tape) || !existsSync(rest)) return undefined;
  const { snapshot } = JSON.parse(readFileSync(rest, 'utf8')) as { snapshot: Snapshot };
  const messages = (await rowsOf(diffs)).filter((row) => Number(row['final_update_id']) >= snapshot.lastUpdateId);
  const middle = Number(snapshot.bids[0]?.[0]);
  const isNear = (price: number): boolean => Math.abs(price / middle - 1) < WITHIN;
  const rows: Level[] = [];
  const levels = (side: 1 | -1, given: readonly (readonly [string, string])[]): Level[] => given.map(([price, size]) => ({ at: snapshot.T, id: -1, side, price: Number(price), size: Number(size) }));
  rows.push(...levels(1, snapshot.bids), ...levels(-1, snapshot.asks));
  for (const row of messages) {
    rows.push({ at: Number(row['txn_ts_ms']), id: Number(row['final_update_id']), side: row['side'] === 'bid' ? 1 : -1, price: Number(row['price']), size: Number(row['qty']) });
  }
  const trades = (await rowsOf(tape)).filter((row) => row['market'] === 'usdm' && row['symbol'] === BTC && Number(row['trade_ts_ms']) > snapshot.T);
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
  flags: Uint8Array.from(rows, ({ id }, row) => (row === 0 ? DEPTH_SNAPSHOT : 0) | (rows[row + 1]?.id === id ? 0 : DEPTH_LAST)),
});

async function rowsOf(file: string): Promise<Record<string, unknown>[]> {
  const bytes = readFileSync(file);
  let rows: Record<string, unknown>[] = [];
  await parquetRead({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength), compressors, rowFormat: 'object', onComplete: (read) => (rows = read) });
  return rows;
}

/** A book that wanders: most messages change levels near the best, one in five events is a trade at the best. */
export function generatedSession(rows: number): TickSession {
  let state = 0x51f15e;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const depth = { at: [] as number[], side: [] as number[], price: [] as number[], size: [] as number[], flags: [] as number[] };
  const trades = { at: [] as number[], side: [] as number[], price: [] as number[], size: [] as number[] };
  const level = (at: number, side: number, price: number, size: number, flags: number): void => {
    depth.at.push(at);
    depth.side.push(side);
    depth.price.push(price);
    depth.size.push(size);
    depth.flags.push(flags);
  };
  let [at, middle] = [1_640_995_200_000, 460_000];
  const LEVELS = 200;
  for (let i = 0; i < LEVELS; i += 1) level(at, 1, middle - 1 - i, 1 + random(90), i === 0 ? DEPTH_SNAPSHOT : 0);
  for (let i = 0; i < LEVELS; i += 1) level(at, -1, middle + 1 + i, 1 + random(90), i === LEVELS - 1 ? DEPTH_LAST : 0);
  while (depth.at.length < rows) {
    at += 1 + random(4);
    if (random(5) === 0) {
      const side = random(2) === 0 ? 1 : -1;
      trades.at.push(at);
      trades.side.push(side);
      trades.price.push(middle + side);
      trades.size.push(1 + random(40));
      continue;
    }
    const move = random(12) === 0 ? random(3) - 1 : 0;
    // The levels that the middle passes empty, the one it leaves comes up again.
    if (move > 0) {
      level(at, -1, middle + 1, 0, 0);
      level(at, 1, middle, 1 + random(60), 0);
    } else if (move < 0) {
      level(at, 1, middle - 1, 0, 0);
      level(at, -1, middle, 1 + random(60), 0);
    }
    middle += move;
    const changes = 1 + random(4);
    for (let i = 0; i < changes; i += 1) {
      const side = random(2) === 0 ? 1 : -1;
      const off = Math.min(random(8), random(60));
      level(at, side, middle - side * (1 + off), 1 + random(90), i === changes - 1 ? DEPTH_LAST : 0);
    }
  }
  const columns: DepthColumns = { symbol: 'BTC-PERP', length: depth.at.length, at: Float64Array.from(depth.at), side: Int8Array.from(depth.side), price: Float64Array.from(depth.price), size: Float64Array.from(depth.size), flags: Uint8Array.from(depth.flags) };
  const tape: TradeColumns = { symbol: 'BTC-PERP', length: trades.at.length, at: Float64Array.from(trades.at), side: Int8Array.from(trades.side), price: Float64Array.from(trades.price), size: Float64Array.from(trades.size) };
  return { depth: columns, trades: tape, lots: OUR_LOTS, behind: 0 };
}
