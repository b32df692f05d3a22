import { closesPosition, type PendingChange } from '../../../domain/order.js';
import { isTerminal, protects } from '../../../domain/order-state.js';
import { lots, type Lots } from '../../../domain/units.js';
import type { AccountStream, AmendNews, CancelOutcome, OrderLog } from '../../../ports/core-services/execution.js';

/** What became of a change, but for whose and which it was. */
export type ChangeOutcome = Omit<AmendNews, 'clientId' | 'change'>;

export const refusal = (check: string, reason: string): ChangeOutcome => ({ outcome: 'refused', check, reason });

export interface RestPorts {
  readonly log: OrderLog;
  readonly stream: AccountStream;
  readonly cancel: (clientId: string) => Promise<CancelOutcome>;
  readonly isClosed: () => boolean;
  /** Somebody wants the order's end, and nothing in its place. */
  readonly isDropped: () => boolean;
}

/**
 * Ends an order that is to be sent anew. What is left to send, once its end is proven and all that it has filled is
 * here; or why nothing is.
 */
export async function provenRest(
  clientId: string,
  changing: PendingChange,
  { log, stream, cancel, isClosed, isDropped }: RestPorts,
): Promise<Lots | ChangeOutcome> {
  const outcome = await cancel(clientId);
  if (outcome === 'unknown') return refusal('not_replaced', 'The cancellation is not confirmed.');
  if (outcome === 'not_open') return refusal('too_late', 'Nothing was left to cancel.');
  try {
    await stream.backfill();
  } catch {
    return refusal('not_replaced', 'What it has filled is not known.');
  }
  const order = log.find(clientId);
  if (order === undefined || !isTerminal(order.status)) return refusal('not_replaced', 'It has not ended.');
  const left = (changing.lots ?? order.request.lots) - order.filled;
  const closes = closesPosition(order.request) && order.filled === 0;
  if (!(left > 0) && !closes) return { outcome: 'ended' };
  if (isDropped()) return refusal('withdrawn', 'The order is being cancelled.');
  return isClosed() && !protects(order.request)
    ? refusal('closed', 'The order gateway is closed.')
    : lots(closes ? 0 : left);
}
