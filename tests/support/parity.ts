import { bars, runStrategy, type StrategyRunOptions, type TestBar } from '#di/testing.js';
import { createBot } from '#di/create-bot.js';
import { configOf, SPEC } from '#di/testing/run-config.js';
import { columnsOf, START } from '#di/testing/test-bars.js';
import { ReadRun, type RunReading } from '#di/testing/run-record.js';
import { taped } from '#src/backtest/look-ahead/decision-tape.js';
import type { TapedDecision } from '#src/backtest/look-ahead/taped-decision.js';
import { RecordedMarket } from '#src/data/recorded-market.js';
import { Decimal } from '#src/domain/decimal.js';
import type { Order } from '#src/domain/order.js';
import { OrderLog } from '#src/ports/core-services/execution.js';
import { MarketDriver } from '#src/ports/core-services/simulated-exchange.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { SimulatedVenue } from '#src/venues/simulated/brokerage/venue.js';
import bollinger from '../../docs/examples/bollinger-reversion.js';
import donchian from '../../docs/examples/donchian-breakout.js';
import emaLadder from '../../docs/examples/ema-ladder.js';

/** A market by a seed: bars that hang together, with swings that cross means and leave channels. */
function market(seed: number, count: number): readonly TestBar[] {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let close = 10_000;
  return Array.from({ length: count }, (_, index): TestBar => {
    const open = close;
    close = Math.round(open + 60 * Math.sin(index / 9) + (random() - 0.5) * 160);
    const high = Math.max(open, close) + Math.round(random() * 40);
    const low = Math.min(open, close) - Math.round(random() * 40);
    return { open, high, low, close };
  });
}

export const FEES = { makerFee: new Decimal('0.0002'), takerFee: new Decimal('0.0005') };

type Params = NonNullable<StrategyRunOptions['params']>;
/** The strategies of the pages, each with its bars: of what length, and as many as it takes to trade both ways. */
export const STRATEGIES: readonly (readonly [string, StrategyDefinition, string, number, Params])[] = [
  ['ema-ladder', emaLadder, '15m', 80, { fast: 3, slow: 8, atr: 4, risk: '1%' }],
  // Its filter is of an hour, and ready after 28 of them.
  ['bollinger-reversion', bollinger, '5m', 372, { size: 10, width: 1.5, flatAdx: 40 }],
  ['donchian-breakout', donchian, '1h', 48, { channel: 5, atr: 4, trail: 2, risk: '1%' }],
];

/**
 * Everything that was asked, with its terms, instant and reason, and everything that filled. Not what is asked at the
 * very end: a replay ends with its last bar.
 */
const did = (run: Pick<RunReading, 'decisions' | 'fillLines'>, { bars: { intervalMs, rows } }: Market) => {
  const endAt = START + rows.length * intervalMs;
  return {
    asked: run.decisions
      .filter(({ action, at }) => action !== 'hold' && at < endAt)
      .map(({ at, action, reason, terms }) => ({ at, action, reason, terms })),
    fills: run.fillLines,
  };
};

export type Market = Pick<StrategyRunOptions, 'bars' | 'params' | 'instrument'>;

export const generated = (seed: number, interval: string, count: number, params: Params): Market => ({
  ...{ bars: bars.ohlc(interval, market(seed, count)), params },
  instrument: { tick: new Decimal(1), ...FEES },
});

/** What a backtest does, as the test kit runs it. */
export const inBacktest = async (definition: StrategyDefinition, of: Market) =>
  did(await runStrategy(definition, of), of);

/** What the test kit does in the paper world, where a test plants its faults; here none. */
export const inKit = async (definition: StrategyDefinition, of: Market) =>
  did(await runStrategy(definition, { ...of, faults: [] }), of);

/** What a bot does that replays the same bars on paper, as the command does: nothing of the kit but its settings. */
export async function onPaper(definition: StrategyDefinition, of: Market) {
  const { bars: rows, params = {}, instrument } = of;
  const spec = { ...SPEC, ...instrument };
  const columns = columnsOf(rows, spec);
  const base = configOf('paper', { name: definition.name, columns, spec, params, equity: 10_000, config: {} });
  const decisions: TapedDecision[] = [];
  const bot = createBot({
    config: { ...base, simulation: { ...base.simulation, speed: 'max' } },
    recording: new RecordedMarket(columns),
    strategies: [taped(definition, decisions)],
  });
  const { container } = bot;
  const orders = new Map<string, Order>();
  container.get(OrderLog).onChange((order) => void orders.set(order.request.clientId, order));
  await bot.open();
  void container.get(MarketDriver).ended.then(() => bot.requestStop('the recording is over'));
  await bot.run();
  const { fills } = container.get(SimulatedVenue);
  return did(new ReadRun({ columns, orders: [...orders.values()], changes: [], fills, decisions }), of);
}
