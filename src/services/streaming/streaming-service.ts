import { injectable } from 'inversify';
import { messageOf } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import { MarketFeed } from '../../ports/venue/market-feed.js';
import { Clock } from '../../ports/configuration/clock.js';
import { EventStore } from '../../ports/storage/event-store.js';
import type { StatusSource } from '../../ports/market-services/lifecycle.js';
import { Logger } from '../../ports/configuration/logger.js';
import { MarketData } from '../../ports/market-data/market-data.js';
import { MarketMonitor } from '../../ports/market-services/market-monitor.js';
import { Random } from '../../ports/configuration/random.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import { ProductCatalogue } from '../../ports/core-services/product-catalogue.js';
import { RequestBudget } from '../../ports/core-services/request-budget.js';
import { Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { BotConfig, Profile } from '../../ports/configuration/settings/bot-config.js';
import type { Streaming } from '../../ports/streaming/streaming.js';
import { MarkIntake } from './mark-intake.js';
import { StreamLoop, type StreamPorts } from './stream-loop.js';

/** Profiles that open the stream by themselves. */
const STREAMING_PROFILES: ReadonlySet<Profile> = new Set(['canary', 'prod', 'demo']);

interface Run {
  readonly level: 1 | 2;
  readonly symbols: readonly string[];
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/**
 * Live marks from the venue's stream into market data. Opening never fails the caller: a venue that refuses is tried
 * again with growing pauses. Follows the configuration: symbols and level restart it, the flag opens and closes it.
 */
@injectable()
export class StreamingService implements Streaming, StatusSource {
  readonly name = 'streaming';
  private readonly intake: MarkIntake;
  private readonly ports: StreamPorts;
  private run: Run | undefined;
  private ending: Promise<void> = Promise.resolve();
  /** Changes with every wish, so that a restart that waits for its end notices a newer one. */
  private wish = 0;
  private isStarted = false;
  private chosenLevel: number | undefined;
  private seen: BotConfig;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(MarketFeed) feed: MarketFeed,
    @inject(MarketData) readonly marketData: MarketData,
    @inject(ProductCatalogue) catalogue: ProductCatalogue,
    @inject(EventStore) events: EventStore,
    @inject(MarketMonitor) monitor: MarketMonitor,
    @inject(Scheduler) scheduler: Scheduler,
    @inject(Random) random: Random,
    @inject(Clock) clock: Clock,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) budget: RequestBudget = UNLIMITED,
  ) {
    this.seen = config.current;
    this.intake = new MarkIntake(config, marketData, catalogue, events, monitor, clock, logger);
    const jitter = random.stream(`streaming/${config.current.botId}`, config.current.simulation.seed);
    this.ports = {
      config,
      feed,
      intake: this.intake,
      monitor,
      scheduler,
      jitter,
      clock,
      logger,
      budget,
      unnamed: () => catalogue.missing ?? [],
    };
    config.onChange(() => this.adapt());
  }

  get isRunning(): boolean {
    return this.run !== undefined;
  }

  start(): void {
    this.isStarted = true;
    if (this.isConfigured()) this.open();
  }

  async stop(): Promise<void> {
    this.isStarted = false;
    await this.close();
  }

  open(level?: number): void {
    this.wish += 1;
    if (this.run !== undefined) return;
    this.chosenLevel = level;
    this.begin();
  }

  async close(): Promise<void> {
    this.wish += 1;
    await this.end();
  }

  async restart(): Promise<void> {
    this.wish += 1;
    const { wish } = this;
    await this.end();
    if (this.wish === wish && this.run === undefined) this.begin();
  }

  status(): Record<string, unknown> {
    return {
      running: this.isRunning,
      level: this.run?.level,
      symbols: this.run?.symbols,
      marks: this.intake.accepted,
      stale: this.intake.stale,
    };
  }

  private begin(): void {
    const { symbols } = this.config.current;
    if (symbols.length === 0) {
      this.logger.info('Market stream not opened: there are no symbols');
      return;
    }
    const level = this.checkedLevel(this.chosenLevel ?? this.config.current.streaming.level);
    const controller = new AbortController();
    const done = new StreamLoop(this.ports, symbols, level, controller.signal).run().catch((error: unknown) => {
      this.logger.error('Market stream ended with a defect', { error: messageOf(error) });
      if (this.run?.controller === controller) this.run = undefined;
    });
    this.run = { level, symbols, controller, done };
  }

  /**
   * After the abort, which takes effect at once, waits until the loop is out; calls in between wait for the same end.
   */
  private async end(): Promise<void> {
    const { run } = this;
    if (run !== undefined) {
      this.run = undefined;
      run.controller.abort();
      this.ending = run.done;
    }
    await this.ending;
  }

  private checkedLevel(level: unknown): 1 | 2 {
    if (level === 1 || level === 2) return level;
    this.logger.warn('Stream level must be 1 or 2; 1 is used', { level });
    return 1;
  }

  private isConfigured(): boolean {
    const { streaming, profile } = this.config.current;
    return streaming.enabled && STREAMING_PROFILES.has(profile);
  }

  /** Only what changed counts: a stream closed by hand stays closed when another setting changes. */
  private adapt(): void {
    const before = this.seen;
    const after = this.config.current;
    this.seen = after;
    const levelChanged = before.streaming.level !== after.streaming.level;
    if (levelChanged) this.chosenLevel = undefined;
    if (before.streaming.enabled && !after.streaming.enabled) this.detach(this.close());
    else if (this.run !== undefined) {
      if (levelChanged || !sameSymbols(this.run.symbols, after.symbols)) this.detach(this.restart());
    } else if (this.isStarted && this.isConfigured() && (!before.streaming.enabled || before.symbols.length === 0))
      this.open();
  }

  private detach(work: Promise<void>): void {
    work.catch((error: unknown) =>
      this.logger.error('Market stream could not follow the configuration', { error: messageOf(error) }),
    );
  }
}

const sameSymbols = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((symbol) => b.includes(symbol));
