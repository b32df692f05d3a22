import type { Decision } from '../../../domain/decision.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Fill } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import type { StrategyContext } from '../../../ports/core-services/strategy.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { OrderUpdate, Restart, TimerEvent } from '../../../ports/strategy/event-strategy.js';
import type { StrategyDesk } from '../../../ports/strategy/strategy-desk.js';
import { closing, REDUCE_ONLY_FLAT, REDUCE_ONLY_KEPT } from '../decisions.js';
import { LadderKeeper } from '../exits/ladder-keeper.js';
import { BarDesk, type BarContext } from './bar-desk.js';
import { EntryKeeper } from './entry-keeper.js';
import { EntryWishes, type Entered, type StrategyStep } from './entry-wishes.js';
import { Frames } from './frames.js';
import { HeldStop } from './held-stop.js';
import { PositionVerbs } from './position-verbs.js';
import type { Behaviour, ShortTerms } from './short-terms.js';
import { BETWEEN_BARS, NOTHING_ASKED, WARMING_UP } from './short-holds.js';

/**
 * A short strategy at work on one symbol: finishes bars from what a step shows, and lets `onBar` speak once a bar. Its
 * plain entries and closes are decisions; entries that wait, ladders and all that is changed go through the desk. It
 * sees nothing but the past, and no clock.
 */
export class ShortStrategy {
  readonly frames: Frames;
  readonly stop: HeldStop;
  readonly setup: ReturnType<Behaviour['setup']>;
  private readonly context: BarDesk;
  private readonly entries: EntryKeeper;
  private readonly ladder = new LadderKeeper();
  private readonly verbs: PositionVerbs;
  private readonly wishes: EntryWishes;
  private seen: StrategyContext | undefined;
  private intervalMs = Number.NaN;
  /** Something has happened that the ladder may have to follow. */
  private isStirred = true;
  private saved: Json | undefined;
  /** Which position is being closed by the desk. */
  private leftAt: number | undefined;

  constructor(
    instrument: Instrument,
    private readonly terms: ShortTerms,
  ) {
    this.setup = terms.behaviour.setup();
    this.frames = new Frames(this.setup.frames);
    this.stop = new HeldStop(instrument);
    this.entries = new EntryKeeper(instrument, () => this.setup.frames[0].ms ?? this.intervalMs);
    this.verbs = new PositionVerbs(instrument, this.stop, terms, () => void (this.isStirred = true));
    const bars = (timeframe: string) => this.frames.barOf(timeframe);
    this.context = new BarDesk(instrument, terms.params, {
      add: (order) => this.verbs.add(order),
      reduce: (order) => this.verbs.reduce(order),
      exits: (change) => this.verbs.exits(change),
      bars,
    });
    this.wishes = new EntryWishes(terms, this.context, this.stop, this.entries, (step, why) => this.closed(step, why));
  }

  decide(context: StrategyContext, desk: StrategyDesk | undefined, isAsked: boolean): Decision | undefined {
    this.seen = context;
    this.intervalMs = context.series.intervalMs;
    if (!isAsked) {
      let left: Entered | undefined;
      if (desk?.gate.name === 'suspended') left = this.lookedAfter({ context, desk });
      else if (context.position.lots !== 0 && this.stop.hasExits) this.stop.follow(context.position, context.mark);
      if (desk !== undefined) this.tend(desk);
      return left?.decision;
    }
    if (this.leftAt !== undefined && desk !== undefined && desk.open({ tag: 'close' }).length === 0) {
      this.leftAt = undefined;
      this.isStirred = true;
    }
    const finished = this.frames.take(context.series, context.now, this.context.priceOf);
    const answer = this.step({ context, desk }, finished);
    if (desk !== undefined) this.tend(desk);
    return answer;
  }

  onStart(desk: StrategyDesk, restart: Restart | undefined): void {
    const orders = restart?.orders ?? [];
    const keeps = this.terms.onRestart === 'keep';
    for (const ticket of orders)
      if (ticket.role === 'entry' && !(keeps && ticket.type !== 'market')) ticket.cancel('bars have passed since');
    if (keeps) this.entries.adopt(desk, orders, this.saved);
    this.saved = undefined;
    this.isStirred = true;
  }

  onOrder(update: OrderUpdate, desk: StrategyDesk): void {
    this.isStirred = true;
    this.entries.ordered(desk, update);
    this.goOn(desk);
  }

  onFill(_fill: Fill, _ticket: unknown, desk: StrategyDesk): void {
    this.isStirred = true;
    this.tend(desk);
  }

  onPosition(_change: unknown, desk: StrategyDesk): void {
    this.isStirred = true;
    this.goOn(desk);
  }

  onTimer({ name }: TimerEvent): void {
    this.entries.timer(name);
  }

  snapshot(): Json | undefined {
    const held = this.stop.snapshot();
    const entries = this.entries.snapshot();
    return entries === undefined ? held : { ...(held as Readonly<Record<string, Json>> | undefined), entries };
  }

  restore(state: Json): void {
    if (typeof state !== 'object' || state === null || Array.isArray(state)) {
      this.stop.restore(state);
      return;
    }
    const { entries, ...held } = state as Readonly<Record<string, Json>>;
    this.saved = entries;
    if (Object.keys(held).length > 0) this.stop.restore(held);
  }

  filled(fill: Pick<Fill, 'side' | 'lots'>, position: Position): void {
    this.stop.onFill(position, fill);
    this.isStirred = true;
  }

  private step(step: StrategyStep, finished: number): Decision | undefined {
    const { context, desk } = step;
    const { position, mark, reduceOnly } = context;
    if (position.lots !== 0 && this.stop.reached(position, mark)) return this.closed(step, this.stop.describe(mark));
    const left = position.lots !== 0 && this.stop.hasExits ? this.left(step) : undefined;
    if (left !== undefined) return left.decision;
    if (reduceOnly && position.lots !== 0 && this.terms.settings.onReduceOnly === 'close')
      return this.closed(step, 'Reduce-only mode active');
    if (desk !== undefined && !this.entries.isEmpty) {
      this.entries.follow(desk, mark);
      if (finished > 0) this.entries.barEnded(this.frames.bar.at);
    }
    const entered = this.wishes.waited(step, finished > 0);
    if (entered !== undefined) return entered.decision;
    if (finished === 0) return BETWEEN_BARS;
    this.wishes.forget();
    if (!this.frames.isReady) return WARMING_UP;
    return this.asked(step);
  }

  /** It may enter no more, and nothing else keeps its exits from being carried out. */
  private lookedAfter(step: StrategyStep): Entered | undefined {
    const { position, mark } = step.context;
    if (position.lots === 0) return undefined;
    if (this.stop.reached(position, mark)) return { decision: this.closed(step, this.stop.describe(mark)) };
    return this.stop.hasExits ? this.left(step) : undefined;
  }

  /** The time of the position may be over; else its stop follows the mark. */
  private left(step: StrategyStep): Entered | undefined {
    const { position, mark, now } = step.context;
    const overdue = this.stop.overdue(position, now, this.setup.frames[0].ms ?? this.intervalMs);
    if (overdue !== undefined) return { decision: this.closed(step, overdue) };
    this.stop.follow(position, mark);
    return undefined;
  }

  private asked(step: StrategyStep): Decision | undefined {
    const { context, desk } = step;
    const { position, reduceOnly } = context;
    this.verbs.open(context, desk);
    this.context.open(this.frames.bar, position, this.stop.price, this.stop.multiple(position, context.mark));
    this.terms.behaviour.onBar(this.context as unknown as BarContext<never>, this.setup.given as never);
    const hasActed = this.verbs.close();
    const wish = this.context.wish();
    if (wish === undefined)
      return hasActed ? undefined : reduceOnly && position.lots === 0 ? REDUCE_ONLY_FLAT : NOTHING_ASKED;
    if (wish.action === 'hold') return this.context.held(wish.why);
    if (wish.action === 'flat') return this.flat(step, wish.why);
    if (reduceOnly) return position.lots === 0 ? REDUCE_ONLY_FLAT : REDUCE_ONLY_KEPT;
    if (this.terms.settings.disableNewEntries) return this.context.held('New entries disabled');
    return wish.action === 'either'
      ? this.wishes.both(step, wish, this.frames.bar.at)
      : this.wishes.one(step, wish, this.frames.bar.at);
  }

  private flat(step: StrategyStep, why: string): Decision | undefined {
    const waits = step.desk !== undefined && !this.entries.isEmpty;
    if (waits) this.entries.cancel(why);
    if (step.context.position.lots === 0) return this.context.held(waits ? why : `Nothing to close: ${why}`);
    return this.closed(step, why);
  }

  /** At once where nothing else of ours rests; else what rests ends first, and the close goes on until it is done. */
  private closed({ context: { position }, desk }: StrategyStep, why: string): Decision | undefined {
    if (desk === undefined || desk.open().length === 0) return closing(position, why);
    this.leftAt = position.openedAt;
    desk.close(position.instrument.symbol, { why });
    return undefined;
  }

  private goOn(desk: StrategyDesk): void {
    this.tend(desk);
    if (this.seen !== undefined) this.wishes.goOn({ context: this.seen, desk });
  }

  /** A close is under way: no rung takes its room. One that came to nothing is forgotten with the next bar. */
  private isBeingLeft(position: Position): boolean {
    if (this.leftAt === undefined) return false;
    if (position.openedAt === this.leftAt && position.lots !== 0) return true;
    this.leftAt = undefined;
    return false;
  }

  private tend(desk: StrategyDesk): void {
    const { seen } = this;
    if (!this.isStirred || seen === undefined) return;
    this.isStirred = false;
    const { position } = seen;
    const isLeft = this.isBeingLeft(position);
    const ladder = isLeft ? undefined : this.stop.ladderOf(position);
    // Rungs of a position that nothing is remembered of stay where they are.
    if (position.lots === 0 || isLeft || this.stop.isKnown(position))
      this.ladder.tend(desk, position, ladder, !this.entries.isEmpty, this.verbs.owedLots);
    this.verbs.pay(desk, position);
  }
}
