import { barCloseAt, MONTH_MS } from '../../domain/time-spans.js';
import type { InFlight } from '../../ports/core-services/simulated-exchange.js';
import type { EquityStatistics } from '../equity-statistics.js';
import type { PumpOptions, PumpServices, RunWatcher } from '../pump-services.js';
import { RANK, type Cursor } from './cursor.js';
import { BarCursor } from './cursors.js';
import { PriceCursor } from './price-cursor.js';
import { FeedMerge } from './feed-merge.js';
import { hasTimerDue, keepFresh, NEVER, nextHour, slowWire, type HotLoop, type Obstacle } from './hot-loop.js';
import { EVENTS_A_LOOK } from './pace.js';
import { wakeAt } from './settle.js';

/** What happens next. */
type Act = 'play' | 'walk' | 'show' | 'step' | 'end';

/**
 * Any number of recorded streams of any kind, in the order of time. Intervals are half open: a step of the bot at an
 * instant has seen everything before it, bars that close at it included, and nothing that the instant itself brings.
 *
 * At one instant: what arrives on the wire; the bars that close, all of which walk their paths before any of their
 * closes is visible; the step of the bot; then marks, indices, depth, quotes and trades of the instant, in that order,
 * and in the order of the feeds between equals. Funding is paid before everything else of its instant.
 *
 * Bars alone: the bot steps whenever bars close. With any other stream it steps every `stepMs`: when bars of that
 * length close, else at its multiples.
 */
export class FeedLoop implements HotLoop {
  events = 0;
  ended = false;
  stepped = false;
  now = 0;
  readonly needy: readonly string[];
  private readonly merge: FeedMerge;
  private readonly wire: InFlight | undefined;
  private readonly barsAlone: boolean;
  /** The venue's own prices, asked for at every step, and the marks among them, for whoever watches the run. */
  private readonly venuePrices: readonly PriceCursor[];
  private readonly venueMarks: readonly PriceCursor[];
  /** Bars that walked and are not visible yet: all of them close at one instant. */
  private walked: BarCursor[] = [];
  private closesAt = Number.NaN;
  private act: Act = 'end';
  private stepAt = NEVER;
  private refreshAt = NEVER;

  constructor(
    private readonly services: PumpServices,
    cursors: readonly Cursor[],
    private readonly stepMs: number,
    private readonly statistics: EquityStatistics,
    private readonly options: PumpOptions,
  ) {
    this.merge = new FeedMerge(cursors);
    this.wire = slowWire(services);
    this.venuePrices = cursors.filter((cursor) => cursor instanceof PriceCursor);
    this.venueMarks = this.venuePrices.filter(({ kind }) => kind === 'mark');
    this.barsAlone = cursors.every(({ rank }) => rank === RANK.bars);
    this.needy = [...new Set(cursors.map(({ symbol }) => symbol))].filter(
      (symbol) => services.indicators.needs?.(symbol) !== false,
    );
    const from = cursors.reduce(
      (first, cursor) => Math.min(first, cursor instanceof BarCursor ? cursor.openAt : cursor.at),
      NEVER,
    );
    if (from === NEVER) return;
    if (!this.barsAlone) this.stepAt = firstStep(cursors, from, stepMs);
    this.fetchAfter(from);
  }

  get midway(): boolean {
    return this.walked.length > 0;
  }

  get fetchAt(): number {
    return this.act === 'show' ? this.closesAt : this.stepAt;
  }

  advance(parked: number): Obstacle | undefined {
    const { pending } = this.services;
    const { wire } = this;
    const inSteps = this.options.mode === 'step';
    this.stepped = false;
    for (let count = 0; count < EVENTS_A_LOOK; count += 1) {
      if (this.walked.length === 0 && hasTimerDue(this.services, this.now)) return 'timer';
      if (wire === undefined && this.walked.length === 0) {
        count += this.playOn(EVENTS_A_LOOK - count, parked);
        if (pending.count !== parked) return undefined;
      }
      const due = this.plan();
      // What travels arrives within a bar, before the bar is walked: the engine would be at its close else, and the
      // request too old.
      const until = this.act === 'walk' ? (this.merge.head as Cursor).at - 1 : due;
      if (wire !== undefined && this.act !== 'end' && wakeAt(this.services, wire) <= until) return 'wire';
      if (this.firesTimers(due)) {
        if (pending.count !== parked) return undefined;
        continue;
      }
      if (due >= this.refreshAt && (this.act === 'step' || (this.barsAlone && this.act === 'show'))) return 'fetch';
      this.perform(due);
      if (this.ended || pending.count !== parked || (inSteps && this.stepped)) return undefined;
    }
    return undefined;
  }

  /**
   * The shortest way, for most of all events: one feed's, one after the other, before anybody else's turn and the next
   * step.
   */
  private playOn(most: number, parked: number): number {
    const { head } = this.merge;
    if (head === undefined || head.rank === RANK.bars) return 0;
    const until = Math.min(this.stepAt, this.merge.rivalAt, this.services.strategies.nextTimerAt);
    if (!(head.at < until)) return 0;
    const { pending, clock } = this.services;
    let played = 0;
    do {
      const quiet = head.skim === undefined ? 0 : head.skim(until, most - played);
      if (quiet > 0) clock.set((this.now = head.skimmedAt as number));
      else {
        if (head.at !== this.now) clock.set((this.now = head.at));
        head.play();
      }
      played += Math.max(1, quiet);
    } while (played < most && head.at < until && pending.count === parked);
    this.merge.moved();
    this.events += played;
    return played;
  }

  /** Names what comes next, and says when. */
  private plan(): number {
    const { head } = this.merge;
    const at = head === undefined ? NEVER : head.at;
    const bars = head !== undefined && head.rank === RANK.bars;
    if (this.walked.length > 0 && !(bars && at === this.closesAt)) {
      this.act = 'show';
      return this.closesAt;
    }
    if (at > this.stepAt || (at === this.stepAt && !bars)) {
      if (head !== undefined || this.stepAt <= this.now) {
        this.act = 'step';
        return this.stepAt;
      }
    }
    if (head === undefined) this.act = 'end';
    else if (head instanceof BarCursor) {
      this.act = 'walk';
      return head.openAt;
    } else this.act = 'play';
    return at;
  }

  /** A timer of a strategy that is due before what comes next; of one instant it comes before what is played. */
  private firesTimers(due: number): boolean {
    const { strategies } = this.services;
    const at = strategies.nextTimerAt;
    if (this.act === 'end' || !(at < due || (at === due && this.act === 'play'))) return false;
    this.move(Math.max(this.now, at));
    this.keepFresh();
    strategies.fireTimers(this.now);
    return true;
  }

  private keepFresh(): void {
    if (!this.barsAlone) return;
    for (const { symbol, openAt } of this.walked) keepFresh(this.services, symbol, openAt, this.now);
  }

  private perform(due: number): void {
    switch (this.act) {
      case 'play':
        this.move(due);
        (this.merge.head as Cursor).play();
        this.merge.moved();
        this.events += 1;
        return;
      case 'walk':
        this.walk(due);
        return;
      case 'show':
        this.show(due);
        return;
      case 'step':
        this.move(due);
        this.services.exchange.advance(due);
        this.stepAt = barCloseAt(due, this.stepMs);
        this.step(due);
        return;
      case 'end':
        this.ended = true;
    }
  }

  private walk(openAt: number): void {
    const cursor = this.merge.head;
    if (!(cursor instanceof BarCursor)) return;
    // A longer bar began before others closed: the clock is past its open.
    if (openAt > this.now) this.move(openAt);
    this.closesAt = cursor.at;
    this.walked.push(cursor);
    const { pending } = this.services;
    const before = pending.count;
    cursor.play();
    this.merge.moved();
    this.events += 1;
    // What a fill within the bar leads to is asked when the exchange has walked the bar: it is the close there.
    if (this.barsAlone && this.wire === undefined && pending.count !== before) {
      this.move(this.closesAt);
      this.keepFresh();
    }
  }

  private show(closeAt: number): void {
    this.move(closeAt);
    for (const cursor of this.walked) cursor.show(closeAt);
    this.walked.length = 0;
    if (this.barsAlone) this.step(closeAt);
  }

  private step(at: number): void {
    const { cycle, portfolio } = this.services;
    for (const price of this.venuePrices) price.ask(at);
    cycle.step(at);
    this.statistics.sample(portfolio.equity, at);
    if (this.options.watcher !== undefined) this.tell(this.options.watcher, at);
    this.stepped = true;
  }

  private tell(watcher: RunWatcher, at: number): void {
    // A mark of the step before is not compared with the price of now: how far they are apart is not known.
    // One of the step before is still one of this step: what the instant itself brings comes after it.
    for (const { symbol, shown, shownAt } of this.venueMarks)
      watcher.venueMark?.(symbol, at - shownAt <= this.stepMs ? shown : NaN);
    watcher.step(at);
  }

  move(at: number): void {
    this.now = at;
    this.services.clock.set(at);
  }

  fetched(): void {
    this.fetchAfter(this.fetchAt);
  }

  /** Over bars alone only candles change, by the hour; with a book or trades everything does, from step to step. */
  private fetchAfter(at: number): void {
    if (this.needy.length === 0) this.refreshAt = NEVER;
    else this.refreshAt = this.barsAlone ? nextHour(at) : at + 1;
  }
}

/** The first step after `from`. */
function firstStep(cursors: readonly Cursor[], from: number, stepMs: number): number {
  const bars = cursors.find((cursor) => cursor instanceof BarCursor && cursor.intervalMs === stepMs);
  if (!(bars instanceof BarCursor)) return (Math.floor(from / stepMs) + 1) * stepMs;
  // Months have no common length: a stream that begins before them waits for the first.
  if (stepMs === MONTH_MS) return bars.at;
  return from + ((bars.openAt - from) % stepMs || stepMs);
}
