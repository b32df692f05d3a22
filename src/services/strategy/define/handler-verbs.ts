import { withValues, type Decision } from '../../../domain/decision.js';
import { fault } from '../../../domain/errors.js';
import type { Values } from '../../../domain/order.js';
import type { Why } from '../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';
import type { OwnCheck } from '../host/intent-checks.js';
import type { ShortDesk } from '../host/short-desk.js';
import { ViewGuard } from '../view-guard.js';
import { REDUCE_ONLY_FLAT, REDUCE_ONLY_KEPT } from '../decisions.js';
import type { BuiltBar } from './bar-builder.js';
import type { ShortVerbs } from './bar-desk.js';
import type { EntryOrder } from './entries/entry-order.js';
import type { Answered, EntryWishes, StrategyStep } from './entries/entry-wishes.js';
import type { Frames } from './frames.js';
import { assertKnownTerms } from './known-terms.js';
import type { AddOrder, EitherOrders, ExitChange, ReduceOrder } from './market/market.js';
import type { OwnTimers } from './market/own-timers.js';
import type { HostedStep, PositionVerbs } from './position-verbs.js';
import type { KeptHolds } from './short-holds.js';
import type { StrategySettings } from '../../../ports/configuration/settings/strategy-settings.js';

export interface VerbPorts {
  readonly settings: StrategySettings;
  readonly holds: KeptHolds;
  readonly frames: Frames;
  readonly wishes: EntryWishes;
  readonly position: PositionVerbs;
  readonly timers: OwnTimers;
  readonly gauges: Map<string, number>;
  /** Ends what waits to enter. True where anything did. */
  readonly withdraw: (step: StrategyStep, why: string) => boolean;
  readonly close: (step: StrategyStep, why: Why) => Answered<OrderTicket | undefined>;
}

/** What a handler has asked for. */
export interface HandlerAnswer {
  /** Its one wish, where it had one. */
  readonly wished: string | undefined;
  /** Something beside it. */
  readonly hasActed: boolean;
  readonly decision: Decision | undefined;
}

const MOST_GAUGES = 64;

/** What one handler may ask: one wish, and all that is free, each carried out as it is asked. */
export class HandlerVerbs implements ShortVerbs {
  private step: StrategyStep | undefined;
  private handler = 'onBar';
  private wished: string | undefined;
  private hasActed = false;
  private answer: Answered<OrderTicket | undefined> | undefined;

  constructor(private readonly ports: VerbPorts) {}

  /** A handler runs; what it asks is asked of this step. */
  during(step: StrategyStep, handler: string, handed: object, call: (handed: object) => unknown): HandlerAnswer {
    this.step = step;
    this.handler = handler;
    this.wished = undefined;
    this.hasActed = false;
    this.answer = undefined;
    if (step.desk !== undefined) step.desk.handler = handler;
    const guard = this.ports.settings.guardViews === true ? new ViewGuard(handler) : undefined;
    try {
      if (call(guard?.of(handed, 'the context') ?? handed) instanceof Promise)
        throw fault('STRAT-001', `${handler} must return at once, was a promise.`);
    } finally {
      guard?.end();
      this.step = undefined;
    }
    const { wished, hasActed, answer } = this;
    // What it has asked for is carried out under its name.
    if (step.desk !== undefined && wished === undefined && !hasActed) step.desk.handler = '';
    return { wished, hasActed, decision: this.decisionOf(answer) };
  }

  /** The desk of the handler that runs, of which something is asked. */
  desk(verb: string): ShortDesk {
    this.hasActed = true;
    return this.seen(verb);
  }

  /** The same to look at: who only looks has asked for nothing. */
  seen(verb: string): ShortDesk {
    return this.hosted(verb).desk;
  }

  enter(side: 'buy' | 'sell', order: EntryOrder): OrderTicket {
    const verb = side === 'buy' ? 'long' : 'short';
    const step = this.wish(verb);
    assertKnownTerms(verb, order);
    const wish = { side, order, barAt: this.ports.frames.bar.at };
    const shut = this.shut(step);
    const { wishes } = this.ports;
    return this.told(
      shut === undefined ? wishes.one(step, wish) : wishes.turnedAway(step, wish, shut.check, shut.decision),
    );
  }

  either(orders: EitherOrders): readonly [OrderTicket, OrderTicket] {
    const { wishes, frames } = this.ports;
    const step = this.wish('either');
    assertKnownTerms('either', orders);
    const barAt = frames.bar.at;
    const shut = this.shut(step);
    if (shut !== undefined) {
      const { check, decision } = shut;
      const refused = (side: 'buy' | 'sell', order: EntryOrder): OrderTicket =>
        wishes.refused(step, { side, order, barAt }, check, decision.reason).ticket;
      this.answer = { decision, ticket: undefined };
      return [refused('buy', orders.long), refused('sell', orders.short)];
    }
    const { decision, ticket } = wishes.both(step, orders, barAt);
    this.answer = { decision, ticket: ticket[0] };
    return ticket;
  }

  flat(why: Why): OrderTicket | undefined {
    const step = this.wish('flat');
    assertKnownTerms('flat', why);
    const waits = this.ports.withdraw(step, why.why);
    if (step.context.position.lots !== 0) return this.told(this.ports.close(step, why));
    this.answer = {
      decision: this.ports.holds.of(waits ? why.why : `Nothing to close: ${why.why}`),
      ticket: undefined,
    };
    return undefined;
  }

  hold(why: string, values?: Values): void {
    this.wish('hold');
    this.answer = { decision: withValues(this.ports.holds.of(why), values), ticket: undefined };
  }

  add(order: AddOrder): OrderTicket {
    const step = this.acting('add');
    assertKnownTerms('add', order);
    return this.ports.position.add(step, order);
  }

  reduce(order: ReduceOrder): OrderTicket | undefined {
    const step = this.acting('reduce');
    assertKnownTerms('reduce', order);
    return this.ports.position.reduce(step, order);
  }

  exits(change: ExitChange): void {
    const step = this.acting('exits');
    assertKnownTerms('exits', change);
    this.ports.position.exits(step, change);
  }

  bars(timeframe: string): BuiltBar | undefined {
    return this.ports.frames.barOf(timeframe);
  }

  after(delay: string, name: string): void {
    this.ports.timers.after(this.hosted('after').desk, delay, name);
  }

  plot(name: string, value: number): void {
    this.running('plot');
    const { gauges } = this.ports;
    if (gauges.size >= MOST_GAUGES && !gauges.has(name))
      throw fault('STRAT-001', `A strategy must plot at most ${MOST_GAUGES} names, was ${name} beyond them.`);
    gauges.set(name, value);
  }

  clear(name: string): void {
    this.ports.timers.clear(this.hosted('clear').desk, name);
  }

  /** What the newest wish came to; one whose ticket was taken back again in the same handler is none. */
  private decisionOf(answer: Answered<OrderTicket | undefined> | undefined): Decision | undefined {
    if (answer === undefined) return undefined;
    const { decision, ticket } = answer;
    const isTakenBack = decision !== undefined && decision.action !== 'hold' && ticket?.status === 'cancelled';
    return isTakenBack ? this.ports.holds.of(`Taken back: ${decision.reason}`) : decision;
  }

  private told<T extends OrderTicket | undefined>(answer: Answered<T>): T {
    this.answer = answer;
    return answer.ticket;
  }

  /** Why nothing may be entered now. */
  private shut({ context }: StrategyStep): { readonly check: OwnCheck; readonly decision: Decision } | undefined {
    if (context.reduceOnly)
      return {
        check: 'reduce_only_block',
        decision: context.position.lots === 0 ? REDUCE_ONLY_FLAT : REDUCE_ONLY_KEPT,
      };
    if (!this.ports.settings.disableNewEntries) return undefined;
    return { check: 'entries_disabled', decision: this.ports.holds.of('New entries disabled') };
  }

  private wish(action: string): StrategyStep {
    const step = this.running(action);
    if (this.wished !== undefined)
      throw fault('STRAT-001', `${this.handler} must ask for one thing a bar, was ${this.wished} and ${action}.`);
    this.wished = action;
    return step;
  }

  private acting(verb: string): HostedStep {
    this.hasActed = true;
    return this.hosted(verb);
  }

  private hosted(verb: string): HostedStep {
    const { desk, ...step } = this.running(verb);
    if (desk !== undefined) return { ...step, desk };
    throw fault('STRAT-001', `${verb} must be asked by a strategy that a host tells of events.`);
  }

  private running(verb: string): StrategyStep {
    if (this.step !== undefined) return this.step;
    throw fault('STRAT-001', `${verb} must be asked while a handler runs.`);
  }
}
