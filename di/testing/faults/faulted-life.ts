import type { StrategyDefinition } from '../../../src/ports/core-services/strategy.js';
import { DrivenClock } from '../../../src/ports/configuration/clock.js';
import { Logger } from '../../../src/ports/configuration/logger.js';
import { DrivenScheduler, HostScheduler } from '../../../src/ports/configuration/scheduler.js';
import type { BarSource } from '../../../src/ports/core-services/bar-source.js';
import { OrderLog } from '../../../src/ports/core-services/execution.js';
import { ExchangeStore } from '../../../src/ports/core-services/simulated-exchange.js';
import { StrategyRegistry } from '../../../src/ports/core-services/strategy.js';
import { Portfolio } from '../../../src/ports/runtime-state/portfolio.js';
import { EventStore } from '../../../src/ports/storage/event-store.js';
import { SafetyLadder } from '../../../src/ports/storage/safety-ladder.js';
import { Brokerage } from '../../../src/ports/venue/brokerage.js';
import { RecordingLogger } from '../../../src/testing/recording-logger.js';
import { SimulatedVenue } from '../../../src/venues/simulated/brokerage/venue.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import type { PerpsBot } from '../../bot.js';
import type { BotContainer } from '../../container.js';
import { createBot } from '../../create-bot.js';
import { swap } from '../swap.js';
import { Life, type Estate } from './estate.js';
import type { FaultPlan } from './fault-plan.js';
import { msOf, type FaultStep } from './fault-step.js';
import { FaultyLine } from './faulty-line.js';
import type { WatchedLife } from './soundness.js';
import { VenueActs } from './venue-acts.js';

export interface LifeOptions {
  readonly config: object;
  readonly recording: BarSource;
  readonly strategies: readonly StrategyDefinition[];
  readonly estate: Estate;
  readonly plan: FaultPlan;
  /** The strategy is to throw from its next handlers on, so many times. */
  readonly throwNext: (times: number) => void;
  readonly left: (request: OrderRequest, now: number) => void;
  readonly overrides?: (container: BotContainer) => void;
}

/**
 * One process of a bot: the production wiring of the paper world over recorded bars, with a line that does as a plan
 * says.
 */
export class FaultedLife implements WatchedLife {
  readonly life = new Life();
  readonly bot: PerpsBot;
  readonly logger = new RecordingLogger();
  readonly scheduler: DrivenScheduler;
  readonly venue: SimulatedVenue;
  readonly line: FaultyLine;
  readonly acts: VenueActs;
  /** How long nobody is there after its death. */
  waitMs = 0;
  private isBuried = false;

  constructor(private readonly options: LifeOptions) {
    const { estate, plan, recording } = options;
    this.bot = createBot({
      config: options.config,
      recording,
      strategies: options.strategies,
      overrides: (container) => {
        swap(container, Logger, this.logger);
        swap(container, HostScheduler, this.life.timers);
        swap(
          container,
          EventStore,
          estate.journalOf(this.life, () => this.happenAll(plan.recorded())),
        );
        swap(
          container,
          ExchangeStore,
          estate.exchangeOf(() => this.isBuried),
        );
        container.onActivation(Brokerage, (_context, broker) => this.line.around(broker));
        options.overrides?.(container);
      },
    });
    const { container } = this.bot;
    this.scheduler = container.get(DrivenScheduler);
    this.scheduler.pause();
    const now = (): number => this.now();
    this.acts = new VenueActs(() => container.get(SimulatedVenue), now);
    this.line = new FaultyLine({
      life: this.life,
      plan,
      acts: this.acts,
      log: () => this.log,
      scheduler: () => this.scheduler,
      now,
      happen: (step) => this.happen(step),
      left: (request) => options.left(request, this.now()),
    });
    this.venue = container.get(SimulatedVenue);
    this.life.now = now;
  }

  readonly now = (): number => this.bot.container.get(DrivenClock).now();

  readonly disturbedAt = (): number => {
    if (this.line.isSilent) this.line.disturb();
    return this.line.disturbedAt;
  };

  get log(): OrderLog {
    return this.bot.container.get(OrderLog);
  }

  get portfolio(): Portfolio {
    return this.bot.container.get(Portfolio);
  }

  get strategies(): StrategyRegistry {
    return this.bot.container.get(StrategyRegistry);
  }

  /** Up, or dead on the way. */
  async start(): Promise<void> {
    this.line.disturb();
    await Promise.race([this.bot.start(), this.life.over]);
    await this.run(this.now());
  }

  async run(until: number): Promise<void> {
    await this.scheduler.runUntil(until);
  }

  /** The venue goes on alone; then it is handed to the next life. */
  async bury(): Promise<void> {
    this.life.timers.drop();
    this.options.estate.lose(this.life.diedAt ?? this.now(), 0);
    await this.run(this.now() + this.waitMs);
    this.venue.flush();
    this.isBuried = true;
  }

  async stop(): Promise<void> {
    this.scheduler.resume();
    await this.bot.stop();
  }

  happenAll(steps: readonly FaultStep[]): void {
    for (const step of steps) this.happen(step);
  }

  /** Does what a step says that is none of an order's. */
  happen(step: FaultStep): void {
    const { recording, throwNext, plan } = this.options;
    const { symbol } = recording;
    this.line.disturb();
    switch (step.fault) {
      case 'kill':
        this.waitMs = step.wait === undefined ? 0 : msOf(step.wait);
        this.life.die();
        return;
      case 'silence':
        this.line.silence(step.of, msOf(step.for));
        return;
      case 'state':
        void this.toState(step.to);
        return;
      case 'liquidate':
        this.soon(() => this.acts.takeAway(symbol));
        return;
      case 'external_fill':
        this.soon(() => this.acts.tradeAsAnother(symbol, step.side, step.quantity));
        return;
      case 'throw':
        throwNext(step.times ?? 1);
        return;
      default:
        plan.keep(step);
    }
  }

  private async toState(to: Extract<FaultStep, { fault: 'state' }>['to']): Promise<void> {
    const ladder = this.bot.container.get(SafetyLadder);
    if (to === 'NORMAL') await ladder.loosen(to, 'a test', 'test').catch(() => undefined);
    else await ladder.tighten(to, 'a test', 'test');
  }

  /** At the venue, after whoever is speaking now has finished. */
  private soon(act: () => void): void {
    this.scheduler.after(0, () => {
      this.line.disturb();
      act();
    });
  }
}
