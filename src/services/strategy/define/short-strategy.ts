import type { Decision } from '../../../domain/decision.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Fill } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { lots, marks, type MarkUnits } from '../../../domain/units.js';
import type { StrategyContext } from '../../../ports/core-services/strategy.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { OrderUpdate, Restart, TimerEvent } from '../../../ports/strategy/event-strategy.js';
import type { Why } from '../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';
import { closing, REDUCE_ONLY_FLAT } from '../decisions.js';
import { CLOSE } from '../host/ticket-changes.js';
import type { ShortDesk } from '../host/short-desk.js';
import { BarDesk } from './bar-desk.js';
import { EntryKeeper } from './entries/entry-keeper.js';
import { EntryWishes, type Answered, type StrategyStep } from './entries/entry-wishes.js';
import { ExitTender } from './exit-tender.js';
import { FilledEntries } from './filled-entries.js';
import { Frames } from './frames.js';
import { HandlerVerbs, type HandlerAnswer } from './handler-verbs.js';
import { HeldStop } from './held-stop.js';
import { OwnTimers } from './market/own-timers.js';
import { PlainOrders } from './market/plain-orders.js';
import { RestTimes } from './market/rest-times.js';
import { fillView } from './market/views.js';
import { PositionLeaving } from './position-leaving.js';
import { PositionVerbs } from './position-verbs.js';
import { recalled, remembered } from './short-memory.js';
import { BARS_HAVE_PASSED, BETWEEN_BARS, KeptHolds, NOTHING_ASKED, suspendedHold, WARMING_UP } from './short-holds.js';
import type { Behaviour, ShortHandler, ShortTerms } from './short-terms.js';
import { VerbTickets } from './verb-tickets.js';

/**
 * A short strategy at work on one symbol: finishes bars from what a step shows, and lets its handlers speak. The plain
 * entries and closes of a bar are decisions; all else goes through the desk. It sees the past alone, and no clock.
 */
export class ShortStrategy {
  readonly frames: Frames;
  readonly stop: HeldStop;
  readonly setup: ReturnType<Behaviour['setup']>;
  private readonly context: BarDesk;
  private readonly entries: EntryKeeper;
  private readonly position: PositionVerbs;
  private readonly wishes: EntryWishes;
  private readonly verbs: HandlerVerbs;
  private readonly timers: OwnTimers;
  private readonly rests: RestTimes;
  private readonly filledEntries = new FilledEntries();
  readonly gauges = new Map<string, number>();
  private readonly tickets: VerbTickets;
  private seen: StrategyContext | undefined;
  private intervalMs = Number.NaN;
  /** Bars of the own timeframe that are finished and have not been told. */
  private finished = 0;
  private saved: Json | undefined;
  private readonly tender: ExitTender;
  private readonly leaving: PositionLeaving;
  private readonly handlers: Behaviour['handlers'];

  constructor(
    private readonly instrument: Instrument,
    private readonly terms: ShortTerms,
  ) {
    const { behaviour, name, settings, params } = terms;
    const holds = new KeptHolds();
    this.handlers = behaviour.handlers;
    this.setup = behaviour.setup();
    const frames = (this.frames = new Frames(this.setup.frames));
    this.stop = new HeldStop(instrument, (side) => this.entries.waitsOn(side));
    this.entries = new EntryKeeper(instrument, () => this.barMs, this.stop);
    this.timers = new OwnTimers(Object.keys(this.handlers.every));
    this.tickets = new VerbTickets(instrument, name);
    this.rests = new RestTimes(instrument, frames, () => this.barMs);
    const { stop, entries, tickets, timers, rests, gauges } = this;
    this.position = new PositionVerbs(instrument, stop, terms, tickets, () => this.tender.stir(), rests);
    this.tender = new ExitTender(stop, entries, this.position);
    this.wishes = new EntryWishes({
      ...{ terms, holds, tickets, stop, entries },
      close: (step, why) => this.closed(step, { why }).decision,
    });
    this.leaving = new PositionLeaving(
      stop,
      () => this.barMs,
      (step, why) => this.closed(step, { why }),
    );
    this.verbs = new HandlerVerbs({
      ...{ settings, holds, frames, timers, gauges, wishes: this.wishes, position: this.position },
      withdraw: (step, why) => this.withdrawn(step, why),
      close: (step, why) => this.closed(step, why),
    });
    const orders = new PlainOrders(instrument, {
      desk: (verb) => this.verbs.desk(verb),
      seen: (verb) => this.verbs.seen(verb),
      mark: () => this.context.position.mark,
      onOpening: (side) => this.entries.waitsOn(side) || this.stop.plans.drop(side),
      rests,
    });
    this.context = new BarDesk(instrument, params, this.verbs, orders);
  }

  /** Takes what a step shows, before anything of its instant is told. */
  see(context: StrategyContext): void {
    this.seen = context;
    this.intervalMs = context.series.intervalMs;
    this.finished += this.frames.take(context.series, context.now, this.context.priceOf);
  }

  decide(context: StrategyContext, desk: ShortDesk | undefined, isAsked: boolean): Decision | undefined {
    this.seen = context;
    this.intervalMs = context.series.intervalMs;
    if (desk !== undefined) this.timers.begin(desk);
    if (!isAsked) return this.unasked(context, desk);
    if (desk !== undefined) this.tender.look(desk);
    const { finished } = this;
    this.finished = 0;
    const answer = this.step({ context, desk, decides: true }, finished);
    if (desk !== undefined) this.tend(desk);
    return answer;
  }

  /**
   * Whatever keeps its handlers from being asked, a suspension, a gate or a warm-up, its position is left as it was to
   * be left, as far as anything may be taken off.
   */
  private unasked(context: StrategyContext, desk: ShortDesk | undefined): Decision | undefined {
    const mayLeave = desk !== undefined && desk.gate.mode !== 'halted';
    // A gate that is shut lets no decision through: what is asked of the desk leaves.
    const left = mayLeave ? this.leaving.look({ context, desk, decides: false }) : undefined;
    if (!mayLeave) this.leaving.follow(context);
    if (desk === undefined) return undefined;
    this.tend(desk);
    if (left !== undefined || desk.gate.name !== 'suspended') return undefined;
    return suspendedHold(context.position.lots === 0);
  }

  onStart(desk: ShortDesk, restart: Restart | undefined): void {
    const orders = restart?.orders ?? [];
    const keeps = this.terms.onRestart === 'keep';
    for (const ticket of orders)
      if (ticket.role === 'entry' && !(keeps && ticket.type !== 'market')) ticket.cancel(BARS_HAVE_PASSED);
    if (keeps) this.entries.adopt(desk, orders, this.saved);
    this.saved = undefined;
    this.stop.plans.begin(desk, desk.account(this.instrument.symbol));
    this.tender.stir();
    this.rests.begin(desk, keeps);
    this.timers.begin(desk);
    this.tell(desk, 'onStart', this.handlers.onStart, { restart });
  }

  onOrder(update: OrderUpdate, desk: ShortDesk): void {
    this.tender.stir();
    for (const each of [this.entries, this.rests]) each.ordered(desk, update);
    this.goOn(desk);
    this.tell(desk, 'onOrder', this.handlers.onOrder, { update });
  }

  onFill(fill: Fill, ticket: OrderTicket, desk: ShortDesk): void {
    this.tender.stir();
    this.tend(desk);
    this.filledEntries.named(fill, ticket);
    this.tell(desk, 'onFill', this.handlers.onFill, { fill: fillView(fill), ticket });
  }

  onPosition(desk: ShortDesk): void {
    this.tender.stir();
    this.goOn(desk);
  }

  onTimer(timer: TimerEvent, desk: ShortDesk): void {
    // What ends an entry or an order comes first among the timers of an instant.
    for (const each of [this.entries, this.rests, this.wishes]) each.timesOver(desk.now, desk);
    const due = this.timers.due(desk, timer.name);
    if (due?.kind === 'after' && this.handlers.onTimer !== undefined)
      this.tell(desk, 'onTimer', this.handlers.onTimer, { timer: { ...timer, name: due.name } });
    else if (due?.kind === 'every') this.everyTime(desk, due.name);
  }

  /** Of what the bot does, and not the market. */
  told(desk: ShortDesk, name: 'onGate' | 'onStop', event: object): void {
    this.tell(desk, name, this.handlers[name], event);
  }

  snapshot(): Json | undefined {
    const { entries, timers, rests, filledEntries } = this;
    return remembered(this.stop.snapshot(), {
      ...{ entries: entries.snapshot(), timers: timers.snapshot(), rests: rests.snapshot() },
      filled: filledEntries.snapshot(),
    });
  }

  restore(state: Json): void {
    const { held, parts } = recalled(state, ['entries', 'timers', 'rests', 'filled']);
    this.saved = parts.entries;
    this.timers.restore(parts.timers);
    this.rests.restore(parts.rests);
    this.filledEntries.restore(parts.filled);
    if (held !== undefined) this.stop.restore(held);
  }

  filled(fill: Pick<Fill, 'side' | 'lots' | 'clientId'>, position: Position): void {
    this.filledEntries.filled(fill, position);
    this.stop.onFill(position, fill);
    this.tender.stir();
  }

  private get barMs(): number {
    return this.setup.frames[0].ms ?? this.intervalMs;
  }

  private step(step: StrategyStep, finished: number): Decision | undefined {
    const { context, desk } = step;
    const { position, mark, reduceOnly } = context;
    const left = this.leaving.look(step);
    if (left !== undefined) return left.decision;
    if (reduceOnly && position.lots !== 0 && this.terms.settings.onReduceOnly === 'close')
      return this.closed(step, { why: 'Reduce-only mode active' }).decision;
    if (desk !== undefined && !this.entries.isEmpty) {
      this.entries.follow(desk, mark);
      if (finished > 0) this.entries.barEnded(this.frames.bar.at);
    }
    if (desk !== undefined) this.rests.follow(desk, mark);
    if (finished > 0) this.rests.barEnded(this.frames.bar.at);
    const entered = this.wishes.waited(step, finished > 0);
    if (entered !== undefined) return entered.decision;
    if (finished === 0) return BETWEEN_BARS;
    this.wishes.forget(desk);
    if (!this.frames.isReady) return WARMING_UP;
    return this.asked(step);
  }

  private asked(step: StrategyStep): Decision | undefined {
    const { onBar } = this.handlers;
    const { position, reduceOnly } = step.context;
    const { wished, hasActed, decision } =
      onBar === undefined ? NOTHING : this.handle(step, step.context.mark, 'onBar', onBar, this.context);
    if (wished !== undefined || hasActed) return decision;
    return reduceOnly && position.lots === 0 ? REDUCE_ONLY_FLAT : NOTHING_ASKED;
  }

  /** Decides: not while indicators are not ready, nor while nothing can be asked. */
  private everyTime(desk: ShortDesk, schedule: string): void {
    const handler = this.handlers.every[schedule];
    if (handler === undefined || desk.gate.mode === 'halted') return;
    if (this.frames.isReady) this.tell(desk, `every ${schedule}`, handler, {});
    else desk.hold(this.instrument.symbol, WARMING_UP.reason);
  }

  /** Tells a handler of what is no step: all it asks goes through the desk. */
  private tell(desk: ShortDesk, name: string, handler: ShortHandler | undefined, event: object): void {
    if (handler === undefined) return;
    const { symbol } = this.instrument;
    const mark = desk.mark(symbol) ?? this.seen?.mark;
    const context = {
      ...{ instrument: this.instrument, position: desk.account(symbol), mark: mark ?? marks(0) },
      ...{ equity: desk.equity, now: desk.now, reduceOnly: desk.gate.mode !== 'trading' },
    };
    const handed = Object.assign(Object.create(this.context) as object, event);
    const { decision } = this.handle({ context, desk, decides: false }, mark, name, handler, handed);
    if (decision?.action === 'hold') desk.hold(symbol, decision.reason, decision.values);
    this.tend(desk);
  }

  private handle(
    step: StrategyStep,
    mark: MarkUnits | undefined,
    name: string,
    handler: ShortHandler,
    handed: object,
  ): HandlerAnswer {
    const { position, now } = step.context;
    const { barMs, frames, stop, filledEntries } = this;
    const multiple = mark === undefined ? undefined : stop.multiple(position, mark);
    this.context.show({
      ...{ bar: frames.bar, barMs, position, mark, stop: stop.price, multiple, now, desk: step.desk },
      entries: filledEntries.count,
    });
    return this.verbs.during(step, name, handed, (shown) => handler(shown as never, this.setup.given as never));
  }

  /** Ends what waits to enter, orders by themselves included where nothing is held. */
  private withdrawn({ context, desk }: StrategyStep, why: string): boolean {
    if (desk === undefined) return false;
    const waits = !this.entries.isEmpty;
    if (waits) this.entries.cancel(why);
    this.rests.forget();
    if (context.position.lots !== 0) return waits;
    const others = desk.open({ role: 'entry' }).filter(({ type, isChanging }) => type !== 'market' && !isChanging);
    for (const ticket of others) ticket.cancel(why);
    return waits || others.length > 0;
  }

  /** At once where nothing else of ours rests; else what rests ends first, and the close goes on until it is done. */
  private closed({ context: { position }, desk, decides }: StrategyStep, why: Why): Answered<OrderTicket | undefined> {
    const { symbol } = position.instrument;
    if (desk !== undefined && (!decides || desk.open().length > 0)) {
      this.tender.leave(position);
      return { decision: undefined, ticket: desk.close(symbol, why) };
    }
    const decision = closing(position, why.why);
    const of = { side: position.lots > 0 ? 'sell' : 'buy', role: 'exit', tag: CLOSE } as const;
    const ticket = this.tickets.planned(desk, { ...why, ...of, lots: lots(Math.abs(position.lots)) });
    desk?.decides(ticket, decision);
    return { decision, ticket };
  }

  private goOn(desk: ShortDesk): void {
    this.tend(desk);
    const { seen } = this;
    // At the end of a whole step it is the business of the next one.
    if (seen !== undefined && desk.now < seen.now + this.intervalMs)
      this.wishes.goOn({ context: seen, desk, decides: true });
  }

  private tend(desk: ShortDesk): void {
    this.tender.tend(desk, this.seen?.position);
  }
}

const NOTHING: HandlerAnswer = Object.freeze({ wished: undefined, hasActed: false, decision: undefined });
