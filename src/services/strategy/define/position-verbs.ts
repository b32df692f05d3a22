import { Decimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import { signOf } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { lots, type Ticks } from '../../../domain/units.js';
import type { Intent } from '../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';
import { assertExits, timeoutOf } from '../exits/exit-terms.js';
import { perPriceOf } from '../exits/moving-stop.js';
import { ladderOf } from '../exits/take-profit.js';
import { limitOf, stopTicksOf } from '../host/grid-prices.js';
import type { OwnCheck } from '../host/intent-checks.js';
import type { ShortDesk } from '../host/short-desk.js';
import { passive } from './entries/entry-ground.js';
import { entryIntent } from './entries/entry-intent.js';
import type { Entry } from './entries/entry-kinds.js';
import { planEntry, type EntryOrder } from './entries/entry-order.js';
import type { StepGround, StrategyStep } from './entries/entry-wishes.js';
import type { HeldStop } from './held-stop.js';
import type { AddOrder, ExitChange, ReduceOrder } from './market/market.js';
import type { RestTimes, RestTerms } from './market/rest-times.js';
import { shareOf } from './share.js';
import type { ShortTerms } from './short-terms.js';
import type { VerbTickets } from './verb-tickets.js';

/** A step of a strategy that a host tells. */
export interface HostedStep extends StrategyStep {
  readonly desk: ShortDesk;
}

/** The tag of the orders that scale out. */
const REDUCE = 'reduce';

/** What is to be taken off and has no order yet. Without a ticket it is the rest of what had one. */
interface Owed {
  readonly intent: Intent;
  readonly openedAt: number | undefined;
  readonly ticket: OrderTicket | undefined;
  /** How what rests of it does so. */
  readonly resting: RestTerms;
  /** Turned away for a moment it is asked again until then; absent: not. */
  readonly until?: number;
}

/** A way out at market that has been sent: what its orders have left goes on by itself. */
interface Going {
  /** Lots that are left, before those of the newest order. */
  left: number;
  newest: OrderTicket;
}

/** What a strategy asks of the position it has, carried out as it is asked. */
export class PositionVerbs {
  private owed: Owed | undefined;
  private going: Going | undefined;

  constructor(
    private readonly instrument: Instrument,
    private readonly stop: HeldStop,
    private readonly terms: ShortTerms,
    private readonly tickets: VerbTickets,
    private readonly onChange: () => void,
    /** How an order rests. */
    private readonly rests: Pick<RestTimes, 'add' | 'isChased' | 'follows' | 'goesOn'>,
  ) {
    rests.goesOn('add', (desk, rest) => this.addRest(desk, rest));
    rests.goesOn('reduce', (desk, rest, until) => this.reduceRest(desk, rest, until));
  }

  add({ context, desk }: HostedStep, order: AddOrder): OrderTicket {
    const { position, now, reduceOnly } = context;
    const { why, tag = 'add', entry } = order;
    if (entry?.timeout !== undefined) timeoutOf(entry.timeout);
    const side = position.lots < 0 ? 'sell' : 'buy';
    const none = (check: OwnCheck, reason: string): OrderTicket => {
      desk.hold(this.instrument.symbol, reason);
      return this.tickets.refused(desk, { side, role: 'entry', tag, why }, check, reason);
    };
    if (position.lots === 0) return none('flat', `No position to add to: ${why}`);
    if (reduceOnly) return none('reduce_only_block', `Nothing may be added now: ${why}`);
    if (this.terms.settings.disableNewEntries) return none('entries_disabled', `Nothing may be added now: ${why}`);
    if (desk.open({ tag }).length > 0) return none('already', `Already adding: ${why}`);
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
    if (planned.decision.action === 'hold') return none(planned.check ?? 'entry', planned.decision.reason);
    this.stop.planMore(side, given, now);
    const wished = entryIntent(this.instrument, side, { order: { ...order, stop: level } as EntryOrder, planned });
    const intent = { ...wished, tag };
    const ticket = desk.place(intent);
    // What is held keeps its stop where nothing is added.
    if (order.stop !== undefined && ticket.refusal === undefined) this.move(context, given, {});
    this.stop.plans.bind(side, ticket);
    const again = (later: ShortDesk, limit: Ticks): OrderTicket | undefined => {
      if (Math.sign(later.account(this.instrument.symbol).lots) !== signOf(side)) return undefined;
      this.stop.planMore(side, given, later.now);
      const further = later.place({ ...intent, limit });
      this.stop.plans.bind(side, further);
      return further;
    };
    this.rests.add(ticket, { ...restingOf(entry, 'add'), again });
    return ticket;
  }

  /** What has not filled of an addition in its time goes under the exits of the position as they are by now. */
  private addRest(desk: ShortDesk, rest: Intent): OrderTicket | undefined {
    const { side } = rest;
    const position = desk.account(this.instrument.symbol);
    if (Math.sign(position.lots) !== signOf(side) || desk.isClosing) return undefined;
    this.stop.planMore(side, this.stop.levelOf(position), desk.now);
    const ticket = desk.place(rest);
    this.stop.plans.bind(side, ticket);
    return ticket;
  }

  /** Likewise of what was to be taken off: as much as rungs leave room for, the rest when they have given way. */
  private reduceRest(desk: ShortDesk, rest: Intent, until: number): undefined {
    const { lots: held, openedAt } = desk.account(this.instrument.symbol);
    const { owed } = this;
    if (Math.sign(held) !== -signOf(rest.side) || desk.isClosing || owed?.ticket !== undefined) return;
    // What still waited for room has waited as long.
    const size = lots(Math.min(rest.lots + (owed?.intent.lots ?? 0), Math.abs(held)));
    const intent: Intent = { ...rest, lots: size, reduceOnly: true };
    this.owed = { intent, openedAt, ticket: undefined, resting: {}, until };
    this.onChange();
  }

  /** Undefined where nothing is to be taken off. */
  reduce({ context, desk }: HostedStep, { share, entry, why, values }: ReduceOrder): OrderTicket | undefined {
    const { position, mark } = context;
    if (entry?.timeout !== undefined) timeoutOf(entry.timeout);
    if (position.lots === 0) {
      desk.hold(this.instrument.symbol, `Nothing to reduce: ${why}`);
      return undefined;
    }
    const part = shareOf(share);
    if (part === undefined || !part.gt(0) || part.gt(1))
      throw fault('STRAT-001', `reduce must name a share of at most 100%, was ${String(share)}.`);
    const side = position.lots > 0 ? 'sell' : 'buy';
    const size = lots(part.times(Math.abs(position.lots)).floor().toNumber());
    if (!(size > 0)) {
      desk.hold(this.instrument.symbol, `Less than one step to reduce: ${why}`);
      return undefined;
    }
    const isChase = entry?.kind === 'chase';
    const limit =
      entry === undefined
        ? undefined
        : isChase
          ? passive(side, mark, this.instrument, entry.offsetTicks)
          : limitOf(this.instrument, side, entry.price);
    const resting = desk.open({ tag: REDUCE })[0];
    if (resting !== undefined && limit !== undefined) {
      // A chase stays where it has come to; what was none, or is none any more, stands where it is asked now.
      const stays = isChase && this.rests.isChased(resting);
      desk.amend(resting, { ...(stays ? {} : { limit }), lots: lots(resting.filledLots + size), why });
      this.rests.follows(resting, restingOf(entry, 'reduce'));
      return resting;
    }
    const postOnly = isChase ? true : entry?.postOnly;
    const intent: Intent = {
      ...{ instrument: this.instrument, side, lots: size, reduceOnly: true, role: 'exit', tag: REDUCE, why },
      ...(values === undefined ? {} : { values }),
      ...(limit === undefined ? { type: 'market' } : { type: 'limit', limit }),
      ...(postOnly === undefined ? {} : { postOnly }),
    };
    this.leave(desk, 'another share is to be taken off');
    const ticket = desk.plan(intent);
    this.owed = { intent, openedAt: position.openedAt, ticket, resting: restingOf(entry, 'reduce') };
    this.onChange();
    return ticket;
  }

  /** Lots that are to be taken off and of which no order is done: rungs make room for them. */
  owedLots(desk: ShortDesk): number {
    this.look(desk);
    const { owed, going } = this;
    const open = desk.open({ tag: REDUCE })[0] ?? (going?.newest.isOpen === true ? going.newest : undefined);
    const goes =
      open === undefined ? (going?.left ?? 0) - (going?.newest.filledLots ?? 0) : open.lots - open.filledLots;
    return (owed?.intent.lots ?? 0) + Math.max(0, goes);
  }

  /** Forgets what has been taken off, or is not followed any more. True where that changes something. */
  look(desk: ShortDesk): boolean {
    const { going } = this;
    if (going === undefined) return false;
    const newest = desk.find(REDUCE);
    if (newest !== undefined && newest !== going.newest) {
      going.left -= going.newest.filledLots;
      going.newest = newest;
    }
    if (going.newest.isOpen || (desk.isClosing && going.left > going.newest.filledLots)) return false;
    this.going = undefined;
    return true;
  }

  /** Takes off what rungs leave room for; the rest follows when they have given way. */
  pay(desk: ShortDesk, position: Position): void {
    const { owed } = this;
    if (owed === undefined) return;
    const { intent, openedAt, ticket, resting } = owed;
    const isOther = position.openedAt !== openedAt || position.lots > 0 === (intent.side === 'buy');
    if (position.lots === 0 || isOther || ticket?.isDone === true) {
      this.leave(desk, 'the position is gone');
      return;
    }
    if (desk.open({ tag: REDUCE }).length > 0) return;
    const taken = desk
      .open({ role: 'take_profit' })
      .reduce((sum, { lots: size, filledLots }) => sum + size - filledLots, 0);
    const free = Math.min(intent.lots, Math.abs(position.lots) - taken);
    if (!(free > 0)) return;
    const placed = desk.place({ ...intent, lots: lots(free) }, ticket);
    const { refusal, lots: sent } = placed;
    if (refusal?.isTransient === true && owed.until !== undefined && desk.now <= owed.until) {
      this.onChange();
      return;
    }
    const again = (later: ShortDesk, limit: Ticks): OrderTicket | undefined =>
      later.account(this.instrument.symbol).openedAt === openedAt
        ? later.place({ ...intent, lots: sent, limit })
        : undefined;
    this.rests.add(placed, { ...resting, again });
    this.going = refusal === undefined ? { left: sent, newest: placed } : undefined;
    const left = intent.lots - sent;
    this.owed =
      refusal !== undefined || left <= 0
        ? undefined
        : { ...owed, intent: { ...intent, lots: lots(left) }, ticket: undefined };
  }

  exits({ context, desk }: HostedStep, change: ExitChange): void {
    const { position } = context;
    if (position.lots === 0) {
      desk.hold(this.instrument.symbol, `No position whose exits could change: ${change.why}`);
      return;
    }
    const side = position.lots > 0 ? 'buy' : 'sell';
    if (change.stop === 'none') throw fault('STRAT-001', "exits must name a price for its stop, was 'none'.");
    const stop = change.stop === undefined ? undefined : stopTicksOf(this.instrument, exit(side), change.stop);
    const known = this.stop.levelOf(position);
    const away = stop === undefined || known === undefined ? 0 : (known - stop) * Math.sign(position.lots);
    if (desk.gate.mode === 'halted' && away > 0) {
      desk.hold(this.instrument.symbol, `A stop moves towards the market alone now: ${change.why}`);
      return;
    }
    this.move(context, stop, change);
    desk.hold(this.instrument.symbol, change.why);
  }

  private move(
    { position, mark, now }: StepGround,
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

  /** What was to be taken off is not any more. */
  private leave(desk: ShortDesk, why: string): void {
    if (this.owed?.ticket !== undefined) desk.drop(this.owed.ticket, why);
    this.owed = undefined;
  }
}

const restingOf = (entry: Entry | undefined, of: 'add' | 'reduce'): RestTerms => ({
  timeout: entry?.timeout,
  chase: entry?.kind === 'chase' ? entry : undefined,
  ...(entry !== undefined && 'then' in entry && entry.then === 'market' ? { then: { of } } : {}),
});

const exit = (side: 'buy' | 'sell'): 'buy' | 'sell' => (side === 'buy' ? 'sell' : 'buy');
