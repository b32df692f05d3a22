import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createBot } from '#di/create-bot.js';
import { Decimal } from '#src/domain/decimal.js';
import type { Fill } from '#src/domain/order.js';
import { LifecycleService } from '#src/ports/market-services/lifecycle.js';
import { Logger } from '#src/ports/configuration/logger.js';
import { GateLedger } from '#src/ports/runtime-state/runtime-state.js';
import { MarketDriver, SimulatedExchange } from '#src/ports/core-services/simulated-exchange.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import { RecordedMarket } from '#src/data/recorded-market.js';
import { swap } from 'perpsbot/testing';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { backtest, historyConfig, type RunOptions } from '../support/oracle/backtest.js';
import { head, randomWalk, shuffledFrom } from '../support/oracle/market.js';

const market = randomWalk(2_000, 23);
const options: RunOptions = { strategy: { enableShorts: true, trailingStop: new Decimal('0.006') } };
const directory = mkdtempSync(join(tmpdir(), 'perpsbot-parity-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const written = ({ at, side, lots, price, fee, tradeId, clientId, venueId }: Fill): string =>
  [at, side, lots, price, fee, tradeId, clientId, venueId].join(' ');

describe('fast and step mode', () => {
  it('agree in every fill, in equity and in the trace, while step has every record on disk', async () => {
    const bars = head(market, 800);
    const fast = await backtest(bars, options);
    const step = await backtest(bars, { ...options, mode: 'step', storage: { driver: 'sqlite', directory } });
    expect(fast.services.exchange.fills.length).toBeGreaterThan(20);
    expect(step.services.exchange.fills.map(written)).toEqual(fast.services.exchange.fills.map(written));
    expect(step.decisions).toEqual(fast.decisions);
    expect(step.result).toEqual(fast.result);
    expect(step.records).toContain('order_round_trip');
    expect(fast.records).toEqual([]);
  });
});

describe('a backtest', () => {
  const cut = 1_200;
  const cutAt = market.openAt[cut] as number;
  const before = (fills: readonly Fill[]): string[] => fills.filter(({ at }) => at < cutAt).map(written);

  it('decides and fills the same when the future is cut off', async () => {
    const [whole, part] = [await backtest(market, options), await backtest(head(market, cut), options)];
    expect(before(whole.services.exchange.fills).length).toBeGreaterThan(20);
    expect(part.services.exchange.fills.map(written)).toEqual(before(whole.services.exchange.fills));
    expect(part.decisions).toEqual(whole.decisions.slice(0, part.decisions.length));
    expect(part.decisions).toHaveLength(cut);
  });

  it('decides and fills the same when the future is shuffled', async () => {
    const [whole, other] = [await backtest(market, options), await backtest(shuffledFrom(market, cut, 5), options)];
    expect(before(other.services.exchange.fills)).toEqual(before(whole.services.exchange.fills));
    expect(other.decisions.slice(0, cut)).toEqual(whole.decisions.slice(0, cut));
    expect(other.decisions.slice(cut)).not.toEqual(whole.decisions.slice(cut));
  });

  it('fills what a close decided at the next open, not at that close', async () => {
    const { services, decisions } = await backtest(market, options);
    const acted = decisions.filter((line) => !line.endsWith('hold')).map((line) => Number(line.split(' ')[0]));
    const { fills } = services.exchange;
    expect(fills.map(({ at }) => at)).toEqual(acted.slice(0, fills.length));
    expect(fills.map(({ price }) => price)).toEqual(
      acted.slice(0, fills.length).map((at) => market.open[market.openAt.indexOf(at)]),
    );
  });
});

/** The same bars as the paper world's own market, at full speed. */
async function paper(
  columns: BarColumns,
): Promise<{ readonly fills: readonly Fill[]; readonly held: readonly string[] }> {
  const config = { ...historyConfig(columns, options), world: 'paper' as const };
  const bot = createBot({
    config,
    recording: new RecordedMarket(columns),
    overrides: (wired) => swap(wired, Logger, new RecordingLogger()),
  });
  const { container } = bot;
  const lifecycle = container.get(LifecycleService);
  await bot.open();
  const running = bot.run();
  await container.get(MarketDriver).ended;
  lifecycle.requestStop('end of the recording');
  await running;
  const held = container
    .get(GateLedger)
    .report()
    .map(({ gate }) => gate);
  return { fills: container.get(SimulatedExchange).fills, held };
}

describe('the paper world on a recorded market', () => {
  it('makes the fills of the backtest of the same bars', async () => {
    const bars = head(market, 1_000);
    const [history, live] = [await backtest(bars, options), await paper(bars)];
    expect(live.fills.length).toBeGreaterThan(20);
    expect(live.fills.map(written)).toEqual(history.services.exchange.fills.map(written));
    // The first cycle comes before the first bar; nothing else may have held the bot back.
    expect(live.held).toEqual(['no_new_mark', 'warm_up']);
  });
});
