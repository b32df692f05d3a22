import type { Side } from '../../../src/domain/order.js';
import type { SafetyState } from '../../../src/domain/safety.js';
import { UNIT_MS } from '../../../src/domain/time-spans.js';
import { misuse } from '../../../src/testing/misuse.js';

/** A length of the world's time. */
export type FaultDuration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** When a fault happens. */
export type When =
  /** At the close of bar `bar`, counted from 0, before anybody is told of it. */
  | { readonly bar: number }
  /** So long after the open of the first bar. */
  | { readonly at: FaultDuration }
  /** At the nth order (from 1) whose tag, or whose role, this is: as it is sent, accepted or first filled. */
  | { readonly order: string; readonly is: 'sent' | 'accepted' | 'filled'; readonly nth?: number }
  /** As soon as the nth record that somebody waits for (from 1) is on disk. */
  | { readonly record: number };

/** What the venue, the line to it, the machine or the strategy does then. */
export type Fault =
  /** The venue refuses the order: the one that is named, else the next one that is sent. */
  | { readonly fault: 'reject'; readonly reason: FaultReason }
  /** The answer is lost; the order arrived, or it did not. */
  | { readonly fault: 'unknown'; readonly arrived: boolean }
  /** The order is on its way for so long. */
  | { readonly fault: 'delay'; readonly by: FaultDuration }
  /** The order fills before its next cancellation, or its next change, is read. */
  | { readonly fault: 'race' }
  /** Only this share of the order finds somebody: what takes at once ends with it, what rests goes on. */
  | { readonly fault: 'partial'; readonly share: number }
  /** Account reports, market data, or both, stop for so long; reports come later, market data does not. */
  | { readonly fault: 'silence'; readonly of: 'account' | 'market' | 'both'; readonly for: FaultDuration }
  /** The process dies at once and starts again; `wait` of world time lies between. */
  | { readonly fault: 'kill'; readonly wait?: FaultDuration }
  | { readonly fault: 'state'; readonly to: Exclude<SafetyState, 'LOCKED'> }
  /** The venue takes the position away, as in a liquidation or a deleveraging. */
  | { readonly fault: 'liquidate' }
  /** Somebody else trades on the account. */
  | { readonly fault: 'external_fill'; readonly side: Side; readonly quantity: number }
  /** The strategy's next handlers throw; default one. */
  | { readonly fault: 'throw'; readonly times?: number };
export type FaultReason = 'insufficient_margin' | 'post_only_would_take' | 'reduce_only' | 'max_orders' | 'other';
export type FaultStep = { readonly when: When } & Fault;
export type FaultKind = Fault['fault'];

/** Faults of one order on its way to the venue. */
export type OrderFault = Extract<Fault, { fault: 'reject' | 'unknown' | 'delay' | 'partial' | 'race' }>;
const OF_ORDERS: readonly FaultKind[] = ['reject', 'unknown', 'delay', 'partial', 'race'];
export const isOfOrder = (step: Fault): step is OrderFault => OF_ORDERS.includes(step.fault);

/** Milliseconds; throws TEST-001 for a text that is none. */
export function msOf(text: FaultDuration): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (count === undefined) throw misuse(`A fault's time must be such as 250ms or 2s, was ${text}.`, "Write '2s'.");
  return Number(count) * (UNIT_MS[unit ?? ''] ?? 1);
}

/** Throws TEST-001 for a step that could never happen. */
export function checkedStep(step: FaultStep, bars: number): FaultStep {
  const { when } = step;
  if ('bar' in when && !(Number.isInteger(when.bar) && when.bar >= 0 && when.bar < bars))
    throw misuse(`A fault's bar must be one of 0 to ${bars - 1}, was ${when.bar}.`, 'Count bars from 0.');
  if ('at' in when) msOf(when.at);
  if ('record' in when && !(Number.isInteger(when.record) && when.record > 0))
    throw misuse(`A fault's record must be counted from 1, was ${when.record}.`, 'Write { record: 1 }.');
  if ('order' in when && !(when.nth === undefined || (Number.isInteger(when.nth) && when.nth > 0)))
    throw misuse(`A fault's order must be counted from 1, was ${when.nth}.`, 'Leave nth out for the first.');
  if ('order' in when && when.is !== 'sent' && isOfOrder(step))
    throw misuse(`${step.fault} must happen as an order is sent, was ${when.is}.`, "Write is: 'sent'.");
  if (step.fault === 'partial' && !(step.share > 0 && step.share < 1))
    throw misuse(`The share of a partial fill must lie between 0 and 1, was ${step.share}.`, 'Write share: 0.5.');
  return step;
}
