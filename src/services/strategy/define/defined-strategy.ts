import type { Decision } from '../../../domain/decision.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Fill } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { SymbolMap } from '../../../domain/symbol-map.js';
import type { Ticks } from '../../../domain/units.js';
import type { StrategyContext, Strategy } from '../../../ports/core-services/strategy.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { EventStrategy, Restart } from '../../../ports/strategy/event-strategy.js';
import type { StrategyDesk } from '../../../ports/strategy/strategy-desk.js';
import type { DecidingStrategy } from '../host/deciding.js';
import type { ShortDesk } from '../host/short-desk.js';
import { NOTHING_ASKED } from './short-holds.js';
import { ShortStrategy } from './short-strategy.js';
import type { ShortTerms } from './short-terms.js';

/** A strategy of the short form: one at work for each symbol. */
export class DefinedStrategy implements Strategy {
  readonly needsSnapshot = false;
  private readonly atWork = new SymbolMap<ShortStrategy>();
  private readonly told = new Map<string, DecidingStrategy>();
  private readonly saved = new Map<string, Json>();

  constructor(
    readonly name: string,
    readonly lookback: number,
    private readonly terms: ShortTerms,
  ) {}

  /** Without a host it has its plain verbs alone: market entries with a stop, and closes. */
  decide(context: StrategyContext): Decision {
    const short = this.of(context.instrument);
    short.see(context);
    return short.decide(context, undefined, true) ?? NOTHING_ASKED;
  }

  events(symbol: string): EventStrategy {
    let told = this.told.get(symbol);
    if (told === undefined) this.told.set(symbol, (told = this.tellable(symbol)));
    return told;
  }

  onFill(fill: Fill, position: Position): void {
    this.of(fill.instrument).filled(fill, position);
  }

  snapshot(symbol: string): Json | undefined {
    return this.atWork.get(symbol)?.snapshot();
  }

  restore(symbol: string, state: Json): void {
    const short = this.atWork.get(symbol);
    if (short === undefined) this.saved.set(symbol, state);
    else short.restore(state);
  }

  protection(_symbol: string, position: Position): Ticks | undefined {
    return this.of(position.instrument).stop.levelOf(position);
  }

  protectionBy(symbol: string): string | undefined {
    return this.atWork.get(symbol)?.stop.movedUnder;
  }

  plannedProtection(symbol: string, side?: 'buy' | 'sell'): Ticks | undefined {
    return side === undefined ? undefined : this.atWork.get(symbol)?.stop.plannedLevel(side);
  }

  /** `not ready: slow ema(48) 3 of 48 bars`, or that everything is. */
  explain(symbol: string): string {
    const short = this.atWork.get(symbol);
    if (short === undefined) return 'not asked yet';
    const names = new Map(Object.entries(short.setup.named).map(([name, indicator]) => [indicator, name]));
    const waiting = short.frames.all
      .filter((indicator) => !indicator.ready)
      .map(
        (each) =>
          `${[names.get(each), each.name].filter((part) => part !== undefined).join(' ')} ${each.seen} of ${each.warmUp} bars`,
      );
    return waiting.length === 0 ? 'ready' : `not ready: ${waiting.join(', ')}`;
  }

  /** The product may not be known yet when its host takes the strategy in, nor when it begins. */
  private tellable(symbol: string): DecidingStrategy {
    let known: ShortStrategy | undefined;
    const of = (instrument: Instrument): ShortStrategy => (known ??= this.of(instrument));
    const at = (desk: StrategyDesk): ShortStrategy => this.atWork.get(symbol) ?? this.of(desk.instrument(symbol));
    const { handlers } = this.terms.behaviour;
    const { onStart, onGate, onStop } = handlers;
    const short = (desk: StrategyDesk): ShortDesk => desk as ShortDesk;
    let restarted: { readonly restart: Restart | undefined } | undefined;
    const begin = (desk: StrategyDesk): void => {
      const begun = restarted;
      restarted = undefined;
      if (begun !== undefined) at(desk).onStart(short(desk), begun.restart);
    };
    return {
      name: this.name,
      needs: { symbols: [symbol], timeframes: [] },
      onStopping: this.terms.onStopping,
      hearsAll: handlers.onFill !== undefined || handlers.onOrder !== undefined,
      see: (context) => of(context.instrument).see(context),
      decide: (context, desk, isAsked) => {
        if (restarted !== undefined) begin(desk);
        return of(context.instrument).decide(context, desk, isAsked);
      },
      onStart: (desk, restart) => {
        if (restart === undefined && !this.saved.has(symbol) && onStart === undefined) return;
        restarted = { restart };
        if (isKnown(desk, symbol)) begin(desk);
      },
      onOrder: (update, desk) => at(desk).onOrder(update, short(desk)),
      onFill: (fill, ticket, desk) => at(desk).onFill(fill, ticket, short(desk)),
      onPosition: (_change, desk) => at(desk).onPosition(short(desk)),
      onTimer: (timer, desk) => at(desk).onTimer(timer, short(desk)),
      ...(onGate === undefined ? {} : { onGate: (_gate, desk) => at(desk).told(short(desk), 'onGate', {}) }),
      ...(onStop === undefined ? {} : { onStop: (desk, reason) => at(desk).told(short(desk), 'onStop', { reason }) }),
      // What it plots.
      metrics: () => Object.fromEntries(this.atWork.get(symbol)?.gauges ?? []),
      // What it remembers is asked of the strategy itself.
      snapshot: () => undefined,
      restore: () => undefined,
    };
  }

  private of(instrument: Instrument): ShortStrategy {
    const { symbol } = instrument;
    let short = this.atWork.get(symbol);
    if (short !== undefined) return short;
    short = new ShortStrategy(instrument, this.terms);
    this.atWork.set(symbol, short);
    const saved = this.saved.get(symbol);
    if (saved !== undefined) short.restore(saved);
    return short;
  }
}

/** Desks throw for a product that nobody has confirmed yet. */
function isKnown(desk: StrategyDesk, symbol: string): boolean {
  try {
    desk.instrument(symbol);
    return true;
  } catch {
    return false;
  }
}
