import type { Decision } from '../../../domain/decision.js';
import { fault } from '../../../domain/errors.js';
import { signOf, type Fill, type Order } from '../../../domain/order.js';
import { lots, marks, type MarkUnits } from '../../../domain/units.js';
import type { AmendNews } from '../../../ports/core-services/execution.js';
import type { StrategyContext } from '../../../ports/core-services/strategy.js';
import type {
  BarEvent,
  EventStrategy,
  OrderUpdate,
  PositionChange,
  Restart,
  StrategyMark,
} from '../../../ports/strategy/event-strategy.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';
import type { StrategyBook, StrategyGate } from '../../../ports/strategy/strategy-desk.js';
import { BETWEEN_BARS } from '../define/short-holds.js';
import { ViewGuard } from '../view-guard.js';
import { isDeciding, type DecidingStrategy } from './deciding.js';
import { EventBars } from './event-bars.js';
import type { HostDesk } from './host-desk.js';
import { changeRefused, updateOf } from './order-news.js';
import type { Watcher } from './suspension/watcher.js';
import { isEntry } from './ticket-changes.js';

type News = Readonly<
  | { kind: 'order'; update: OrderUpdate }
  | { kind: 'fill'; fill: Fill; ticket: OrderTicket }
  | { kind: 'position'; change: PositionChange }
>;

const SUSPENDED: StrategyGate = Object.freeze({ mode: 'reduce_only', name: 'suspended' });

/**
 * Gates that a person or the bot has shut: they do not open again with the next mark, as that of a stale one does. Why
 * entries end with each.
 */
const ADDS_NOTHING: Readonly<Record<string, string>> = {
  reduce_only: 'safety:reduce_only',
  kill_switch: 'safety:kill_switch',
  daily_loss: 'daily_loss',
};

/** The mark as an event, filled in anew. */
class MarkOfEvent {
  mark: MarkUnits = marks(0);
  at = 0;
  constructor(readonly instrument: StrategyMark['instrument']) {}
}

/**
 * One strategy by events with its desk. Tells it one thing at a time: what happens while a handler runs waits until
 * that has returned. A handler that throws has been told; what it asked for before stands.
 */
export class StrategyInstance {
  private readonly inbox: News[] = [];
  private isBusy = false;
  private isStarted = false;
  private bars: EventBars | undefined;
  private shownMark: MarkOfEvent | undefined;
  faults = 0;
  /** For when its host has last set the timers of the world. */
  armedAt = Number.POSITIVE_INFINITY;
  /** Orders without a name of its own are told too. */
  private readonly hearsAll: boolean = false;

  constructor(
    readonly strategy: EventStrategy,
    readonly desk: HostDesk,
    private readonly watcher: Watcher,
  ) {
    if (!isDeciding(strategy)) return;
    desk.tickets.takeUnnamed(desk.symbol);
    this.hearsAll = strategy.hearsAll;
  }

  /** Before any event of the market; once. */
  start(restart: Restart | undefined, now: number): void {
    if (this.isStarted) return;
    this.isStarted = true;
    this.desk.now = now;
    if (this.strategy.onStart !== undefined) this.tell('onStart', () => this.strategy.onStart?.(this.desk, restart));
    this.drain(now);
  }

  stop(reason: string, now: number): void {
    if (!this.isStarted) return;
    this.desk.now = now;
    this.desk.isStopping = true;
    if (this.strategy.onStop !== undefined) this.tell('onStop', () => this.strategy.onStop?.(this.desk, reason));
    this.desk.over();
  }

  /** News of an own order; told when nothing else is being told. True when there is something to tell. */
  ordered(order: Order, previous: Order | undefined): boolean {
    const { tickets } = this.desk;
    const ticket = tickets.of(order);
    if (ticket === undefined) return false;
    tickets.took(ticket, order);
    if (order.origin?.asked === undefined && !this.hearsAll) return false;
    const update = updateOf(ticket, order, previous);
    if (update === undefined) return false;
    this.inbox.push({ kind: 'order', update });
    return true;
  }

  /** What was asked of an own order is not made. True when there is something to tell. */
  changeRefused(order: Order, news: Pick<AmendNews, 'check' | 'reason'>): boolean {
    const ticket = this.desk.tickets.of(order);
    if (ticket === undefined || (order.origin?.asked === undefined && !this.hearsAll)) return false;
    this.inbox.push({ kind: 'order', update: changeRefused(ticket, order, news) });
    return true;
  }

  /** A fill: of an own order, or a change of the position that came otherwise. */
  filled(fill: Fill, order: Order | undefined): void {
    const isTold = order !== undefined && (order.origin?.asked !== undefined || this.hearsAll);
    const ticket = isTold && fill.cause === undefined ? this.desk.tickets.of(order) : undefined;
    if (ticket !== undefined) this.inbox.push({ kind: 'fill', fill, ticket });
    else this.inbox.push({ kind: 'position', change: changeOf(fill, this.desk.book(fill.instrument.symbol)) });
  }

  get hasNews(): boolean {
    return this.inbox.length > 0;
  }

  /** What happened while it was away. */
  takeMissed(): readonly OrderUpdate[] {
    const missed = this.inbox.flatMap((news) => (news.kind === 'order' ? [news.update] : []));
    this.inbox.length = 0;
    return missed;
  }

  /** Tells what waits, oldest first. Nothing while a handler runs: that ends with it. */
  drain(now: number): void {
    if (this.isBusy || !this.isStarted) return;
    this.keep(now);
    for (let news = this.inbox.shift(); news !== undefined; news = this.inbox.shift()) {
      this.desk.now = now;
      this.tellNews(news);
    }
  }

  fireTimers(now: number): void {
    if (!this.isStarted) return;
    for (let due = this.desk.timers.due(now); due !== undefined; due = this.desk.timers.due(now)) {
      const timer = due;
      this.desk.now = now;
      if (this.strategy.onTimer !== undefined) this.tell('onTimer', () => this.strategy.onTimer?.(timer, this.desk));
      this.drain(now);
    }
  }

  /** One step of the bot, in the order of one instant: orders, timers, bars, the step, the mark. */
  step(context: StrategyContext, gate: StrategyGate, isAsked: boolean): Decision {
    const { now, series, instrument } = context;
    if (isDeciding(this.strategy)) return this.decided(this.strategy, context, gate, isAsked);
    this.bars ??= new EventBars(instrument, this.strategy.needs.timeframes);
    const finished = this.bars.take(series, now);
    this.drain(now);
    this.shut(gate, now);
    this.fireTimers(now);
    this.desk.now = now;
    this.desk.shownMark = context.mark;
    for (const bar of finished) this.tellBar(bar, now);
    if (this.strategy.onStep !== undefined) {
      this.tell('onStep', () => this.strategy.onStep?.(this.desk));
      this.drain(now);
    }
    this.tellMark(context);
    this.desk.shownMark = undefined;
    return this.desk.asked.decision(finished.length > 0);
  }

  /** One of the short form: a handler of its own that throws is a failure of the step. */
  private decided(
    strategy: DecidingStrategy,
    context: StrategyContext,
    gate: StrategyGate,
    isAsked: boolean,
  ): Decision {
    const { desk } = this;
    const { now } = context;
    desk.tickets.unnamed?.takePending()?.drop('expired', 'nothing has come of the decision');
    this.keep(now);
    if (isAsked) strategy.see(context);
    if (this.inbox.length > 0) this.drain(now);
    this.shut(gate, now);
    if (desk.timers.nextAt <= now) this.fireTimers(now);
    desk.now = now;
    const decision = this.asked(strategy, context, isAsked && desk.gate.name !== SUSPENDED.name);
    if (decision?.action === 'buy' || decision?.action === 'sell') desk.entryAsked();
    if (this.inbox.length > 0) this.drain(now);
    const asked = desk.asked.decision(true);
    return decision ?? asked;
  }

  private asked(strategy: DecidingStrategy, context: StrategyContext, isAsked: boolean): Decision | undefined {
    const { desk } = this;
    const began = this.watcher.timer?.now() ?? 0;
    this.isBusy = true;
    desk.shownMark = context.mark;
    // Between two bars nothing of its own is asked.
    let isEvent = true;
    try {
      const decision = strategy.decide(context, desk, isAsked);
      isEvent = isAsked && decision !== BETWEEN_BARS;
      return decision;
    } catch (error) {
      desk.watch.told();
      isEvent = false;
      this.faults += 1;
      this.watcher.failed('onBar', error, desk.now, true);
      throw error;
    } finally {
      this.isBusy = false;
      desk.handler = '';
      desk.shownMark = undefined;
      if (isEvent) desk.watch.told();
      this.watcher.timer?.took('onBar', began, desk.now);
    }
  }

  /** What the bot keeps of lists comes before whatever its strategy is told: an exit leaves with the fill it is for. */
  private keep(now: number): void {
    if (this.desk.kept.isEmpty) return;
    this.desk.now = now;
    this.desk.kept.tend();
  }

  private shut(given: StrategyGate, now: number): void {
    const before = this.desk.gate;
    const gate = this.desk.isSuspended && given.mode !== 'halted' ? SUSPENDED : given;
    this.desk.gate = gate;
    if (before.mode === gate.mode && before.name === gate.name) return;
    this.desk.now = now;
    const why = gate.name === undefined ? undefined : ADDS_NOTHING[gate.name];
    if (why !== undefined) this.withdrawEntries(why);
    if (this.strategy.onGate === undefined) return;
    this.tell('onGate', () => this.strategy.onGate?.(gate, this.desk));
    this.drain(now);
  }

  /** An entry that goes on resting is a position that nobody may open any more. The newest goes first. */
  private withdrawEntries(why: string): void {
    for (const ticket of [...this.desk.tickets.open()].reverse()) if (isEntry(ticket)) ticket.cancel(why);
  }

  private tellBar(bar: BarEvent, now: number): void {
    if (this.strategy.onBar === undefined) return;
    this.desk.isPast = bar.at < now - bar.timeframeMs;
    const guard = this.watcher.guardsViews ? new ViewGuard('onBar') : undefined;
    const view = guard?.of(bar, 'the bar') ?? bar;
    this.tell('onBar', () => this.strategy.onBar?.(view, this.desk));
    guard?.end();
    this.desk.isPast = false;
    this.drain(now);
  }

  private tellMark({ instrument, mark, now }: StrategyContext): void {
    if (this.strategy.onMark === undefined) return;
    const shown = (this.shownMark ??= new MarkOfEvent(instrument));
    if (shown.mark === mark) return;
    shown.mark = mark;
    shown.at = now;
    const guard = this.watcher.guardsViews ? new ViewGuard('onMark') : undefined;
    const view = guard?.of(shown, 'the mark') ?? shown;
    this.tell('onMark', () => this.strategy.onMark?.(view, this.desk));
    guard?.end();
    this.drain(now);
  }

  private tellNews(news: News): void {
    const { strategy, desk } = this;
    if (news.kind === 'fill') {
      if (strategy.onFill !== undefined) this.tell('onFill', () => strategy.onFill?.(news.fill, news.ticket, desk));
    } else if (news.kind === 'order') {
      if (strategy.onOrder !== undefined) this.tell('onOrder', () => strategy.onOrder?.(news.update, desk));
    } else if (strategy.onPosition !== undefined)
      this.tell('onPosition', () => strategy.onPosition?.(news.change, desk));
  }

  private tell(handler: string, call: () => unknown): void {
    this.isBusy = true;
    // A short form says itself which of its handlers runs, and when none does.
    this.desk.handler = isDeciding(this.strategy) ? '' : handler;
    this.desk.watch.told();
    const began = this.watcher.timer?.now() ?? 0;
    try {
      if (call() instanceof Promise)
        throw fault('STRAT-001', `${handler} of ${this.strategy.name} must return at once, was a promise.`);
    } catch (error) {
      this.faults += 1;
      this.watcher.failed(handler, error, this.desk.now, false);
    } finally {
      this.isBusy = false;
      this.desk.handler = '';
      this.watcher.timer?.took(handler, began, this.desk.now);
    }
  }
}

const changeOf = (fill: Fill, position: StrategyBook): PositionChange => ({
  position,
  before: lots(position.lots - signOf(fill.side) * fill.lots),
  cause: fill.cause ?? 'external',
  at: fill.at,
});
