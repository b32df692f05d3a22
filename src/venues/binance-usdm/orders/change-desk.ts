import { fault, messageOf, PerpsBotError } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import { isTerminal } from '../../../domain/order-state.js';
import type { OrderAmendment } from '../../../ports/venue/order-amendment.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { AmendResult } from '../../../ports/venue/submit-result.js';
import type { SentOutcome, SignedRequests } from '../rest/signed-requests.js';
import type { VenueOffset } from '../rest/venue-offset.js';
import { plainIdOf, type KnownOrders, type OrderStanding } from './known-orders.js';
import { numberIn, plainOrder } from './order-answers.js';
import type { OrderFinder } from './order-lookup.js';
import { NOTHING_TO_CHANGE, reasonOf } from './refusals.js';

export interface ChangeDeskPorts {
  readonly requests: SignedRequests;
  readonly time: VenueOffset;
  readonly known: KnownOrders;
  readonly finder: OrderFinder;
  readonly instrument: (symbol: string) => Promise<Instrument>;
}

/** Changes of resting limit orders, in place. Source: Binance, "Modify Order": both price and size, always. */
export class ChangeDesk {
  constructor(private readonly ports: ChangeDeskPorts) {}

  /** Rejects with VENUE-003 for an order that waits for its trigger. */
  async amend(change: OrderAmendment): Promise<AmendResult> {
    const { ref, expiresAt } = change;
    const { known, requests } = this.ports;
    if (known.isConditional(ref) === true)
      throw fault(
        'VENUE-003',
        'binance-usdm must support changes of orders that wait for their trigger, and does not.',
        {
          fix: 'Cancel it and place it anew.',
        },
      );
    let wanted: OrderStanding;
    try {
      wanted = await this.wanted(change);
    } catch (error) {
      // Nothing has left: it stays as it is.
      return { outcome: 'rejected', reason: 'other', message: messageOf(error), at: this.ports.time.now() };
    }
    const id = plainIdOf(ref);
    const answer = await requests.order(
      {
        method: 'PUT',
        path: '/fapi/v1/order',
        params: {
          symbol: ref.symbol,
          side: wanted.side === 'buy' ? 'BUY' : 'SELL',
          quantity: wanted.size,
          price: wanted.price,
          ...(id === undefined ? { origClientOrderId: ref.clientId } : { orderId: numberIn(id) }),
        },
        weight: 0,
      },
      expiresAt,
    );
    return this.changed(ref, wanted, answer);
  }

  private async wanted({ ref, limit, lots }: OrderAmendment): Promise<OrderStanding> {
    const instrument = await this.ports.instrument(ref.symbol);
    const now = this.ports.known.find(ref.clientId)?.standing ?? (await this.asked(ref));
    return {
      side: now.side,
      price: limit === undefined ? now.price : instrument.priceText(limit),
      size: lots === undefined ? now.size : instrument.sizeText(lots),
    };
  }

  private async asked(ref: OrderRef): Promise<OrderStanding> {
    const order = await this.ports.finder.plain(ref);
    if (order?.price === undefined || isTerminal(order.report.status))
      throw fault('VENUE-003', `${ref.clientId} must be an open limit order, and is none.`);
    return { side: order.side, price: order.price.toFixed(), size: order.size.toFixed() };
  }

  private changed(ref: OrderRef, wanted: OrderStanding, answer: SentOutcome): AmendResult {
    const { known, time } = this.ports;
    if (answer.kind === 'said') return this.told(ref, wanted, answer.said);
    if (answer.kind === 'unknown') {
      known.forgetStanding(ref.clientId);
      const pause = answer.pauseMs === undefined ? {} : { retryAfterMs: answer.pauseMs };
      return { outcome: 'unknown', ref, cause: answer.cause, ...pause };
    }
    const code = answer.kind === 'refused' ? answer.code : undefined;
    const reason = code === undefined ? (answer.pauseMs === undefined ? 'expired' : 'throttled') : reasonOf(code);
    // The one says that it is as it was to become, the other may have ended the order: the venue is asked.
    if (code === NOTHING_TO_CHANGE || reason === 'post_only_would_take') {
      known.forgetStanding(ref.clientId);
      return { outcome: 'unknown', ref, cause: answer.words };
    }
    return {
      outcome: 'rejected',
      reason,
      message: answer.words,
      at: time.now(),
      ...(answer.pauseMs === undefined ? {} : { retryAfterMs: answer.pauseMs }),
    };
  }

  private told(ref: OrderRef, wanted: OrderStanding, said: unknown): AmendResult {
    const { known } = this.ports;
    known.forgetStanding(ref.clientId);
    try {
      const order = plainOrder(said);
      const { clientId, venueId, report } = order;
      if (clientId !== ref.clientId)
        return { outcome: 'unknown', ref, cause: `the answer is for ${clientId ?? 'another order'}` };
      if (isTerminal(report.status) && report.status !== 'filled') return { outcome: 'ended', ref, report };
      known.note(clientId, { isConditional: false, standing: wanted });
      return { outcome: 'accepted', venueId, at: report.at, order };
    } catch (error) {
      if (!PerpsBotError.is(error)) throw error;
      return { outcome: 'unknown', ref, cause: messageOf(error) };
    }
  }
}
