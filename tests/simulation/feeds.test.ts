import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { createBot } from '#di/create-bot.js';
import { openBacktest } from '#di/backtest.js';
import { SimulatedExchange } from '#src/ports/core-services/simulated-exchange.js';
import { Decimal } from '#src/domain/decimal.js';
import { Logger } from '#src/ports/configuration/logger.js';
import type { Fill } from '#src/domain/order.js';
import type { SimulationSettings } from '#src/ports/configuration/settings/simulation-settings.js';
import type { Feed, TradeColumns } from '#src/data/columns.js';
import { BacktestRunner, type BacktestRun } from '#src/backtest/backtest-runner.js';
import { swap } from 'perpsbot/testing';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { historyConfig } from '../support/oracle/backtest.js';
import { fusedTerms } from '../support/oracle/fused-loop.js';
import { runFusedTrades } from '../support/oracle/fused-trades.js';
import { hashOfFills, termsOf } from '../support/oracle/from-engine.js';
import { OPEN, randomWalk, seeded } from '../support/oracle/market.js';

const STEP = 1_000;
const market = randomWalk(600, 31);

function tape(length: number, seed: number): TradeColumns {
  const random = seeded(seed);
  const [at, price, size, side] = [
    new Float64Array(length),
    new Float64Array(length),
    new Float64Array(length),
    new Int8Array(length),
  ];
  let [now, value] = [OPEN, 500_000];
  for (let i = 0; i < length; i += 1) {
    now += Math.floor(random() * 200);
    value += Math.round((random() - 0.5) * 300);
    [at[i], price[i], size[i], side[i]] = [now, value, 1_000_000, random() < 0.5 ? 1 : -1];
  }
  return { symbol: 'BTC-PERP', length, at, price, size, side };
}

interface Ran extends BacktestRun {
  readonly fills: readonly Fill[];
  readonly equity: number;
  readonly terms: ReturnType<typeof termsOf>;
}

interface Ways {
  readonly stepMs?: number;
  readonly simulation?: Partial<SimulationSettings>;
  readonly mode?: 'fast' | 'step';
  /** Every trade is told by itself. */
  readonly singly?: boolean;
}

async function run(
  feeds: readonly Feed[],
  { stepMs = STEP, simulation = {}, mode = 'fast', singly = false }: Ways = {},
): Promise<Ran> {
  const base = historyConfig(market, { strategy: { enableShorts: true, trailingStop: new Decimal('0.004') } });
  const symbols = [...new Set(feeds.map(({ columns }) => columns.symbol))];
  const config = {
    ...base,
    symbols,
    updateIntervalMs: stepMs,
    simulation: { ...base.simulation, ...simulation },
    instruments: Object.fromEntries(symbols.map((symbol) => [symbol, instrumentSpec({ symbol })])),
  };
  const session = await openBacktest(config, { mode, startAt: OPEN });
  try {
    const { runner, container } = session;
    const exchange = container.get(SimulatedExchange);
    if (singly) Object.defineProperty(exchange, 'quietTrades', { value: undefined });
    const told = await runner.run(feeds, {
      mode,
      parameters: {},
    });
    return {
      ...told,
      fills: exchange.fills,
      equity: runner.watched.portfolio.equity,
      terms: termsOf(config, runner.instrument(symbols[0] ?? '')),
    };
  } finally {
    await session.close();
  }
}

const written = ({ at, side, lots, price, fee, instrument }: Fill): string =>
  `${instrument.symbol} ${at} ${side} ${lots} ${price} ${fee}`;

describe('a run over public trades', () => {
  const trades = tape(40_000, 3);

  it('equals the fused loop over the same integers, fill for fill', async () => {
    const { fills, equity, terms } = await run([{ kind: 'trades', columns: trades }]);
    expect(runFusedTrades(trades, fusedTerms(terms), STEP)).toMatchObject({
      fills: fills.length,
      hash: hashOfFills(fills),
      equity,
    });
    expect(fills.length).toBeGreaterThan(20);
  });

  it('agrees in fast and step mode', async () => {
    const feeds: Feed[] = [{ kind: 'trades', columns: trades }];
    const [fast, step] = [await run(feeds), await run(feeds, { mode: 'step' })];
    expect(step.result).toEqual(fast.result);
  });

  it('fills later with latency, never earlier than the request could arrive, and the same every time', async () => {
    const feeds: Feed[] = [{ kind: 'trades', columns: trades }];
    const latency = { orderMs: 350, responseMs: 150 };
    const [near, far, again] = [
      await run(feeds),
      await run(feeds, { simulation: { latency } }),
      await run(feeds, { simulation: { latency } }),
    ];
    expect(far.fills.length).toBeGreaterThan(20);
    expect(far.fills.every(({ at }) => at % STEP >= latency.orderMs)).toBe(true);
    expect(near.fills.some(({ at }) => at % STEP < latency.orderMs)).toBe(true);
    expect(again.result).toEqual(far.result);
  });
});

describe('trades that concern nobody', () => {
  it('make the same run at once as one by one, among other streams and instruments', async () => {
    const [btc, eth] = [tape(20_000, 3), { ...tape(20_000, 4), symbol: 'ETH-PERP' }];
    const prices = (kind: 'mark' | 'index'): Feed => ({
      kind,
      columns: {
        symbol: 'BTC-PERP',
        length: 200,
        at: btc.at.filter((_, i) => i % 100 === 0),
        price: btc.price.filter((_, i) => i % 100 === 0).map((price) => price * 10),
      },
    });
    const feeds: Feed[] = [
      { kind: 'trades', columns: btc },
      { kind: 'trades', columns: eth },
      prices('mark'),
      prices('index'),
    ];
    const [whole, single] = [await run(feeds), await run(feeds, { singly: true })];
    expect(whole.result).toEqual(single.result);
    expect(whole.fills.map(written)).toEqual(single.fills.map(written));
    expect(whole.fills.length).toBeGreaterThan(20);
  });
});

/** What the log calls an error, from the first event to the end of the last part. */
async function errorsOf(feed: Feed, latency: SimulationSettings['latency']): Promise<readonly string[]> {
  const base = historyConfig(market, { strategy: { enableShorts: true, trailingStop: new Decimal('0.004') } });
  const logger = new RecordingLogger();
  const bot = createBot({
    config: { ...base, updateIntervalMs: STEP, simulation: { ...base.simulation, latency } },
    overrides: (wired) => swap(wired, Logger, logger),
  });
  const runner = bot.container.get(BacktestRunner);
  runner.begin(OPEN);
  await bot.open();
  await runner.run([feed], { mode: 'fast', parameters: {} });
  await bot.stop();
  return logger.at('error');
}

describe('a run that ends while requests travel', () => {
  it('fills none of them at the last prices, and counts what was sent as open', async () => {
    const whole = tape(15_000, 3);
    const near = await run([{ kind: 'trades', columns: whole }]);
    const sentAt = Math.floor((near.fills[0]?.at ?? 0) / STEP) * STEP;
    const length = whole.at.filter((at) => at < sentAt + 500).length;
    const cut: Feed = { kind: 'trades', columns: { ...whole, length } };
    const far = await run([cut], { simulation: { latency: { orderMs: 700, responseMs: 0 } } });
    expect((await run([cut])).fills).toHaveLength(1);
    expect([far.fills, far.result['openOrders']]).toEqual([[], 1]);
    expect(await errorsOf(cut, { orderMs: 700, responseMs: 0 })).toEqual([]);
  });

  it('says nothing of them as of an error: a recording ends while things are on their way', async () => {
    const trades = tape(3_000, 3);
    for (const orderMs of [40, 700, 5_000])
      for (const length of [1_000, 1_500, 2_000, 2_500])
        expect(
          await errorsOf({ kind: 'trades', columns: { ...trades, length } }, { orderMs, responseMs: 300 }),
        ).toEqual([]);
  });
});

describe('a run over several instruments', () => {
  const bars = (symbol: string, seed: number): Feed => ({
    kind: 'bars',
    columns: { ...randomWalk(600, seed), symbol },
  });

  it('trades each of them on its own bars, in one account', async () => {
    const both = await run([bars('BTC-PERP', 31), bars('ETH-PERP', 32)], { stepMs: 60_000 });
    const of = (symbol: string): string[] =>
      both.fills.filter(({ instrument }) => instrument.symbol === symbol).map(written);
    expect([of('BTC-PERP').length > 5, of('ETH-PERP').length > 5]).toEqual([true, true]);
    expect(both.result.symbol).toBe('BTC-PERP,ETH-PERP');
    expect(both.result.bars).toBe(1_200);
  });

  it("fills orders that travel over bars: at the next bar's open, and none is lost or too old on arrival", async () => {
    const [near, far] = [
      await run([bars('BTC-PERP', 31)], { stepMs: 60_000 }),
      await run([bars('BTC-PERP', 31)], { stepMs: 60_000, simulation: { latency: { orderMs: 40, responseMs: 20 } } }),
    ];
    expect(far.fills.length).toBeGreaterThan(near.fills.length / 2);
    // Decided at a close, sent after it: the bar that opens there is missed, the one after it is met.
    expect(far.fills[0]?.at).toBe((near.fills[0]?.at ?? 0) + 60_000);
    expect(
      (far.result['held'] as readonly { readonly gate: string }[]).filter(({ gate }) => gate.startsWith('refused')),
    ).toEqual([]);
    expect(far.result['rejects']).toEqual(near.result['rejects']);
  });

  it('makes of one feed of bars what the shortest path makes of it, where a second feed says nothing', async () => {
    const alone = await run([bars('BTC-PERP', 31)], { stepMs: 60_000 });
    const index: Feed = {
      kind: 'index',
      columns: { symbol: 'BTC-PERP', length: 1, at: Float64Array.of(OPEN), price: Float64Array.of(1) },
    };
    const merged = await run([bars('BTC-PERP', 31), index], { stepMs: 60_000 });
    expect(merged.fills.map(written)).toEqual(alone.fills.map(written));
    expect(merged.equity).toBe(alone.equity);
  });
});
