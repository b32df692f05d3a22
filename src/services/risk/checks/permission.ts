import { closesPosition } from '../../../domain/order.js';
import { isTighter } from '../../../domain/safety.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import { finding, type Assessment, type RiskFinding } from '../assessment.js';

/** The safety state permits this kind of order. */
export function checkSafetyState(order: Assessment, ladder: SafetyLadder): RiskFinding | undefined {
  if (ladder.permits(order.shrinks, order.protects)) return undefined;
  const { state } = ladder;
  if (isTighter(state, 'REDUCE_ONLY')) {
    return finding(
      'kill_switch',
      `Safety state is ${state}${because(ladder)}: ${order.shrinks ? 'no order is sent' : 'nothing may be opened'}.`,
    );
  }
  return blocked(order, `safety state is ${state}${because(ladder)}`);
}

/** A symbol that may only be reduced, and an order that asks to reduce and cannot. */
export function checkReduceOnly(order: Assessment, symbolReduceOnly: boolean): RiskFinding | undefined {
  if (order.shrinks) return undefined;
  if (symbolReduceOnly) return blocked(order, `${order.intent.instrument.symbol} is too close to liquidation`);
  return order.intent.reduceOnly || closesPosition(order.intent)
    ? blocked(order, 'the order is reduce-only')
    : undefined;
}

/** Names the size that can still be reduced: position less what open orders already reduce. */
function blocked(order: Assessment, why: string): RiskFinding {
  const { instrument, side, lots } = order.intent;
  return finding(
    'reduce_only_block',
    `Only orders that shrink the position may pass (${why}): ${side} ${lots} lots of ${instrument.symbol} against a position of ${order.position} and what is already open.`,
  );
}

const because = (ladder: SafetyLadder): string => (ladder.reason === undefined ? '' : ` (${ladder.reason})`);
