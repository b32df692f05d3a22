import { lots, type Lots } from '../../../domain/units.js';
import type { Position } from '../../../domain/position.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';
import type { StrategyDesk } from '../../../ports/strategy/strategy-desk.js';
import type { HeldLadder } from '../define/held-stop.js';
import { rungLots, rungTicks } from './take-profit.js';

/** Tags of rungs begin so. */
const RUNG = 'take_profit';
export const rungTag = (index: number): string => `${RUNG}.${index + 1}`;
const MOST_RUNGS = 20;

/** What was refused is asked again after so long, and ever more rarely. */
const PAUSES_MS = [5_000, 30_000, 60_000] as const;

interface Taken {
  /** The ticket that was seen last. */
  ticket: OrderTicket;
  /** Filled by tickets before it. */
  before: number;
}

/**
 * Keeps the rungs of a ladder where they belong: placed with the first fill, grown with every further one, moved when
 * the average entry is known, and never more of them than is open.
 */
export class LadderKeeper {
  private since = Number.NaN;
  private readonly taken = new Map<number, Taken>();
  private refused = 0;
  private notBefore = 0;

  /**
   * What has become of the ladder is compared with what it shall be; it leaves `owed` lots to an order that goes first.
   * While an entry waits its rungs sleep behind it, and the exchange ends them with it.
   */
  tend(desk: StrategyDesk, position: Position, ladder: HeldLadder | undefined, isEntering: boolean, owed = 0): void {
    if (ladder === undefined || position.lots === 0) {
      if (!isEntering) this.leave(desk, position.instrument.symbol);
      return;
    }
    if (ladder.since !== this.since) this.begin(ladder.since);
    if (desk.gate.mode === 'halted') return;
    const sizes = rungLots(lots(ladder.entered), ladder.rungs, position.instrument);
    let room = Math.max(0, Math.abs(position.lots) - owed);
    for (const [index, size] of sizes.entries()) {
      const done = this.filledOf(desk, index, ladder.since);
      const rest = Math.min(Math.max(0, size - done), room);
      room -= rest;
      this.keep(desk, position, ladder, index, lots(rest));
    }
    // A shorter ladder than before.
    for (let index = sizes.length; index < MOST_RUNGS; index += 1) {
      const ticket = desk.find(rungTag(index));
      if (ticket === undefined) break;
      if (ticket.isOpen && !ticket.isChanging) ticket.cancel('the rung is gone');
    }
  }

  private begin(since: number): void {
    this.since = since;
    this.taken.clear();
    this.refused = 0;
    this.notBefore = 0;
  }

  /** Nothing is left for them to take off. */
  private leave(desk: StrategyDesk, symbol: string): void {
    this.since = Number.NaN;
    for (const ticket of [...desk.open({ symbol, role: 'take_profit', tag: `${RUNG}.*` })])
      if (!ticket.isChanging) ticket.cancel('the position is gone');
  }

  private keep(desk: StrategyDesk, position: Position, ladder: HeldLadder, index: number, rest: Lots): void {
    const { instrument } = position;
    const rung = ladder.rungs[index];
    const limit = rung === undefined ? undefined : rungTicks(rung, ladder.side, ladder.ground);
    if (rung === undefined || limit === undefined) return;
    const tag = rungTag(index);
    const ticket = desk.find(tag);
    if (ticket?.isOpen === true) {
      if (ticket.isChanging || ticket.isUnknown || ticket.createdAt < ladder.since) return;
      if (rest === 0) ticket.cancel('nothing is left for it');
      else if (ticket.lots - ticket.filledLots !== rest || ticket.limitTicks !== limit)
        desk.amend(ticket, {
          lots: lots(ticket.filledLots + rest),
          limit,
          why: 'the take-profit follows the position',
        });
      return;
    }
    if (rest < instrument.minLots || desk.now < this.notBefore) return;
    const { refusal } = desk.place({
      instrument,
      side: ladder.side > 0 ? 'sell' : 'buy',
      type: 'limit',
      lots: rest,
      limit,
      ...(rung.postOnly === undefined ? {} : { postOnly: rung.postOnly }),
      reduceOnly: true,
      role: 'take_profit',
      tag,
      why: `take-profit ${index + 1}`,
    });
    if (refusal === undefined) return;
    this.notBefore = desk.now + (PAUSES_MS[Math.min(this.refused, PAUSES_MS.length - 1)] ?? 0);
    this.refused += 1;
  }

  /** Lots that this rung has taken off, over all orders it has had. */
  private filledOf(desk: StrategyDesk, index: number, since: number): number {
    const ticket = desk.find(rungTag(index));
    if (ticket === undefined || ticket.createdAt < since) return 0;
    const known = this.taken.get(index);
    if (known === undefined) this.taken.set(index, { ticket, before: 0 });
    else if (known.ticket !== ticket) {
      known.before += known.ticket.filledLots;
      known.ticket = ticket;
    }
    return (this.taken.get(index)?.before ?? 0) + ticket.filledLots;
  }
}
