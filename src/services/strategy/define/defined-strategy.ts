import { hold, type Decision } from '../../../domain/decision.js';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Fill } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { SymbolMap } from '../../../domain/symbol-map.js';
import type { Ticks } from '../../../domain/units.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { StrategySettings } from '../../../ports/configuration/settings/strategy-settings.js';
import type { EntryLimits, Strategy, StrategyContext } from '../../../ports/core-services/strategy.js';
import { closing, REDUCE_ONLY_FLAT, REDUCE_ONLY_KEPT } from '../decisions.js';
import type { Indicator } from '../indicators/index.js';
import { BarBuilder, type BuiltBar } from './bar-builder.js';
import { BarDesk, type BarContext } from './bar-desk.js';
import { planEntry } from './entry-order.js';
import { HeldStop } from './held-stop.js';

/** What a definition hands to every symbol it trades: what to compute and what to do on a bar. */
export interface Behaviour {
  /** Makes the indicators of one symbol; `named` are those that were given a name. */
  setup(): {
    readonly all: readonly Indicator[];
    readonly named: Readonly<Record<string, Indicator>>;
    readonly given: unknown;
  };
  onBar(context: BarContext<never>, given: never): void;
}

const BETWEEN_BARS = hold('Bar not finished');
const WARMING_UP = hold('Indicators are warming up');
const NOTHING_ASKED = hold('onBar asked for nothing');

/** What one symbol's run of a short strategy remembers. */
class Desk {
  readonly builder: BarBuilder;
  readonly desk: BarDesk;
  readonly stop: HeldStop;
  readonly all: readonly Indicator[];
  readonly named: Readonly<Record<string, Indicator>>;
  readonly given: unknown;

  constructor(instrument: Instrument, timeframeMs: number | undefined, behaviour: Behaviour, params: unknown) {
    ({ all: this.all, named: this.named, given: this.given } = behaviour.setup());
    this.builder = new BarBuilder(timeframeMs, (bar) => this.finished(bar));
    this.desk = new BarDesk(instrument, params);
    this.stop = new HeldStop(instrument);
  }

  get ready(): boolean {
    for (const indicator of this.all) if (!indicator.ready) return false;
    return true;
  }

  private finished(bar: BuiltBar): void {
    for (const indicator of this.all) indicator.update(bar);
  }
}

/**
 * A strategy of the short form. It is asked at every step, finishes bars from what the step shows, and lets `onBar`
 * speak once a bar, when every indicator is ready. It sees nothing but the past, and no clock. Between bars it holds
 * and watches its stop.
 */
export class DefinedStrategy implements Strategy {
  readonly needsSnapshot = false;
  private readonly desks = new SymbolMap<Desk>();
  private readonly saved = new Map<string, Json>();

  constructor(
    readonly name: string,
    readonly lookback: number,
    private readonly timeframeMs: number | undefined,
    private readonly params: unknown,
    private readonly behaviour: Behaviour,
    private readonly settings: StrategySettings,
    private readonly limits: EntryLimits | undefined,
  ) {}

  decide(context: StrategyContext): Decision {
    const { instrument, series, now, position, mark, reduceOnly } = context;
    const desk = this.deskOf(instrument);
    const finished = desk.builder.take(series, now, desk.desk.priceOf);
    if (position.lots !== 0 && desk.stop.reached(position, mark)) return closing(position, desk.stop.describe(mark));
    const left = position.lots !== 0 && desk.stop.hasExits ? this.left(desk, context) : undefined;
    if (left !== undefined) return left;
    if (reduceOnly && position.lots !== 0 && this.settings.onReduceOnly === 'close')
      return closing(position, 'Reduce-only mode active');
    const reversed = this.reversed(desk, context);
    if (reversed !== undefined) return reversed;
    if (finished === 0) return BETWEEN_BARS;
    desk.desk.forgetReversal();
    if (!desk.ready) return WARMING_UP;
    return this.asked(desk, context);
  }

  onFill({ instrument }: Fill, position: Position): void {
    this.deskOf(instrument).stop.onFill(position);
  }

  snapshot(symbol: string): Json | undefined {
    return this.desks.get(symbol)?.stop.snapshot();
  }

  restore(symbol: string, state: Json): void {
    const desk = this.desks.get(symbol);
    if (desk === undefined) this.saved.set(symbol, state);
    else desk.stop.restore(state);
  }

  protection(_symbol: string, position: Position): Ticks | undefined {
    return this.deskOf(position.instrument).stop.levelOf(position);
  }

  plannedProtection(symbol: string): Ticks | undefined {
    return this.desks.get(symbol)?.stop.plannedLevel;
  }

  /** `not ready: slow ema(48) 3 of 48 bars`, or that everything is. */
  explain(symbol: string): string {
    const desk = this.desks.get(symbol);
    if (desk === undefined) return 'not asked yet';
    const names = new Map(Object.entries(desk.named).map(([name, indicator]) => [indicator, name]));
    const waiting = desk.all
      .filter((indicator) => !indicator.ready)
      .map(
        (each) =>
          `${[names.get(each), each.name].filter((part) => part !== undefined).join(' ')} ${each.seen} of ${each.warmUp} bars`,
      );
    return waiting.length === 0 ? 'ready' : `not ready: ${waiting.join(', ')}`;
  }

  /** The time of the position may be over; else its stop follows the mark. */
  private left({ stop }: Desk, { position, mark, now, series }: StrategyContext): Decision | undefined {
    const overdue = stop.overdue(position, now, this.timeframeMs ?? series.intervalMs);
    if (overdue !== undefined) return closing(position, overdue);
    stop.follow(position, mark);
    return undefined;
  }

  private asked(desk: Desk, context: StrategyContext): Decision {
    const { position, reduceOnly } = context;
    desk.desk.open(desk.builder.bar, position, desk.stop.price, desk.stop.multiple(position, context.mark));
    this.behaviour.onBar(desk.desk as unknown as BarContext<never>, desk.given as never);
    const wish = desk.desk.wish();
    if (wish === undefined) return reduceOnly && position.lots === 0 ? REDUCE_ONLY_FLAT : NOTHING_ASKED;
    if (wish.action === 'hold') return desk.desk.held(wish.why);
    if (wish.action === 'flat')
      return position.lots === 0 ? desk.desk.held(`Nothing to close: ${wish.why}`) : closing(position, wish.why);
    if (reduceOnly) return position.lots === 0 ? REDUCE_ONLY_FLAT : REDUCE_ONLY_KEPT;
    if (this.settings.disableNewEntries) return desk.desk.held('New entries disabled');
    const side = wish.action === 'long' ? 'buy' : 'sell';
    if (side === 'sell' && (!this.settings.enableShorts || !context.instrument.isPerpetual))
      return desk.desk.held(`Shorts are off: ${wish.why}`);
    if (position.lots === 0) return this.enter(desk, side, context);
    if (position.lots > 0 === (side === 'buy')) return desk.desk.held(`Already ${wish.action}: ${wish.why}`);
    desk.desk.reverseLater();
    return closing(position, wish.why);
  }

  /** The other half of a reversal: the entry, once the old position is gone. */
  private reversed(desk: Desk, context: StrategyContext): Decision | undefined {
    const wish = desk.desk.reversal;
    if (wish === undefined || context.position.lots !== 0 || context.reduceOnly) return undefined;
    desk.desk.forgetReversal();
    return this.enter(desk, wish === 'long' ? 'buy' : 'sell', context);
  }

  private enter(desk: Desk, side: 'buy' | 'sell', context: StrategyContext): Decision {
    const order = desk.desk.order;
    if (order === undefined) throw fault('STRAT-001', `${this.name} must say what to enter.`);
    const { decision, stop, exits } = planEntry(side, order, context, this.settings, this.limits);
    if (decision.action !== 'hold') desk.stop.plan(side, stop, exits);
    return decision;
  }

  private deskOf(instrument: Instrument): Desk {
    const { symbol } = instrument;
    let desk = this.desks.get(symbol);
    if (desk !== undefined) return desk;
    desk = new Desk(instrument, this.timeframeMs, this.behaviour, this.params);
    this.desks.set(symbol, desk);
    const saved = this.saved.get(symbol);
    if (saved !== undefined) desk.stop.restore(saved);
    return desk;
  }
}
