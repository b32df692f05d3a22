import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { createBot } from '#di/create-bot.js';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument, RATE_SCALE } from '#src/domain/instrument.js';
import type { Fill, FundingPayment } from '#src/domain/order.js';
import { MINUTE_MS } from '#src/domain/time-spans.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import type { Feed, FundingColumns, PriceColumns } from '#src/data/columns.js';
import { RecordedMarket } from '#src/data/recorded-market.js';
import { FeedSet } from '#src/backtest/feeds/feed-set.js';
import { Logger } from '#src/ports/configuration/logger.js';
import { MarketDriver, SimulatedExchange } from '#src/ports/core-services/simulated-exchange.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { LifecycleService } from '#src/ports/market-services/lifecycle.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { swap } from 'perpsbot/testing';
import { backtest, historyConfig, type RunOptions } from '../support/oracle/backtest.js';
import { head, randomWalk, seeded } from '../support/oracle/market.js';

const bars = head(randomWalk(2_000, 23), 360);
const opensAt = bars.openAt[0] as number;
const { marksPerTick } = new Instrument(instrumentSpec({ symbol: bars.symbol }));

/** Prices near the bars' closes, every `everyMs` from `firstMs` on but for one hole of forty minutes. */
function prices(everyMs: number, firstMs: number, off: number): PriceColumns {
  const random = seeded(everyMs + firstMs);
  const at: number[] = [];
  const price: number[] = [];
  for (let time = firstMs; time < bars.length * MINUTE_MS; time += everyMs) {
    const minute = Math.floor(time / MINUTE_MS);
    if (minute >= 200 && minute < 240) continue;
    at.push(opensAt + time);
    price.push(((bars.close[minute] as number) + Math.round((random() - 0.5) * off)) * marksPerTick);
  }
  return { symbol: bars.symbol, length: at.length, at: Float64Array.from(at), price: Float64Array.from(price) };
}

const minutes = [100, 101, 220, 300, 359];
const funding: FundingColumns = {
  symbol: bars.symbol,
  length: minutes.length,
  at: Float64Array.from(minutes, (minute) => opensAt + minute * MINUTE_MS),
  rate: Float64Array.from(minutes, (minute) => (minute % 2 === 0 ? 0.0004 : -0.0003) * RATE_SCALE),
};

interface Came {
  readonly fills: readonly string[];
  readonly fundings: readonly string[];
  readonly equity: string;
}

const written = ({ at, side, lots, price, fee, clientId }: Fill): string =>
  [at, side, lots, price, fee, clientId].join(' ');
const paid = ({ at, rate, amount }: FundingPayment): string => [at, rate?.toString(), amount].join(' ');

function cameOf({ fills, fundings }: SimulatedExchange, portfolio: Portfolio): Came {
  return { fills: fills.map(written), fundings: fundings.map(paid), equity: String(portfolio.equity) };
}

/** The same bars, marks, indices and rates as the paper world's own market, at full speed. */
async function paper(
  columns: BarColumns,
  options: RunOptions,
  beside: readonly Feed[],
  isStreaming: boolean,
): Promise<Came> {
  const of = (kind: 'mark' | 'index'): object =>
    Object.fromEntries(beside.flatMap((feed) => (feed.kind === kind ? [[kind, feed.columns]] : [])));
  const stamps = new FeedSet([{ kind: 'bars', columns }, ...beside]).stampsOf(columns.symbol);
  const config = historyConfig(columns, options);
  const bot = createBot({
    config: { ...config, world: 'paper' as const, streaming: { ...config.streaming, enabled: isStreaming } },
    recording: new RecordedMarket(columns, stamps, { ...of('mark'), ...of('index') }),
    overrides: (wired) => swap(wired, Logger, new RecordingLogger()),
  });
  const { container } = bot;
  await bot.open();
  const running = bot.run();
  await container.get(MarketDriver).ended;
  // As the step does that would come now.
  await container.get(MarketData).updateMarks();
  const came = cameOf(container.get(SimulatedExchange), container.get(Portfolio));
  container.get(LifecycleService).requestStop('end of the recording');
  await running;
  return came;
}

const stop = new Decimal('0.006');

describe('the paper world on bars with the marks, indices and rates of the venue beside them', () => {
  it.each<readonly [string, PriceColumns, PriceColumns, boolean]>([
    ['within the bars and at their closes', prices(20_000, 0, 800), prices(MINUTE_MS, 0, 400), false],
    ['between the steps', prices(7_000, 3_000, 800), prices(45_000, 1_000, 400), true],
    ['seldom: what was told holds until it lapses', prices(30 * MINUTE_MS, 0, 2_000), prices(MINUTE_MS, 9, 400), true],
  ])('does what the backtest does: %s', async (_name, mark, index, isStreaming) => {
    const options: RunOptions = { strategy: { enableShorts: true, trailingStop: stop } };
    const beside: readonly Feed[] = [
      { kind: 'mark', columns: mark },
      { kind: 'index', columns: index },
      { kind: 'funding', columns: funding },
    ];
    const history = await backtest(bars, { ...options, beside });
    const { exchange, portfolio } = history.services;
    expect(exchange.fills.length).toBeGreaterThan(10);
    expect(exchange.fundings.filter(({ amount }) => amount !== undefined && amount !== 0).length).toBeGreaterThan(1);
    expect(await paper(bars, options, beside, isStreaming)).toEqual(cameOf(exchange, portfolio));
  });
});
