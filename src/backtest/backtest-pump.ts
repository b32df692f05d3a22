import type { Instrument } from '../domain/instrument.js';
import type { InFlight } from '../ports/core-services/simulated-exchange.js';
import type { EquityStatistics } from './equity-statistics.js';
import { BarLoop } from './feeds/bar-loop.js';
import { FeedLoop } from './feeds/feed-loop.js';
import type { FeedSet } from './feeds/feed-set.js';
import { slowWire, type HotLoop } from './feeds/hot-loop.js';
import { Pace } from './feeds/pace.js';
import { settle, wakeAt } from './feeds/settle.js';
import type { PumpOptions, PumpServices } from './pump-services.js';

/** The recorded streams of a run, and the terms they are counted in. */
export interface PumpedData {
  readonly set: FeedSet;
  readonly instrumentOf: (symbol: string) => Instrument;
  /** Time between two steps of the bot; bars alone set their own. */
  readonly stepMs: number;
}

/**
 * Drives the bot over history. Events are played by a loop without a promise in it, for as long as nothing has to be
 * awaited; here stands what is awaited between its stretches: orders under way, venue time on the wire, data for entry
 * filters, the journal's disk, and a breath for the process.
 */
export class BacktestPump {
  private readonly loop: HotLoop;
  private readonly pace: Pace;
  private readonly wire: InFlight | undefined;
  /** Pending work that waits for venue time: nothing is gained by waiting for it. */
  private parked = 0;

  /** What is played decides how: the bars of one instrument have a loop of their own, everything else has the other. */
  constructor(
    private readonly services: PumpServices,
    { set, instrumentOf, stepMs }: PumpedData,
    statistics: EquityStatistics,
    private readonly options: PumpOptions,
  ) {
    const { onlyBars } = set;
    this.loop =
      onlyBars === undefined
        ? new FeedLoop(services, set.cursors(services, instrumentOf), stepMs, statistics, options)
        : new BarLoop(services, onlyBars, instrumentOf(onlyBars.symbol), statistics, options);
    this.pace = new Pace(services, options);
    this.wire = slowWire(services);
  }

  /** Bars, and messages of everything else, that have happened. */
  get events(): number {
    return this.loop.events;
  }

  /** The data has ended; false after an abort. */
  get ended(): boolean {
    return this.loop.ended;
  }

  /** Runs to the end of the data, or to the first look at the clock after the signal aborts. */
  async run(): Promise<void> {
    const { loop, options } = this;
    const { pending, journal } = this.services;
    while (!loop.ended && options.signal?.aborted !== true) {
      const obstacle = loop.advance(this.parked);
      if (pending.count !== this.parked) await this.settle();
      else if (obstacle === 'wire') await this.wake();
      else if (obstacle === 'fetch') await this.fetch();
      else if (obstacle === 'timer') await this.fire();
      if (options.mode === 'step' && loop.stepped) await journal.flush();
      if (!loop.ended && !loop.midway && this.pace.due) await this.pace.pause(loop.events);
    }
    // What still travels reaches nobody: past the last event there is no market to meet.
    this.wire?.close();
    if (pending.count > 0) await pending.idle();
    await journal.flush();
    options.onProgress?.(loop.events);
  }

  /** Venue time goes to the next delivery or timer, and everybody who waited for it goes on. */
  private async wake(): Promise<void> {
    const { services, wire, loop } = this;
    const at = Math.max(loop.now, wakeAt(services, wire));
    loop.move(at);
    if (wire !== undefined && wire.nextAt <= at) services.exchange.advance(at);
    await this.settle();
  }

  /** What was to be tried again after a pause is tried: at the first instant at which the market is known again. */
  private async fire(): Promise<void> {
    await this.services.scheduler.runUntil(this.loop.now);
    await this.settle();
  }

  private async settle(): Promise<void> {
    await settle(this.services, this.wire, this.loop.now);
    this.parked = this.services.pending.count;
  }

  /** Rules that look at candles or depth get them before the step that may look at them, as they do live. */
  private async fetch(): Promise<void> {
    const { loop } = this;
    loop.move(loop.fetchAt);
    for (const symbol of loop.needy) await this.services.indicators.refresh(symbol);
    loop.fetched();
  }
}
