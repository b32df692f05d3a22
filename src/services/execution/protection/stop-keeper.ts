import type { Instrument } from '../../../domain/instrument.js';
import { isTerminal } from '../../../domain/order-state.js';
import { remaining, type Order, type OrderOptions, type Side } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import type { Ticks } from '../../../domain/units.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { ExecutionEngine, OrderLog } from '../../../ports/core-services/execution.js';
import type { StrategyRegistry } from '../../../ports/core-services/strategy.js';
import type { OpenOrders } from '../../../ports/runtime-state/open-orders.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';
import { coverOf, exitSide, leaving, ON_THE_WAY_MS, REASON, type Cover } from './cover.js';
import type { CoverProbe } from './cover-probe.js';
import { StopGuard } from './stop-guard.js';
import type { PlannedStops } from './planned-stops.js';
import { exitOrder, stopOrder, stopTypeOf, type StopTerms, type StopType } from './stop-orders.js';
import type { Withdrawals } from './withdrawals.js';

/** What is not answered is asked for so often: a position that is bare cannot wait longer for the venue's return. */
const ASK_EVERY_MS = 1_000;
/** So many missing answers in a row are lost messages; more of them are a venue that does not answer. */
const PATIENT_SILENCES = 4;
const BPS = 10_000;

/** The first endings in a row are told one by one, then ever fewer. */
const isTold = (endings: number): boolean => (endings & (endings - 1)) === 0;

export interface KeeperPorts {
  readonly config: ConfigController;
  readonly registry: StrategyRegistry;
  readonly portfolio: Portfolio;
  readonly openOrders: OpenOrders;
  readonly log: OrderLog;
  readonly engine: ExecutionEngine;
  readonly session: VenueSession;
  readonly ladder: SafetyLadder;
  readonly pending: PendingWork;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly planned: PlannedStops;
  readonly probe: CoverProbe;
  readonly withdrawals: Withdrawals;
  readonly budget: RequestBudget;
}

/** Compares each position with the stops that stand behind it, and sends, replaces or withdraws what differs. */
export class StopKeeper {
  readonly guards = new Map<string, StopGuard>();
  /** Positions that are open. */
  guarded = 0;
  /** At start, what strategies do not remember is read from the journal. */
  recalling = false;
  private placed = 0;
  private busy = false;
  private rests = true;

  constructor(private readonly ports: KeeperPorts) {}

  get stopType(): StopType | undefined {
    return stopTypeOf(this.ports.session.capabilities);
  }

  begin(): void {
    this.rests = false;
  }

  /** No timer is left. */
  rest(): void {
    this.rests = true;
    for (const guard of this.guards.values()) guard.rest();
    this.ports.withdrawals.stop();
  }

  /** An order of this room that is not what it was sent for any more. The end of a position ends its stop, too. */
  judge({ status, origin, request, collar, reason = status }: Order): void {
    const { clientId, symbol, instrument, side, stop } = request;
    const guard = this.guards.get(symbol);
    if (guard === undefined || origin?.reason.startsWith(REASON) !== true) return;
    const isExit = stop === undefined;
    if (status === 'filled' || !(isTerminal(status) || (isExit && status === 'unknown'))) return;
    const position = this.ports.portfolio.position(instrument);
    if (position.lots === 0 || side !== exitSide(position)) return;
    if (!isExit && reason.startsWith('would_trigger')) guard.isReached = true;
    if (isExit && isTerminal(status) && collar !== undefined) guard.isBare = guard.isReached = true;
    // Its silence has been counted; what was answered in the end was no refusal of the next one.
    if (guard.unanswered.delete(clientId)) return;
    this.ended(guard, isExit ? 'exits' : 'stops', reason);
  }

  private ended(guard: StopGuard, which: 'exits' | 'stops', reason: string): void {
    const endings = guard[which].ended();
    if (!isTold(endings)) return;
    const what = which === 'exits' ? 'The exit of a reached stop has not filled' : 'A protective stop does not stand';
    this.ports.logger.error(`${what}; it is sent again`, { symbol: guard.instrument.symbol, reason, times: endings });
  }

  /**
   * An entry has been approved and will be sent next: its stop follows it to the venue and sleeps there until it fills,
   * so that not even the first instant is unprotected.
   */
  accompany(entry: Order): void {
    const { instrument, clientId, side } = entry.request;
    const stop = this.ports.registry.strategyFor(instrument.symbol).plannedProtection?.(instrument.symbol);
    if (stop === undefined) return;
    this.ports.planned.write(entry, stop);
    const { brackets, orderTypes } = this.ports.session.capabilities;
    if (brackets !== true || !orderTypes.includes('stop_market')) return;
    const exit: Side = side === 'buy' ? 'sell' : 'buy';
    // In the step after this one: the entry itself is not on its way yet.
    this.soon(() => this.send(instrument, exit, entry.request.lots, stop, entry.createdAt, { after: clientId }));
  }

  /** In the step after this one. */
  soon(work: () => void): void {
    this.ports.pending.track(Promise.resolve().then(work));
  }

  lookAtAll(): void {
    for (const { instrument } of [...this.ports.portfolio.positions()]) this.look(instrument);
  }

  /** Events were lost: what stands at the venue is asked for. */
  verify(): void {
    for (const guard of this.guards.values()) if (guard.isOpen) this.ask(guard);
  }

  /** Placing is itself a change of orders: it is not followed into itself. */
  look(instrument: Instrument): void {
    if (this.busy || this.ports.config.current.dryRun) return;
    const { symbol } = instrument;
    const strategy = this.ports.registry.strategyFor(symbol);
    if (strategy.protection === undefined) return;
    this.busy = true;
    try {
      const position = this.ports.portfolio.position(instrument);
      let guard = this.guards.get(symbol);
      if (guard === undefined) this.guards.set(symbol, (guard = new StopGuard(instrument, this.ports)));
      const named = position.lots === 0 ? undefined : strategy.protection(symbol, position);
      guard.say(position, named, this.recalling ? () => this.ports.planned.of(position) : undefined);
      this.keep(guard, position);
    } finally {
      this.busy = false;
    }
  }

  private keep(guard: StopGuard, position: Position): void {
    const now = this.ports.clock.now();
    const { symbol, minLots } = position.instrument;
    const { stop } = guard;
    const orders = this.standing(symbol);
    const cover = coverOf(orders, position, stop, now, (clientId) => this.ports.log.find(clientId));
    const size = stop === undefined ? 0 : Math.abs(position.lots);
    // What is too small to be ordered cannot be covered.
    guard.note(size < minLots ? 0 : Math.max(0, size - cover.standing), now);
    this.countOpen(guard, position.lots !== 0);
    if (guard.nakedSince === undefined) {
      if (size > 0) guard.stops.held();
      guard.silences = 0;
      guard.rest();
    }
    this.retire(guard, position, cover, size);
    for (const { request } of cover.silent) this.takeNoteOf(guard, request.clientId);
    const going = size > 0 ? leaving(orders, exitSide(position), now) : 0;
    const missing = size - cover.standing - cover.coming - going;
    if (missing > 0) this.restore(guard, position, missing, now);
    else if (guard.nakedSince !== undefined) this.wake(guard, (going > 0 ? now : cover.comingSince) + ON_THE_WAY_MS);
  }

  /** What is being withdrawn protects nobody any more. */
  private standing(symbol: string): readonly Order[] {
    const { openOrders, withdrawals } = this.ports;
    if (openOrders.size === 0) return [];
    const orders = openOrders.of(symbol);
    return withdrawals.size === 0 ? orders : orders.filter(({ request }) => !withdrawals.has(request.clientId));
  }

  private countOpen(guard: StopGuard, isOpen: boolean): void {
    if (guard.isOpen === isOpen) return;
    guard.isOpen = isOpen;
    this.guarded += isOpen ? 1 : -1;
  }

  private takeNoteOf(guard: StopGuard, clientId: string): void {
    if (guard.unanswered.has(clientId)) return;
    guard.unanswered.add(clientId);
    guard.isInDoubt = true;
    guard.silences += 1;
    if (guard.silences > PATIENT_SILENCES) this.ended(guard, 'stops', 'not answered');
  }

  private restore(guard: StopGuard, position: Position, missing: number, now: number): void {
    const { stop, stops, instrument } = guard;
    if (stop === undefined || this.ports.ladder.state === 'LOCKED') return;
    if (guard.isReached) this.leave(guard, position, now);
    else if (this.stopType === undefined) return;
    else if (guard.isInDoubt) this.ask(guard);
    else if (!this.waits(guard, stops.nextAt(), now)) {
      for (let left = missing; left > 0; left -= instrument.maxLots)
        if (!this.send(instrument, exitSide(position), left, stop, now)) break;
    }
  }

  /** Stops at another price leave once the new one stands, others when nothing is left for them to reduce. */
  private retire(guard: StopGuard, position: Position, cover: Cover, size: number): void {
    const isGone = (order: Order): boolean => position.lots === 0 || order.request.side !== exitSide(position);
    const isReplaced = guard.stop === undefined ? guard.isNamed : cover.standing >= size;
    for (const order of cover.others)
      if ((isGone(order) || isReplaced) && !this.sleeps(order)) this.ports.withdrawals.withdraw(order);
    let { standing } = cover;
    for (const order of cover.held) {
      const isLoose = order.status === 'open' && order.request.options?.after === undefined;
      if (!isLoose || standing - remaining(order) < size) continue;
      standing -= remaining(order);
      this.ports.withdrawals.withdraw(order);
    }
  }

  /** Its entry may still fill; the venue ends it with an entry that does not. */
  private sleeps({ request }: Order): boolean {
    const after = request.options?.after;
    return after !== undefined && this.ports.openOrders.find(after) !== undefined;
  }

  private send(
    instrument: Instrument,
    side: Side,
    size: number,
    stop: Ticks,
    now: number,
    options?: OrderOptions,
  ): boolean {
    const type = this.stopType;
    if (type === undefined) return false;
    const guard = this.guards.get(instrument.symbol);
    guard?.stops.sent();
    const submission = this.ports.engine.place(
      stopOrder(type, this.terms(instrument, side, size, stop, now, options)),
      now,
    );
    if (submission.outcome !== 'refused') return true;
    if (guard !== undefined) {
      this.ended(guard, 'stops', submission.reason);
      this.wake(guard, Math.max(guard.stops.until, now + ON_THE_WAY_MS));
    }
    return false;
  }

  /** The price has been reached and no stop at the venue acts on it. */
  leave(guard: StopGuard, position: Position, now: number): void {
    const { stop, exits, instrument } = guard;
    if (stop === undefined || this.ports.ladder.state === 'LOCKED') return;
    const side = exitSide(position);
    const size = Math.abs(position.lots) - leaving(this.ports.openOrders.of(instrument.symbol), side, now);
    if (!(size > 0)) return;
    guard.isReached = false;
    if (this.waits(guard, exits.nextAt(), now)) return;
    exits.sent(ON_THE_WAY_MS);
    const terms = { ...this.terms(instrument, side, size, stop, now), bare: guard.isBare };
    const submission = this.ports.engine.place(exitOrder(terms), now);
    if (submission.outcome === 'refused') this.ended(guard, 'exits', submission.reason);
    this.wake(guard, exits.until);
  }

  private terms(
    instrument: Instrument,
    side: Side,
    size: number,
    stop: Ticks,
    now: number,
    options?: OrderOptions,
  ): StopTerms {
    const { risk, strategy } = this.ports.config.current;
    const slack = risk.priceCollarBps.toNumber() / BPS;
    const count = (this.placed += 1);
    return { instrument, side, size, stop, now, strategy: strategy.name, slack, count, ...(options && { options }) };
  }

  private ask(guard: StopGuard): void {
    const now = this.ports.clock.now();
    if (guard.isAsked) return;
    // The list, and each stop that it may leave out.
    const count = 1 + this.ports.openOrders.of(guard.instrument.symbol).length;
    const at = Math.max(guard.askAt, this.ports.budget.freeAt('protection', now, count));
    if (this.waits(guard, at, now)) return;
    guard.isAsked = true;
    this.ports.pending.track(this.ports.probe.ask(guard.instrument).then((answered) => this.answered(guard, answered)));
  }

  private answered(guard: StopGuard, answered: boolean): void {
    guard.isAsked = false;
    guard.askAt = this.ports.clock.now() + ASK_EVERY_MS;
    if (answered && guard.wasSilent) {
      guard.stops.calm();
      guard.silences = 0;
    }
    guard.wasSilent = !answered;
    guard.isInDoubt = !answered;
    if (!this.rests) this.look(guard.instrument);
  }

  private waits(guard: StopGuard, at: number, now: number): boolean {
    if (now < at) this.wake(guard, at);
    return now < at;
  }

  private wake(guard: StopGuard, at: number): void {
    if (this.rests || !Number.isFinite(at)) return;
    guard.stops.at(at, () => this.look(guard.instrument));
  }
}
