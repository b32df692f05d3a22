import { messageOf, PerpsBotError } from '../../../domain/errors.js';
import type { Order } from '../../../domain/order.js';
import type { SubmitResult } from '../../../ports/venue/submit-result.js';

/** Nobody knows what became of it. */
export const unanswered = ({ request }: Order, cause: string): SubmitResult => ({
  outcome: 'unknown',
  ref: { clientId: request.clientId, symbol: request.symbol },
  cause,
});

/** What an adapter cannot say in its venue's words has not left; whatever else it throws proves nothing. */
export const thrown = (order: Order, error: unknown, at: number): SubmitResult =>
  PerpsBotError.is(error) && error.code === 'VENUE-003'
    ? { outcome: 'rejected', reason: 'unsupported', message: error.message, at }
    : unanswered(order, messageOf(error));
