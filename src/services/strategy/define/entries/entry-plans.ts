import { signOf, type Fill } from '../../../../domain/order.js';
import type { Position } from '../../../../domain/position.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { HeldPlan } from '../../exits/held-record.js';
import { LiveTicket } from '../../host/live-ticket.js';
import type { ShortDesk } from '../../host/short-desk.js';
import { entryTag } from './entry-record.js';

type Side = 'buy' | 'sell';

/** One plan, and the entry whose it is. */
interface EntryPlan {
  readonly plan: HeldPlan;
  /** Of the entry, where a life before has said it. */
  readonly tag: string | undefined;
  /** Undefined until the entry has a ticket, and without a host. */
  entry: OrderTicket | undefined;
  /** A life before planned it, and this one has planned nothing on its side. */
  isRestored: boolean;
  /** A position has been made of it. */
  isUsed: boolean;
  /** Its entry ended while nobody was there. */
  isEnded: boolean;
}

/** How what the entries make is to be left. A plan is its entry's alone, and gone with an entry that made nothing. */
export class EntryPlans {
  /** The newest last. */
  private plans: EntryPlan[] = [];

  /** The rest of an entry of this side is still to be sent: its plan goes on. */
  constructor(private readonly isAwaited: (side: Side) => boolean) {}

  /** What was planned on that side before is at most what a late fill of its own entry makes. */
  add(plan: HeldPlan): void {
    const before = this.plans.filter((each) => each.plan.side === plan.side && each.entry !== undefined).slice(-1);
    for (const each of before) each.isRestored = false;
    this.plans = [
      ...this.plans.filter((each) => each.plan.side !== plan.side),
      ...before,
      { plan, tag: undefined, entry: undefined, isRestored: false, isUsed: false, isEnded: false },
    ];
  }

  /** The newest plan of that side is of this entry. */
  bind(side: Side, entry: OrderTicket | undefined): void {
    const newest = this.newest(side);
    if (newest !== undefined && entry !== undefined) newest.entry = entry;
  }

  /** What was planned on that side is not what another order makes. */
  drop(side: Side): void {
    this.plans = this.plans.filter((each) => each.plan.side !== signOf(side));
  }

  /** Of an entry that is decided on, on its way, or waiting. */
  of(side: Side): HeldPlan | undefined {
    const newest = this.newest(side);
    return newest === undefined || this.isOver(newest) ? undefined : newest.plan;
  }

  /** A position has been made of the newest plan of that side. */
  isUsed(side: Side): boolean {
    return this.newest(side)?.isUsed === true;
  }

  /** Of the entry that a fill is of. One that nobody knows is taken for the entry's that is under way. */
  filled(side: Side, fill: Partial<Pick<Fill, 'clientId'>> | undefined): HeldPlan | undefined {
    const mine = this.plans.filter((each) => each.plan.side === signOf(side));
    const own = mine.findLast(({ entry }) => isOf(entry, fill?.clientId)) ?? mine.at(-1);
    if (own === undefined || (this.isOver(own) && !isOf(own.entry, fill?.clientId))) return undefined;
    own.isUsed = true;
    own.isRestored = false;
    return own.plan;
  }

  /** The position is gone: what has filled has made what it was to make. */
  flat(): void {
    for (const each of this.plans) each.isUsed ||= each.entry?.isDone === true && each.entry.filledLots > 0;
  }

  get hasRestored(): boolean {
    return this.plans.some(({ isRestored }) => isRestored);
  }

  /** A plan of a life before that is not in use yet. */
  restore(plan: HeldPlan, tag: string | undefined): void {
    this.plans.push({ plan, tag, entry: undefined, isRestored: true, isUsed: false, isEnded: false });
  }

  /** A position is there that came of an entry of a life before, as far as anybody knows. */
  found(side: Side): HeldPlan | undefined {
    const found = this.plans.findLast((each) => each.isRestored && each.plan.side === signOf(side));
    for (const each of this.plans) each.isRestored = false;
    if (found === undefined || this.isOver(found)) return undefined;
    found.isUsed = true;
    return found.plan;
  }

  /** What stands of the entries of a life before is known: a plan without one has come to nothing. */
  begin(desk: ShortDesk, { lots }: Pick<Position, 'lots'>): void {
    for (const each of this.plans) {
      if (each.isUsed) continue;
      const side = each.plan.side > 0 ? 'buy' : 'sell';
      const { tag = entryTag(side) } = each;
      each.entry = desk.allOpen({ role: 'entry', side, tag })[0];
      const isHeld = lots !== 0 && lots > 0 === each.plan.side > 0;
      each.isEnded = each.entry === undefined && !isHeld && !this.isAwaited(side);
    }
  }

  /** Of the entries that may still make something, the newest first. */
  get waiting(): readonly { readonly plan: HeldPlan; readonly tag: string | undefined }[] {
    const sides = new Set<number>();
    const found: { plan: HeldPlan; tag: string | undefined }[] = [];
    for (const each of [...this.plans].reverse()) {
      if (sides.has(each.plan.side)) continue;
      sides.add(each.plan.side);
      if (!this.isOver(each)) found.push({ plan: each.plan, tag: each.entry?.tag ?? each.tag });
    }
    return found;
  }

  private newest(side: Side): EntryPlan | undefined {
    return this.plans.findLast((each) => each.plan.side === signOf(side));
  }

  /** Nothing more comes of it but a late fill of its own. One whose fill is not known yet goes on. */
  private isOver({ plan, entry, isUsed, isEnded }: EntryPlan): boolean {
    if (isEnded) return true;
    if (entry?.isDone !== true || !(isUsed || entry.filledLots === 0)) return false;
    return !this.isAwaited(plan.side > 0 ? 'buy' : 'sell');
  }
}

const isOf = (entry: OrderTicket | undefined, clientId: string | undefined): boolean =>
  clientId !== undefined && entry instanceof LiveTicket && entry.has(clientId);
