import 'reflect-metadata';
import { createBot } from '#di/create-bot.js';
import type { BotContainer } from '#di/container.js';
import type { PerpsBot } from '#di/bot.js';
import type { Token } from '#src/injection/token.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { Clock } from '#src/ports/configuration/clock.js';
import { Logger } from '#src/ports/configuration/logger.js';
import { Scheduler } from '#src/ports/configuration/scheduler.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import { MarketDriver } from '#src/ports/core-services/simulated-exchange.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { testConfig } from './config.js';
import { FakeBroker } from './fake-broker.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';

export interface TestBot {
  readonly bot: PerpsBot;
  readonly broker: FakeBroker;
  readonly clock: ManualClock;
  readonly scheduler: ManualScheduler;
  readonly logger: RecordingLogger;
  get<T>(token: Token<T>): T;
}

/** Rebinds one token, refusing a token that nothing had bound. */
export function swap<T>(container: BotContainer, token: Token<T>, value: T): void {
  container.rebind(token).toConstantValue(value);
}

/** Production wiring of the paper world on a scripted venue, a hand-set clock and a memory journal. */
export function testBot(
  options: { config?: BotConfig; broker?: FakeBroker; overrides?: (container: BotContainer) => void } = {},
): TestBot {
  const broker = options.broker ?? new FakeBroker();
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const logger = new RecordingLogger();
  const bot = createBot({
    config: options.config ?? testConfig(),
    overrides: (container) => {
      swap(container, Brokerage, broker);
      swap(container, Clock, clock);
      swap(container, Scheduler, scheduler);
      swap(container, Logger, logger);
      swap(container, MarketDriver, {
        name: 'no-market',
        synthetic: true,
        start: () => undefined,
        stop: () => undefined,
        ended: new Promise<void>(() => undefined),
      });
      options.overrides?.(container);
    },
  });
  return { bot, broker, clock, scheduler, logger, get: (token) => bot.container.get(token) };
}
