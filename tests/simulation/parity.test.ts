import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { injectable } from 'inversify';
import { createBot } from '#di/create-bot.js';
import { Decimal } from '#src/domain/decimal.js';
import type { Fill, FundingPayment } from '#src/domain/order.js';
import { inject } from '#src/injection/inject.js';
import { VirtualClock } from '#src/platform/time/virtual-clock.js';
import { VirtualScheduler } from '#src/platform/time/virtual-scheduler.js';
import { Clock, HostClock } from '#src/ports/configuration/clock.js';
import { HostScheduler, Scheduler } from '#src/ports/configuration/scheduler.js';
import { Redactor } from '#src/ports/configuration/redactor.js';
import { SessionGuard } from '#src/ports/configuration/session-guard.js';
import { ConfigController } from '#src/ports/configuration/settings/config-controller.js';
import { EventStore, type Payload, type StoredEvent } from '#src/ports/storage/event-store.js';
import { MemoryEventStore } from '#src/storage/memory/event-store.js';
import { LifecycleService } from '#src/ports/market-services/lifecycle.js';
import { Logger } from '#src/ports/configuration/logger.js';
import { GateLedger } from '#src/ports/runtime-state/runtime-state.js';
import { MarketDriver, SimulatedExchange, type FundingStamp } from '#src/ports/core-services/simulated-exchange.js';
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
  stamps?: readonly FundingStamp[],
): Promise<{
  readonly fills: readonly Fill[];
  readonly held: readonly string[];
  readonly fundings: readonly string[];
}> {
  const config = { ...historyConfig(columns, options), world: 'paper' as const };
  const bot = createBot({
    config,
    recording: new RecordedMarket(columns, stamps),
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
  const { fills, fundings } = container.get(SimulatedExchange);
  return { fills, held, fundings: fundings.map(paid) };
}

const paid = ({ at, rate, amount }: FundingPayment): string => [at, rate?.toString(), amount].join(' ');

describe('the paper world on a recorded market', () => {
  it('pays the funding of the backtest of the same bars and rates', async () => {
    const bars = head(market, 1_000);
    const stamps = [200, 201, 480, 700, 999].map((index) => ({
      at: bars.openAt[index] as number,
      rate: new Decimal(index % 2 === 0 ? '0.0004' : '-0.0003'),
    }));
    const [history, live] = [await backtest(bars, { ...options, stamps }), await paper(bars, stamps)];
    const { fundings } = history.services.exchange;
    expect(fundings.filter(({ amount }) => amount !== undefined && amount !== 0).length).toBeGreaterThan(1);
    expect(live.fundings).toEqual(fundings.map(paid));
    expect(live.fills.map(written)).toEqual(history.services.exchange.fills.map(written));
  });

  it('makes the fills of the backtest of the same bars', async () => {
    const bars = head(market, 1_000);
    const [history, live] = [await backtest(bars, options), await paper(bars)];
    expect(live.fills.length).toBeGreaterThan(20);
    expect(live.fills.map(written)).toEqual(history.services.exchange.fills.map(written));
    // The first cycle comes before the first bar; nothing else may have held the bot back.
    expect(live.held).toEqual(['no_new_mark', 'warm_up']);
  });
});

/** A journal on a disk that takes its time, and says so. */
@injectable()
class SlowStore extends MemoryEventStore {
  constructor(
    @inject(ConfigController) config: ConfigController,
    @inject(Clock) clock: Clock,
    @inject(Redactor) redactor: Redactor,
    @inject(HostScheduler) private readonly timers: Scheduler,
    @inject(Scheduler) private readonly world: Scheduler,
  ) {
    super(config, clock, redactor);
  }

  override appendDurable(type: string, payload: Payload, botId?: string): Promise<StoredEvent> {
    const written = this.timers.sleep(400).then(() => super.appendDurable(type, payload, botId));
    this.world.waitFor?.(written);
    return written;
  }
}

type Slow = 'nothing' | 'step' | 'disk';

/** A bot in the paper world on a host whose time passes only while it waits, or works. Everything that came of it. */
async function atSpeed(speed: number | 'max', slow: Slow, columns?: BarColumns): Promise<string[]> {
  const hostClock = new VirtualClock();
  const timers = new VirtualScheduler(hostClock);
  const bars = columns ?? head(market, 1);
  const given = historyConfig(bars, options);
  const latency = { orderMs: 40, responseMs: 60 };
  const bot = createBot({
    config: {
      ...given,
      ...(columns === undefined ? { updateIntervalMs: 5_000 } : {}),
      world: 'paper',
      simulation: { ...given.simulation, speed, latency },
    },
    ...(columns === undefined ? {} : { recording: new RecordedMarket(columns) }),
    overrides: (wired) => {
      swap(wired, Logger, new RecordingLogger());
      swap(wired, HostClock, { monotonic: () => hostClock.now(), wall: () => Date.UTC(2024, 0, 2) + hostClock.now() });
      swap(wired, HostScheduler, timers);
      const work = (): boolean => {
        if (slow === 'step') hostClock.set(hostClock.now() + 300);
        return true;
      };
      swap(wired, SessionGuard, { shouldTrade: work });
      if (slow === 'disk') wired.rebind(EventStore).to(SlowStore).inSingletonScope();
    },
  });
  const { container } = bot;
  // A world that begins now begins before anything takes its time.
  container.get(Clock).now();
  await bot.open();
  const ending = container.get(MarketDriver).ended.then(() => container.get(Clock).now());
  const running = bot.run(columns === undefined ? { cycles: 60 } : {});
  if (columns !== undefined) {
    await ending;
    container.get(LifecycleService).requestStop('end of the recording');
  }
  await running;
  // How long a stop may take is the host's business.
  const until = columns === undefined ? Infinity : await ending;
  const journal = container.get(EventStore);
  journal.open();
  const records = journal.query({ limit: 1e6 }).filter(({ at, type }) => at < until && type !== 'bot_start');
  const fills = container.get(SimulatedExchange).fills.filter(({ at }) => at < until);
  return [...fills.map(written), ...records.map(({ at, type, payload }) => JSON.stringify([at, type, payload]))];
}

describe('the paper world at any speed, on any host', () => {
  it.each([
    ['a recorded market', head(market, 160)],
    ['a generated market', undefined],
  ])('does the same on %s: the host decides when, never what', async (_name, columns) => {
    const expected = await atSpeed('max', 'nothing', columns);
    expect(expected.filter((line) => line.includes('order_round_trip')).length).toBeGreaterThan(0);
    const others: readonly [number | 'max', Slow][] = [
      [1, 'nothing'],
      [20, 'step'],
      [20, 'disk'],
    ];
    for (const [speed, slow] of others) {
      const found = await atSpeed(speed, slow, columns);
      const differs = found.findIndex((line, i) => line !== expected[i]);
      expect([speed, slow, found[differs], found.length]).toEqual([speed, slow, expected[differs], expected.length]);
    }
  });
});
