import type { Instrument } from '../../../domain/instrument.js';
import { isTerminal } from '../../../domain/order-state.js';
import type { Order } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { coverOf, exitSide, leaving, ON_THE_WAY_MS, REASON, type Cover } from './cover.js';
import { planOf } from './cover-plan.js';
import { StopGuard } from './stop-guard.js';
import type { StopType } from './stop-orders.js';
import type { KeeperPorts } from './keeper-ports.js';
import { StopFollowers } from './stop-followers.js';
import { StopPlacement, type StopSize } from './stop-placement.js';

/** So many missing answers in a row are lost messages; more of them are a venue that does not answer. */
const PATIENT_SILENCES = 4;

/** The first endings in a row are told one by one, then ever fewer. */
const isTold = (endings: number): boolean => (endings & (endings - 1)) === 0;

/** Compares each position with the stops that stand behind it, and sends, replaces or withdraws what differs. */
export class StopKeeper {
  readonly guards = new Map<string, StopGuard>();
  /** Positions that are open. */
  guarded = 0;
  /** At start, what strategies do not remember is read from the journal. */
  recalling = false;
  private busy = false;
  private rests = true;
  private readonly placement: StopPlacement;
  readonly followers: StopFollowers;

  constructor(private readonly ports: KeeperPorts) {
    this.placement = new StopPlacement(ports);
    this.followers = new StopFollowers(
      ports,
      (size) => this.send(size),
      (entry) => ports.uncovered(entry),
    );
  }

  get stopType(): StopType | undefined {
    return this.placement.stopType;
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
    const isFit = (status === 'open' || isTerminal(status)) && guard.fitted.delete(clientId);
    if (status === 'filled' || !(isTerminal(status) || (isExit && status === 'unknown'))) return;
    const position = this.ports.portfolio.position(instrument);
    if (position.lots === 0 || side !== exitSide(position)) return;
    if (!isExit && reason.startsWith('would_trigger')) guard.isReached = true;
    if (isExit && isTerminal(status) && collar !== undefined) guard.isBare = guard.isReached = true;
    if (isFit) {
      guard.fits.ended();
      return;
    }
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

  /** In the step after this one. */
  soon(work: () => void): void {
    this.ports.pending.track(Promise.resolve().then(work));
  }

  lookAtAll(): void {
    for (const { instrument } of [...this.ports.portfolio.positions()]) this.look(instrument);
  }

  /** Whatever was in the way of cover is gone. */
  resend(): void {
    for (const guard of this.guards.values()) {
      guard.calm();
      guard.askedAt = Math.min(guard.askedAt, this.ports.clock.now());
    }
    this.lookAtAll();
  }

  /** Events were lost: what stands at the venue is asked for. */
  verify(): void {
    for (const guard of this.guards.values()) {
      if (!guard.isOpen) continue;
      guard.isInDoubt = true;
      this.ask(guard);
    }
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
    const { instrument } = position;
    const { stop } = guard;
    const all = this.ports.openOrders.of(instrument.symbol);
    const orders = this.standing(all);
    const cover = coverOf(orders, position, guard, now, (clientId) => this.ports.log.find(clientId));
    const size = stop === undefined ? 0 : Math.abs(position.lots);
    // What is too small to be ordered cannot be covered.
    guard.note(size < instrument.minLots ? 0 : Math.max(0, size - cover.standing), now);
    this.countOpen(guard, position.lots !== 0);
    if (guard.nakedSince === undefined) {
      if (size > 0) guard.stops.held();
      guard.silences = 0;
      guard.rest();
    }
    // A spot market holds nothing to the position: what leaves has left before anything takes its place.
    const cuts = instrument.spec.kind !== 'spot';
    this.retire(guard, position, cover, !cuts || cover.standing >= size);
    for (const { request } of cover.silent) this.takeNoteOf(guard, request.clientId);
    if (guard.isUnsure && size > 0) this.ask(guard);
    const going = size > 0 ? leaving(orders, exitSide(position), now) : 0;
    if (size > cover.standing + cover.coming + going && guard.isReached) this.leave(guard, position, now);
    this.lookBlindly(guard, position, size - cover.unread, now);
    if (size === 0 || stop === undefined || this.ports.ladder.state === 'LOCKED') return;
    const plan = planOf(cover, { size, going, cuts, sleeps: (order) => this.sleeps(order) }, instrument);
    for (const order of plan.surplus) this.ports.withdrawals.withdraw(order);
    const isFree = cuts || all.length === orders.length;
    if (plan.sizes.length > 0 && isFree) this.fill(guard, position, plan.sizes, cover.standing > size);
    else if (guard.nakedSince !== undefined) this.wake(guard, (going > 0 ? now : cover.comingSince) + ON_THE_WAY_MS);
    if (cover.standing > size) return;
    guard.isTooMuch = false;
    guard.fits.held();
  }

  /** What is being withdrawn protects nobody any more. */
  private standing(orders: readonly Order[]): readonly Order[] {
    const { withdrawals } = this.ports;
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

  /** Sends what is missing; what only fits better (`fits`) once it is not the middle of several fills. */
  private fill(guard: StopGuard, position: Position, sizes: readonly number[], fits: boolean): void {
    const { stop, instrument } = guard;
    const attempts = fits ? guard.fits : guard.stops;
    if (stop === undefined || this.stopType === undefined || guard.isReached || guard.isInDoubt) return;
    if (fits && !guard.isTooMuch) {
      guard.isTooMuch = true;
      guard.fits.defer(ON_THE_WAY_MS);
    }
    if (this.waits(guard, attempts.nextAt(), this.ports.clock.now())) return;
    const by = this.ports.registry.strategyFor(instrument.symbol).protectionBy?.(instrument.symbol);
    for (const size of sizes)
      if (!this.send({ instrument, side: exitSide(position), size, stop, by }, fits ? 'fits' : 'stops')) break;
  }

  /** Stops at another price leave once the new one stands, others when nothing is left for them to reduce. */
  private retire(guard: StopGuard, position: Position, cover: Cover, isCovered: boolean): void {
    const isGone = (order: Order): boolean => position.lots === 0 || order.request.side !== exitSide(position);
    const isReplaced = guard.stop === undefined ? guard.isNamed : isCovered;
    for (const order of cover.others)
      if ((isGone(order) || isReplaced) && !this.sleeps(order)) this.ports.withdrawals.withdraw(order);
    for (const order of cover.held) if (this.isLeftAlone(order)) this.ports.withdrawals.withdraw(order);
  }

  /** Its entry may still fill; the venue ends it with an entry that does not. */
  private sleeps({ request }: Order): boolean {
    const after = request.options?.after;
    return after !== undefined && this.ports.openOrders.find(after) !== undefined;
  }

  /** The venue has taken it, and not the entry that it was sent with: it would sleep there for ever. */
  private isLeftAlone({ request }: Order): boolean {
    const after = request.options?.after;
    const entry = after === undefined ? undefined : this.ports.log.find(after);
    return entry?.filled === 0 && (entry.status === 'rejected' || entry.status === 'lost');
  }

  private send(size: StopSize, which: 'stops' | 'fits' = 'stops'): boolean {
    const guard = this.guards.get(size.instrument.symbol);
    // One that follows an entry leaves after that has been answered.
    if (size.options?.after === undefined) guard?.[which].sent();
    const submission = this.placement.stop(size);
    if (submission?.outcome === 'submitted') {
      if (which === 'fits') guard?.fitted.add(submission.clientId);
      return true;
    }
    if (guard === undefined || submission === undefined) return false;
    const reason = submission.outcome === 'refused' ? submission.reason : submission.outcome;
    if (which === 'fits') guard.fits.ended();
    else this.ended(guard, 'stops', reason);
    this.wake(guard, Math.max(guard[which].until, this.ports.clock.now() + ON_THE_WAY_MS));
    return false;
  }

  /** Without a live stop at the venue the bot watches the price, and for so long only may there be none to watch. */
  private lookBlindly(guard: StopGuard, position: Position, bare: number, now: number): void {
    const { nakedSince, instrument } = guard;
    // A venue that does not answer is asked first; what it has taken and cannot be read is no proof of a bare position.
    if (nakedSince === undefined || !(bare > 0) || guard.isInDoubt) return;
    const { execution, risk } = this.ports.config.current;
    const seen = this.ports.freshness.lastUpdate(instrument.symbol) ?? Number.NEGATIVE_INFINITY;
    const at = Math.max(nakedSince + execution.maxUncoveredMs, seen + risk.maxMarkStalenessMs + 1);
    if (now < at) this.wake(guard, at);
    else this.leave(guard, position, now, true);
  }

  /** The price has been reached and no stop at the venue acts on it; `blind`: nobody sees whether it has. */
  leave(guard: StopGuard, position: Position, now: number, blind = false): void {
    const { stop, exits, instrument } = guard;
    if (stop === undefined || this.ports.ladder.state === 'LOCKED') return;
    const side = exitSide(position);
    const size = Math.abs(position.lots) - leaving(this.ports.openOrders.of(instrument.symbol), side, now);
    if (!(size > 0)) return;
    guard.isReached = false;
    if (this.waits(guard, exits.nextAt(), now)) return;
    exits.left(ON_THE_WAY_MS);
    const submission = this.placement.exit({ instrument, side, size, stop, bare: guard.isBare, blind });
    if (submission.outcome === 'refused') this.ended(guard, 'exits', submission.reason);
    this.wake(guard, exits.until);
  }

  /** One question that hangs keeps nobody from the next. */
  private ask(guard: StopGuard): void {
    const now = this.ports.clock.now();
    // The list, and each stop that it may leave out.
    const count = 1 + this.ports.openOrders.of(guard.instrument.symbol).length;
    const { budget } = this.ports;
    const at = Math.max(guard.asksFrom, budget.freeAt('protection', now, count), budget.heldUntil(now) ?? now);
    if (this.waits(guard, at, now)) return;
    guard.askedAt = now;
    const question = (guard.asked += 1);
    const { pending, probe } = this.ports;
    pending.track(
      probe.ask(guard.instrument).then((unread) => {
        if (guard.heard(question, unread) && !this.rests) this.look(guard.instrument);
      }),
    );
    this.wake(guard, guard.asksFrom);
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
