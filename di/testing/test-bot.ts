import 'reflect-metadata';
import type { Token } from '../../src/injection/token.js';
import { Clock } from '../../src/ports/configuration/clock.js';
import { Logger } from '../../src/ports/configuration/logger.js';
import { Scheduler } from '../../src/ports/configuration/scheduler.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import { MarketDriver } from '../../src/ports/core-services/simulated-exchange.js';
import { Brokerage } from '../../src/ports/venue/brokerage.js';
import type { Amount } from '../../src/testing/answers.js';
import { FakeBroker } from '../../src/testing/fake-broker.js';
import type { ManualClock } from '../../src/testing/manual-clock.js';
import type { ManualScheduler } from '../../src/testing/manual-scheduler.js';
import { misuse } from '../../src/testing/misuse.js';
import { RecordingLogger } from '../../src/testing/recording-logger.js';
import { settled } from '../../src/testing/settled.js';
import { createBot, type CreateBotOptions } from '../create-bot.js';
import type { PerpsBot } from '../bot.js';
import type { StopReport } from '../../src/ports/market-services/lifecycle.js';
import { swap } from './swap.js';
import { configFor } from './test-config.js';

export interface TestBotOptions extends Pick<CreateBotOptions, 'strategies' | 'overrides' | 'extensions' | 'parent'> {
  /**
   * Sections that differ from the test's own (limits wide open, memory, no stream, the first of `strategies`), or a
   * whole resolved configuration.
   */
  readonly config?: object;
  /** A venue of the test's own; its products are what the bot trades. */
  readonly broker?: FakeBroker;
}

/** Turns of the host's loop that a cycle is given to come to its end, or to a wait for the world's time. */
const TURNS = 8;

/**
 * A bot in the production wiring of the paper world, in memory, with five bindings swapped: the venue, the clock, the
 * timers, the log, and no market of its own. Nothing happens by itself: a test moves the time and runs the cycles.
 */
export class TestBot {
  readonly bot: PerpsBot;
  readonly broker: FakeBroker;
  readonly clock: ManualClock;
  readonly scheduler: ManualScheduler;
  readonly logger = new RecordingLogger();
  private cycling: Promise<void> | undefined;
  private failure: Error | undefined;

  constructor({ config = {}, broker = new FakeBroker(), overrides, ...others }: TestBotOptions = {}) {
    this.broker = broker;
    this.scheduler = broker.scheduler;
    this.clock = this.scheduler.clock;
    this.bot = createBot({
      ...others,
      config: configFor(config, broker.products, others.strategies?.[0]?.name),
      overrides: (container) => {
        swap(container, Brokerage, broker);
        swap(container, Clock, this.clock);
        swap(container, Scheduler, this.scheduler);
        swap(container, Logger, this.logger);
        swap(container, MarketDriver, {
          name: 'no-market',
          synthetic: true,
          start: () => undefined,
          stop: () => undefined,
          ended: new Promise<void>(() => undefined),
        });
        overrides?.(container);
      },
    });
  }

  get config(): BotConfig {
    return this.bot.config;
  }

  /** A service of the bot's. */
  get<T>(token: Token<T>): T {
    return this.bot.container.get(token);
  }

  /** Brings every part up, unless a host has done so. Rejects with BOT-002 when one cannot. */
  async open(): Promise<this> {
    if (!this.bot.isOpen) await this.bot.open();
    await this.quiet();
    return this;
  }

  /**
   * One cycle, an update interval after the last one, with these prices from then on. Returns when it is over or waits
   * for what only time brings; then the next one begins when it is over, as in a running bot. Where a host runs the
   * bot, the cycle is the bot's own, which that time brings.
   */
  async cycle(prices: Readonly<Record<string, Amount>> = {}): Promise<void> {
    if (!this.bot.isOpen)
      throw misuse(
        'The bot must be open to run a cycle, was not.',
        'Await made.open(), or the start of its host, first.',
      );
    for (const [symbol, price] of Object.entries(prices)) this.broker.setPrice(symbol, price);
    await this.advance(this.config.updateIntervalMs);
    if (this.cycling !== undefined || this.bot.isRunning) return;
    this.cycling = this.bot
      .runCycle()
      .catch((error: unknown) => void (this.failure = error as Error))
      .finally(() => (this.cycling = undefined));
    await this.quiet();
  }

  /** So many cycles; throws TEST-001 for a count that is none. */
  async cycles(count: number): Promise<void> {
    if (!(Number.isInteger(count) && count > 0))
      throw misuse(`Cycles must be counted by a whole number above zero, was ${count}.`, 'Write made.cycles(3).');
    for (let i = 0; i < count; i += 1) await this.cycle();
  }

  /** One cycle for each price of a symbol, in order. */
  async play(symbol: string, prices: readonly Amount[]): Promise<void> {
    if (prices.length === 0)
      throw misuse(`Prices of ${symbol} must not be empty.`, "Write made.play('BTC-PERP', [100, 101]).");
    for (const price of prices) await this.cycle({ [symbol]: price });
  }

  /** Moves the time, and fires what became due. */
  async advance(ms: number): Promise<void> {
    await this.scheduler.advance(ms);
    await this.quiet();
  }

  /** Takes every part down. */
  stop(): Promise<StopReport> {
    return this.bot.stop();
  }

  /** Lets the host's loop turn until nothing moves without time; what failed meanwhile is thrown here. */
  private async quiet(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await settled();
    this.broker.raise();
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

/** A new bot for a test. One per test: nothing is reset, nothing leaks; `stop` it afterwards. */
export const testBot = (options: TestBotOptions = {}): TestBot => new TestBot(options);
