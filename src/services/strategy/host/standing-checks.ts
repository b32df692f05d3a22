import type { OrderChange } from '../../../domain/order.js';
import type { IntentRefusal } from '../../../ports/strategy/order-ticket.js';
import type { StrategyGate } from '../../../ports/strategy/strategy-desk.js';
import { refusal } from './intent-checks.js';
import type { LiveTicket } from './live-ticket.js';
import { isProtecting } from './ticket-changes.js';

/** How a strategy stands with whoever looks after it. */
export interface InstanceStanding {
  readonly gate: StrategyGate;
  /** It is going down: only what reduces is sent. */
  readonly isStopping: boolean;
  /** It has been taken down: only what protects is sent. */
  readonly isOver: boolean;
  /** It has been stopped for what it did: only what reduces is sent. */
  readonly isSuspended: boolean;
}

const OVER = refusal('stopping', 'The strategy has been taken down: only what protects is sent.');
const STOPPING = refusal('stopping', 'The strategy is going down: only what reduces is sent.');
const SUSPENDED = refusal(
  'suspended',
  'The strategy is suspended until a person resumes it: only what reduces is sent.',
);

export function standingObjection(
  { isOver, isStopping, isSuspended }: InstanceStanding,
  isReducing: boolean,
  isProtection: boolean,
): IntentRefusal | undefined {
  if (isOver && !isProtection) return OVER;
  if (isReducing) return undefined;
  if (isStopping) return STOPPING;
  return isSuspended ? SUSPENDED : undefined;
}

/** Other terms for an order; what can only become less risk passes where more is held back. */
export function changeObjection(
  standing: InstanceStanding,
  ticket: LiveTicket,
  change: OrderChange,
): IntentRefusal | undefined {
  const { gate } = standing;
  const isLess = ticket.reduces || isSmaller(ticket, change);
  const shut = standingObjection(standing, isLess, isProtecting(ticket));
  if (shut !== undefined) return shut;
  const why = `Orders stay as they are now: ${gate.name ?? gate.mode}.`;
  if (gate.mode === 'halted' && !isProtecting(ticket)) return refusal('halted', why);
  if (gate.mode === 'halted' && loosens(ticket, change))
    return refusal('halted', `A stop moves towards the market alone now, at its size: ${gate.name ?? gate.mode}.`);
  return gate.mode === 'reduce_only' && !isLess ? refusal('reduce_only_block', why) : undefined;
}

/** A stop that would protect less, or later; of a stop-limit the room below its trigger counts too. */
function loosens(ticket: LiveTicket, { lots, limit, stop }: OrderChange): boolean {
  const towards = ticket.side === 'sell' ? 1 : -1;
  const { stopTicks, limitTicks } = ticket;
  if (lots !== undefined && lots < ticket.lots) return true;
  const moved = stop === undefined || stopTicks === undefined ? 0 : (stop - stopTicks) * towards;
  const follows = limit === undefined || limitTicks === undefined ? 0 : (limit - limitTicks) * towards;
  return moved < 0 || follows > moved;
}

const isSmaller = (ticket: LiveTicket, { lots, limit, stop }: OrderChange): boolean =>
  lots !== undefined && lots < ticket.lots && limit === undefined && stop === undefined;
