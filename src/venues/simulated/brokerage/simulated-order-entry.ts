import { fault, messageOf } from '../../../domain/errors.js';
import type { OrderRequest, PositionMode } from '../../../domain/order.js';
import type { CancelResult } from '../../../ports/venue/cancel-result.js';
import type { OrderAmendment } from '../../../ports/venue/order-amendment.js';
import type { OrderEntry } from '../../../ports/venue/order-entry.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { AmendResult, SubmitResult } from '../../../ports/venue/submit-result.js';
import { forMode } from '../core/hedged-request.js';
import { BATCH } from './capabilities.js';
import { settled } from './settled.js';
import { opened, type SimulatedVenue } from './venue.js';

/** Requests to the matching engine: they take the wire, there and back. */
export class SimulatedOrderEntry implements OrderEntry {
  constructor(private readonly venue: SimulatedVenue) {}

  /** Unknown when the exchange fails at it: the order may have been taken before. */
  placeOrder(request: OrderRequest): Promise<SubmitResult> {
    return this.send(() => this.submit(request), lostOrder(request));
  }

  /** At most `capabilities.batch.place` orders, which arrive together; throws VENUE-003 for more, and sends none. */
  placeOrders(requests: readonly OrderRequest[]): Promise<readonly SubmitResult[]> {
    const submit = (request: OrderRequest): SubmitResult => attempt(() => this.submit(request), lostOrder(request));
    return this.batch('place', requests, submit, lostOrder);
  }

  /** Price and size in this exchange's ticks and steps. */
  amendOrder(change: OrderAmendment): Promise<AmendResult> {
    return this.send(
      () => this.venue.amend(change),
      (error) => ({ outcome: 'unknown', ref: change.ref, cause: messageOf(error) }),
    );
  }

  previewOrder(request: OrderRequest): Promise<Readonly<Record<string, unknown>>> {
    return settled(() => this.venue.preview(forMode(request, this.positionMode())));
  }

  cancelOrder(ref: OrderRef): Promise<CancelResult> {
    return this.send(() => this.venue.cancel(ref), lostCancel(ref));
  }

  /** At most `capabilities.batch.cancel` orders; throws VENUE-003 for more, and cancels none. */
  cancelOrders(refs: readonly OrderRef[]): Promise<readonly CancelResult[]> {
    return this.batch('cancel', refs, (ref) => this.cancel(ref), lostCancel);
  }

  setDeadMan(countdownMs: number | undefined, symbol?: string): Promise<void> {
    return this.send(() => this.venue.setDeadMan(countdownMs, symbol));
  }

  /** The newest first: what follows an entry goes before it, instead of with it. */
  cancelAll(symbol?: string): Promise<readonly CancelResult[]> {
    return this.send(() =>
      [...this.venue.openOrders(symbol)]
        .reverse()
        .map((order) =>
          this.cancel({ clientId: order.request.clientId, symbol: order.request.symbol, venueIds: [order.venueId] }),
        ),
    );
  }

  /** One that is lost on the wire ends as `lost` says, or rejects. */
  private async send<T>(work: () => T, lost?: (error: unknown) => T): Promise<T> {
    try {
      return await opened(this.venue).wire.request(work);
    } catch (error) {
      if (lost === undefined) throw error;
      return lost(error);
    }
  }

  private submit(request: OrderRequest): SubmitResult {
    return this.venue.submit(forMode(request, this.positionMode()));
  }

  /** One for all venues: `setPositionMode` names none. */
  private positionMode(): PositionMode {
    return opened(this.venue).accounts[0]?.account.positionMode ?? 'one_way';
  }

  private cancel(ref: OrderRef): CancelResult {
    return attempt(() => this.venue.cancel(ref), lostCancel(ref));
  }

  /** One parcel on the wire; each item has an outcome of its own, in the order given. */
  private async batch<I, R>(
    kind: 'place' | 'cancel',
    items: readonly I[],
    work: (item: I) => R,
    lost: (item: I) => (error: unknown) => R,
  ): Promise<readonly R[]> {
    const most = BATCH[kind];
    if (items.length > most)
      throw fault('VENUE-003', `A batch must ${kind} at most ${most} orders, was ${items.length}.`);
    return this.send(
      () => items.map(work),
      (error) => items.map((item) => lost(item)(error)),
    );
  }
}

const lostOrder =
  ({ clientId, symbol }: OrderRequest) =>
  (error: unknown): SubmitResult => ({ outcome: 'unknown', ref: { clientId, symbol }, cause: messageOf(error) });

const lostCancel =
  (ref: OrderRef) =>
  (error: unknown): CancelResult => ({ outcome: 'unknown', ref, cause: messageOf(error) });

function attempt<T>(work: () => T, lost: (error: unknown) => T): T {
  try {
    return work();
  } catch (error) {
    return lost(error);
  }
}
