import 'reflect-metadata';
import { createBot } from '#di/create-bot.js';
import type { BotContainer } from '#di/container.js';
import type { PerpsBot } from '#di/bot.js';
import { swap } from '#di/testing/swap.js';
import type { Decision } from '#src/domain/decision.js';
import type { Order } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { Token } from '#src/injection/token.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { DrivenClock } from '#src/ports/configuration/clock.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { OrderLog, type Submission } from '#src/ports/core-services/execution.js';
import { Logger } from '#src/ports/configuration/logger.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { DrivenScheduler } from '#src/ports/configuration/scheduler.js';
import { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { SimulatedVenue } from '#src/venues/simulated/brokerage/venue.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { churn } from './churn.mjs';
import { guarded } from './guarded.js';
import { FaultyWire } from './faulty-wire.js';
import { appliedTo, differences } from './truth.mjs';

export const SYMBOL = 'BTC-PERP';
/** Value of position and open orders that risk lets pass, in USDT. */
export const MAX_POSITION = 2_000_000;

export interface WorldOptions {
  readonly seed?: number;
  /** `none`: the test decides. An own definition is bound as it is. */
  readonly strategy?: 'churn' | 'guarded' | 'resting' | 'none' | StrategyDefinition;
  readonly params?: Readonly<Record<string, string | number>>;
  /** In memory without. */
  readonly directory?: string;
  readonly execution?: object;
  readonly tasks?: object;
  /** Whether the venue lets an order sleep until an entry fills. */
  readonly brackets?: boolean;
  readonly overrides?: (container: BotContainer) => void;
}

/** The composed paper bot with a faulty line to its exchange, in virtual time that a test moves. */
export class FaultyWorld {
  readonly bot: PerpsBot;
  readonly logger = new RecordingLogger();
  readonly scheduler: DrivenScheduler;
  readonly venue: SimulatedVenue;
  readonly wire: FaultyWire;
  private applied: readonly string[] = [];

  constructor(options: WorldOptions = {}) {
    this.bot = createBot({
      config: configOf(options),
      overrides: (container) => {
        swap(container, Logger, this.logger);
        container.bind(StrategyDefinition).toConstantValue(churn);
        container.bind(StrategyDefinition).toConstantValue(guarded);
        const { strategy } = options;
        if (typeof strategy === 'object') container.bind(StrategyDefinition).toConstantValue(strategy);
        container.onActivation(Portfolio, (_context, portfolio) => {
          this.applied = appliedTo(portfolio);
          return portfolio;
        });
        container.onActivation(Brokerage, (_context, broker) =>
          this.wire.around(options.brackets === false ? withoutBrackets(broker) : broker),
        );
        options.overrides?.(container);
      },
    });
    const { container } = this.bot;
    this.scheduler = container.get(DrivenScheduler);
    this.scheduler.pause();
    this.venue = container.get(SimulatedVenue);
    this.wire = new FaultyWire({
      venue: this.venue,
      journal: () => container.get(EventStore),
      ladder: () => container.get(SafetyLadder),
      scheduler: this.scheduler,
      now: () => this.now,
    });
  }

  /** The venue's. */
  get now(): number {
    return this.bot.container.get(DrivenClock).now();
  }

  get<T>(token: Token<T>): T {
    return this.bot.container.get(token);
  }

  /** Up, and running its cycles as time is moved. */
  async start(): Promise<this> {
    await this.bot.start();
    await this.run(0);
    return this;
  }

  async run(ms: number): Promise<void> {
    await this.scheduler.runUntil(this.now + ms);
  }

  /** Runs until something holds, at most so long; true when it does. */
  async until(condition: () => boolean, atMostMs: number): Promise<boolean> {
    for (const end = this.now + atMostMs; !condition() && this.now < end;) await this.run(250);
    return condition();
  }

  async stop(): ReturnType<PerpsBot['stop']> {
    this.scheduler.resume();
    return this.bot.stop();
  }

  /** A decision as a strategy would hand it over. */
  decide(decision: Partial<Decision> & Pick<Decision, 'action'>): Submission {
    return this.bot.executeDecision(SYMBOL, { reason: 'test', ...decision });
  }

  /** Buys at the market, a size that one quote shows. */
  buy(size = 1_000): Submission {
    return this.decide({ action: 'buy', quantity: lots(size) });
  }

  /** Rests 0.7 % below the market: out of its reach for minutes, within the collar around the dearest of its prices. */
  rest(size = 1_000): Submission {
    const market = this.venue.markets.get(SYMBOL) ?? missing();
    return this.decide({ action: 'buy', quantity: lots(size), orderType: 'limit', limit: ticks(market.bid - 3_500) });
  }

  get orders(): readonly Order[] {
    return [...this.get(OrderLog).all()];
  }

  /** `status` of the one order there is. */
  get status(): string | undefined {
    const [only, ...others] = this.orders;
    return others.length === 0 ? only?.status : `${others.length + 1} orders`;
  }

  get position(): number {
    return this.get(Portfolio).position((this.venue.markets.get(SYMBOL) ?? missing()).instrument).lots;
  }

  records(type: string): readonly Readonly<Record<string, unknown>>[] {
    return this.get(EventStore)
      .query({ types: [type] })
      .map((event) => event.payload);
  }

  /** In what the bot and the exchange differ. */
  differences(options: { readonly settled?: boolean; readonly inOrder?: boolean } = { settled: true }): string[] {
    return differences(
      {
        portfolio: this.get(Portfolio),
        applied: this.applied,
        log: this.get(OrderLog),
        journal: this.get(EventStore),
        venue: this.venue,
      },
      options,
    );
  }
}

/** A venue at which a stop can follow a fill, and not the entry. */
const withoutBrackets = (broker: Brokerage): Brokerage =>
  new Proxy(broker, {
    get: (target, key): unknown =>
      key === 'capabilities' ? { ...target.capabilities, brackets: false } : Reflect.get(target, key, target),
  });

function missing(): never {
  throw new Error('The world is not built yet.');
}

const strategyOf = ({ strategy = 'none', params }: WorldOptions): object => {
  if (strategy === 'none') return { name: 'baseline', disableNewEntries: true };
  const name = typeof strategy === 'object' ? strategy.name : strategy;
  return params === undefined ? { name } : { name, params };
};

const configOf = ({ seed = 1, directory, execution = {}, tasks = {}, ...options }: WorldOptions): object => ({
  profile: 'demo',
  updateInterval: '1s',
  strategy: strategyOf(options),
  risk: {
    maxLeverage: '10',
    maxOrderNotional: '1000000 USDT',
    maxPositionSize: `${MAX_POSITION} USDT`,
    maxGrossNotional: `${MAX_POSITION} USDT`,
    dailyLossLimit: '900000 USDT',
    maxPositionPctPerSymbol: '100%',
    maxExposurePct: '100%',
    ordersPerMinute: 600,
  },
  execution: { requestExpiry: '2s', requestTimeout: '10s', ...execution },
  tasks: { fatalStarts: 1_000, guards: '10s', orderReconcile: '5s', positionReconcile: '15s', ...tasks },
  storage: directory === undefined ? { driver: 'memory' } : { driver: 'sqlite', directory },
  simulation: { equity: '2500000 USDT', seed, quoteInterval: '250ms', startPrices: { [SYMBOL]: 50_000 }, speed: 'max' },
  logging: { level: 'error' },
});
