import { Decimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Position } from '../../../domain/position.js';
import { lots, type Ticks } from '../../../domain/units.js';
import type { StrategyContext } from '../../../ports/core-services/strategy.js';
import type { Intent } from '../../../ports/strategy/intent.js';
import type { StrategyDesk } from '../../../ports/strategy/strategy-desk.js';
import { assertExits } from '../exits/exit-terms.js';
import { perPriceOf } from '../exits/moving-stop.js';
import { ladderOf } from '../exits/take-profit.js';
import { limitOf, stopTicksOf } from '../host/grid-prices.js';
import type { AddOrder, ExitChange, FreeVerbs, ReduceOrder } from './bar-desk.js';
import { entryIntent } from './entry-intent.js';
import { planEntry, type EntryOrder } from './entry-order.js';
import type { HeldStop } from './held-stop.js';
import { shareOf } from './share.js';
import type { ShortTerms } from './short-terms.js';

/** What a strategy asks of the position it has, carried out as it is asked. */
export class PositionVerbs implements Omit<FreeVerbs, 'bars'> {
  private context: StrategyContext | undefined;
  private desk: StrategyDesk | undefined;
  private hasActed = false;
  private owed: { readonly intent: Intent; readonly openedAt: number | undefined } | undefined;

  constructor(
    private readonly instrument: Instrument,
    private readonly stop: HeldStop,
    private readonly terms: ShortTerms,
    private readonly onChange: () => void,
  ) {}

  /** A handler begins. */
  open(context: StrategyContext, desk: StrategyDesk | undefined): void {
    this.context = context;
    this.desk = desk;
    this.hasActed = false;
  }

  /** A handler has returned: whether it asked for any of these. */
  close(): boolean {
    return this.hasActed;
  }

  add(order: AddOrder): void {
    const { context, desk } = this.now('add');
    const { position, now, reduceOnly } = context;
    const side = position.lots > 0 ? 'buy' : 'sell';
    if (position.lots === 0) {
      this.turnedAway(desk, `No position to add to: ${order.why}`);
      return;
    }
    if (reduceOnly || this.terms.settings.disableNewEntries) {
      this.turnedAway(desk, `Nothing may be added now: ${order.why}`);
      return;
    }
    if (desk.open({ tag: 'add' }).length > 0) {
      this.turnedAway(desk, `Already adding: ${order.why}`);
      return;
    }
    const given =
      order.stop === undefined ? this.stop.levelOf(position) : stopTicksOf(this.instrument, exit(side), order.stop);
    const level = given === undefined ? ('none' as const) : this.instrument.price(given);
    const planned = planEntry(
      side,
      { ...order, stop: level } as EntryOrder,
      context,
      this.terms.settings,
      this.terms.limits,
    );
    if (planned.decision.action === 'hold') {
      this.turnedAway(desk, planned.decision.reason);
      return;
    }
    if (order.stop !== undefined) this.move(context, given, {});
    this.stop.planMore(side, given, now);
    const intent = entryIntent(this.instrument, side, { order: { ...order, stop: level } as EntryOrder, planned });
    desk.place({ ...intent, tag: 'add' });
  }

  reduce({ share, entry, why, values }: ReduceOrder): void {
    const { context, desk } = this.now('reduce');
    const { position } = context;
    if (position.lots === 0) {
      this.turnedAway(desk, `Nothing to reduce: ${why}`);
      return;
    }
    const part = shareOf(share);
    if (part === undefined || !part.gt(0) || part.gt(1))
      throw fault('STRAT-001', `reduce must name a share of at most 100%, was ${String(share)}.`);
    const side = position.lots > 0 ? 'sell' : 'buy';
    const size = lots(part.times(Math.abs(position.lots)).floor().toNumber());
    if (!(size > 0)) {
      this.turnedAway(desk, `Less than one step to reduce: ${why}`);
      return;
    }
    const limit = entry === undefined ? undefined : limitOf(this.instrument, side, entry.price);
    const resting = desk.open({ tag: 'reduce' })[0];
    if (resting !== undefined && limit !== undefined) {
      desk.amend(resting, { limit, lots: lots(resting.filledLots + size), why });
      return;
    }
    const intent: Intent = {
      ...{ instrument: this.instrument, side, lots: size, reduceOnly: true, role: 'exit', tag: 'reduce', why },
      ...(values === undefined ? {} : { values }),
      ...(limit === undefined ? { type: 'market' } : { type: 'limit', limit }),
      ...(entry?.postOnly === undefined ? {} : { postOnly: entry.postOnly }),
    };
    this.owed = { intent, openedAt: position.openedAt };
    this.onChange();
  }

  /** Lots that are to be taken off and have no order yet: rungs make room for them. */
  get owedLots(): number {
    return this.owed?.intent.lots ?? 0;
  }

  /** Takes off what rungs leave room for; the rest follows when they have given way. */
  pay(desk: StrategyDesk, position: Position): void {
    const { owed } = this;
    if (owed === undefined) return;
    const { intent, openedAt } = owed;
    if (position.lots === 0 || position.openedAt !== openedAt || position.lots > 0 === (intent.side === 'buy')) {
      this.owed = undefined;
      return;
    }
    if (desk.open({ tag: 'reduce' }).length > 0) return;
    const taken = desk
      .open({ role: 'take_profit' })
      .reduce((sum, { lots: size, filledLots }) => sum + size - filledLots, 0);
    const free = Math.min(intent.lots, Math.abs(position.lots) - taken);
    if (!(free > 0)) return;
    const { refusal, lots: sent } = desk.place({ ...intent, lots: lots(free) });
    const left = intent.lots - sent;
    this.owed = refusal !== undefined || left <= 0 ? undefined : { openedAt, intent: { ...intent, lots: lots(left) } };
  }

  exits(change: ExitChange): void {
    const { context, desk } = this.now('exits');
    const { position } = context;
    if (position.lots === 0) {
      this.turnedAway(desk, `No position whose exits could change: ${change.why}`);
      return;
    }
    const side = position.lots > 0 ? 'buy' : 'sell';
    if (change.stop === 'none') throw fault('STRAT-001', "exits must name a price for its stop, was 'none'.");
    const stop = change.stop === undefined ? undefined : stopTicksOf(this.instrument, exit(side), change.stop);
    this.move(context, stop, change);
    desk.hold(this.instrument.symbol, change.why);
  }

  private move(
    { position, mark, now }: StrategyContext,
    stop: Ticks | undefined,
    { trail, breakEven, timeStop, takeProfit }: Partial<ExitChange>,
  ): void {
    const exits = {
      ...(trail === undefined ? {} : { trail }),
      ...(breakEven === undefined ? {} : { breakEven }),
      ...(timeStop === undefined ? {} : { timeStop }),
      ...(takeProfit === undefined ? {} : { takeProfit: ladderOf(takeProfit) }),
    };
    const entry =
      position.entryPrice?.div(this.instrument.spec.tick) ?? new Decimal(mark / this.instrument.marksPerTick);
    assertExits(exits, { entry: entry.toNumber(), risk: 1, perPrice: perPriceOf(this.instrument) });
    this.stop.change(position, stop, exits, now);
    this.onChange();
  }

  private turnedAway(desk: StrategyDesk, why: string): void {
    desk.hold(this.instrument.symbol, why);
  }

  private now(verb: string): { readonly context: StrategyContext; readonly desk: StrategyDesk } {
    const { context, desk } = this;
    if (context === undefined || desk === undefined)
      throw fault('STRAT-001', `${verb} must be asked by a strategy that a host tells of events.`);
    this.hasActed = true;
    return { context, desk };
  }
}

const exit = (side: 'buy' | 'sell'): 'buy' | 'sell' => (side === 'buy' ? 'sell' : 'buy');
