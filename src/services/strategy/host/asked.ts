import { hold, withValues, type Decision } from '../../../domain/decision.js';
import type { OrderRole, Values } from '../../../domain/order.js';
import type { Intent } from '../../../ports/strategy/intent.js';
import type { IntentRefusal, OrderTicket } from '../../../ports/strategy/order-ticket.js';
import { BETWEEN_BARS } from '../define/short-holds.js';

const NOTHING_ASKED = hold('The strategy asked for nothing');
/** Reasons of holds that are kept as one object each. */
const KEPT_REASONS = 64;
/** Of several intents of one step the first of these stands for it. */
const RANK: Readonly<Record<OrderRole, number>> = {
  entry: 0,
  exit: 1,
  target: 2,
  hedge: 3,
  quote: 4,
  take_profit: 5,
  stop: 6,
};

/** What a strategy has asked for since its last step, in the words of decisions. */
export class Asked {
  private readonly holds = new Map<string, Decision>();
  private first: Intent | undefined;
  private isFirstByItself = false;
  private heldFor: string | undefined;
  private heldValues: Values | undefined;
  private isHeldByItself = false;
  /** Intents of this run. */
  count = 0;

  /** While no handler runs, what was asked before is carried out by itself. */
  constructor(private readonly told: { readonly handler: string }) {}

  intent(intent: Intent): void {
    this.count += 1;
    if (this.first !== undefined && RANK[intent.role] >= RANK[this.first.role]) return;
    this.first = intent;
    this.isFirstByItself = this.isByItself;
  }

  refused({ why }: OrderTicket, { check }: IntentRefusal): void {
    this.held(`${why} (refused: ${check})`);
  }

  held(why: string, values?: Values): void {
    if (this.heldFor !== undefined) return;
    this.heldFor = why;
    this.heldValues = values;
    this.isHeldByItself = this.isByItself;
  }

  /** The decision of a step, and a new step begins. `hadBar` is false between bars. */
  decision(hadBar: boolean): Decision {
    const { first, heldFor, heldValues } = this;
    this.first = undefined;
    this.heldFor = undefined;
    this.heldValues = undefined;
    if (first !== undefined && first.role !== 'stop' && first.role !== 'take_profit') return decisionOf(first);
    if (heldFor !== undefined) return withValues(this.keptHold(heldFor, this.isHeldByItself), heldValues);
    if (first !== undefined) return this.keptHold(first.why, this.isFirstByItself);
    return hadBar ? NOTHING_ASKED : BETWEEN_BARS;
  }

  private get isByItself(): boolean {
    return this.told.handler === '';
  }

  private keptHold(why: string, isByItself: boolean): Decision {
    const kept = this.holds.get(why);
    if (kept !== undefined && (kept.isByItself === true) === isByItself) return kept;
    const made = hold(why, isByItself ? { isByItself } : {});
    if (this.holds.size < KEPT_REASONS) this.holds.set(why, made);
    return made;
  }
}

const decisionOf = ({ role, side, why, lots, reduceOnly, type }: Intent): Decision => ({
  action: role === 'exit' ? 'close' : side,
  reason: why,
  quantity: lots,
  orderType: type,
  ...(reduceOnly === true ? { reduceOnly } : {}),
  isPlaced: true,
});
