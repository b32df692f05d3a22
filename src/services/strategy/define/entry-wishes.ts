import type { Decision } from '../../../domain/decision.js';
import { fault } from '../../../domain/errors.js';
import type { StrategyContext } from '../../../ports/core-services/strategy.js';
import type { StrategyDesk } from '../../../ports/strategy/strategy-desk.js';
import type { BarDesk, Wish } from './bar-desk.js';
import type { EntryKeeper } from './entry-keeper.js';
import { planEntry, type EntryOrder } from './entry-order.js';
import type { HeldStop } from './held-stop.js';
import type { ShortTerms } from './short-terms.js';

type Side = 'buy' | 'sell';

/** An entry that waits until what is in its way is gone: the position it is against, or exits and entries of before. */
interface Later {
  readonly side: Side;
  readonly order: EntryOrder;
  readonly barAt: number;
}

/** What came of it; without a decision what was asked of the desk stands. */
export interface Entered {
  readonly decision: Decision | undefined;
}

/** A step of the strategy. `desk` is undefined without a host. */
export interface StrategyStep {
  readonly context: StrategyContext;
  readonly desk: StrategyDesk | undefined;
}

const LEAVING = 'Exits and entries of before are leaving';

/** Carries out the entries that a handler has asked for. */
export class EntryWishes {
  private later: Later | undefined;

  constructor(
    private readonly terms: ShortTerms,
    private readonly context: BarDesk,
    private readonly stop: HeldStop,
    private readonly entries: EntryKeeper,
    /** Closes the position that an entry is against. */
    private readonly close: (step: StrategyStep, why: string) => Decision | undefined,
  ) {}

  one(step: StrategyStep, { action, why, order }: Wish, barAt: number): Decision | undefined {
    const { position } = step.context;
    const side = action === 'long' ? 'buy' : 'sell';
    if (order === undefined) throw fault('STRAT-001', `${this.terms.name} must say what to enter.`);
    if (side === 'sell' && this.hasNoShorts(step)) return this.context.held(`Shorts are off: ${why}`);
    if (position.lots === 0) return this.enter(step, { side, order, barAt });
    if (position.lots > 0 === (side === 'buy')) return this.context.held(`Already ${action}: ${why}`);
    this.later = { side, order, barAt };
    return this.close(step, why);
  }

  /** Two of which the first execution ends the other; where shorts are off the long side stands alone. */
  both(step: StrategyStep, { why, order, short }: Wish, barAt: number): Decision | undefined {
    const { context } = step;
    if (order === undefined || short === undefined)
      throw fault('STRAT-001', `${this.terms.name} must say what to enter.`);
    if (context.position.lots !== 0) return this.context.held(`Already in a position: ${why}`);
    if (this.hasNoShorts(step)) return this.one(step, { action: 'long', why, order }, barAt);
    const desk = this.hosted(step);
    if (this.isInTheWay(desk, context) && !this.entries.takesBoth(order, short)) {
      this.entries.cancel(why);
      return this.context.held(LEAVING);
    }
    const wishes = { buy: this.planned('buy', order, context), sell: this.planned('sell', short, context) };
    for (const { planned } of [wishes.buy, wishes.sell])
      if (planned.decision.action === 'hold') return planned.decision;
    for (const side of ['sell', 'buy'] as const)
      this.stop.plan(side, wishes[side].planned.stop, wishes[side].planned.exits, context.now);
    this.entries.either(desk, wishes, barAt);
    return undefined;
  }

  /** The entry that waited, once nothing is in its way; what stands there longer than a bar is asked about anew. */
  waited(step: StrategyStep, isNewBar: boolean): Entered | undefined {
    const { later } = this;
    const { context, desk } = step;
    if (later === undefined || context.position.lots !== 0 || context.reduceOnly) return undefined;
    const isInTheWay = desk !== undefined && this.isInTheWay(desk, context);
    if (isInTheWay && !isNewBar) return undefined;
    this.later = undefined;
    return isInTheWay ? undefined : { decision: this.enter(step, later) };
  }

  /** News: what waited for it and goes through the desk goes on within the bar in which it was asked. */
  goOn(step: StrategyStep): void {
    const { later } = this;
    if (later === undefined || (later.order.entry === undefined && later.order.takeProfit === undefined)) return;
    if (step.desk?.gate.mode === 'trading') this.waited(step, false);
  }

  forget(): void {
    this.later = undefined;
  }

  private enter(step: StrategyStep, wish: Later): Decision | undefined {
    const { side, order, barAt } = wish;
    const { context, desk } = step;
    const isChange = this.entries.takes(side, order);
    if (desk !== undefined && !isChange && this.isInTheWay(desk, context)) {
      this.entries.cancel(order.why);
      this.later = wish;
      return this.context.held(LEAVING);
    }
    const wished = this.planned(side, order, context);
    const { decision, stop, exits } = wished.planned;
    if (decision.action === 'hold') return decision;
    this.stop.plan(side, stop, exits, context.now);
    if (order.entry === undefined && order.takeProfit === undefined) return decision;
    this.entries.enter(this.hosted(step), side, wished, barAt);
    return undefined;
  }

  private planned(side: Side, order: EntryOrder, context: StrategyContext) {
    return { order, planned: planEntry(side, order, context, this.terms.settings, this.terms.limits) };
  }

  /** What rests of before could take a new position off, or double it. */
  private isInTheWay(desk: StrategyDesk, { instrument }: StrategyContext): boolean {
    return !this.entries.isEmpty || desk.isLeaving(instrument.symbol);
  }

  private hasNoShorts({ context: { instrument } }: StrategyStep): boolean {
    return !this.terms.settings.enableShorts || !instrument.isPerpetual;
  }

  private hosted({ desk }: StrategyStep): StrategyDesk {
    if (desk !== undefined) return desk;
    throw fault(
      'STRAT-001',
      `${this.terms.name} must be told by a strategy host: it asks for more than a market entry with a stop.`,
    );
  }
}
