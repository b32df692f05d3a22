import { messageOf, PerpsBotError } from '../../../domain/errors.js';
import { rowsOf, WireFields } from '../../../connect/wire-fields.js';
import type { OrderRequest } from '../../../domain/order.js';
import type { CancelResult } from '../../../ports/venue/cancel-result.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { Rejected, SubmitResult } from '../../../ports/venue/submit-result.js';
import { outcomeOf, type SentOutcome, type SignedRequests } from '../rest/signed-requests.js';
import type { RequestParams } from '../rest/signature.js';
import type { VenueOffset } from '../rest/venue-offset.js';
import { plainIdOf, type KnownOrders } from './known-orders.js';
import { algoOrder, numberIn, plainOrder } from './order-answers.js';
import { orderParams, type UsdmOrder } from './order-params.js';
import { reasonOf, UNKNOWN_ORDER } from './refusals.js';

/** Orders in one request. Source: Binance, "Place Multiple Orders", "Cancel Multiple Orders". */
export const MOST_PLACED = 5;
export const MOST_CANCELLED = 10;
/** Source: Binance, "USDⓈ-M Futures, Trade", IP weights: orders count by account instead. */
const BATCH_WEIGHT = 5;
const CANCEL_WEIGHT = 1;

export interface OrderRequestPorts {
  readonly requests: SignedRequests;
  readonly time: VenueOffset;
  readonly known: KnownOrders;
}

/** Places and cancels orders of both services. Nothing of it rejects but what cannot be said in the venue's words. */
export class OrderRequests {
  constructor(private readonly ports: OrderRequestPorts) {}

  async place(request: OrderRequest): Promise<SubmitResult> {
    const order = orderParams(request);
    const { requests, known } = this.ports;
    known.note(request.clientId, { isConditional: order.isConditional });
    const { path, params } = order;
    return this.taken(
      request,
      order,
      await requests.order({ method: 'POST', path, params, weight: 0 }, request.expiresAt),
    );
  }

  /** Those that wait for a trigger leave by themselves, beside the others: their service takes no batches. */
  async placeAll(orders: readonly OrderRequest[]): Promise<readonly SubmitResult[]> {
    const asked = orders.map((request) => ({ request, order: orderParams(request) }));
    const results = new Map<OrderRequest, Promise<SubmitResult>>();
    const plain = asked.filter(({ order }) => !order.isConditional);
    if (plain.length === 1 || plain.length > MOST_PLACED)
      for (const { request } of plain) results.set(request, this.place(request));
    else if (plain.length > 1) {
      const batch = this.placeBatch(plain);
      for (const [at, { request }] of plain.entries())
        results.set(
          request,
          batch.then((all) => all[at] as SubmitResult),
        );
    }
    return Promise.all(orders.map((request) => results.get(request) ?? this.place(request)));
  }

  async cancel(ref: OrderRef): Promise<CancelResult> {
    const isConditional = this.ports.known.isConditional(ref);
    if (isConditional === true) return this.cancelConditional(ref);
    const result = await this.cancelPlain(ref);
    // Nobody has said which service it is of.
    return result.outcome === 'not_open' && isConditional === undefined ? this.cancelWaiting(ref) : result;
  }

  async cancelAll(refs: readonly OrderRef[]): Promise<readonly CancelResult[]> {
    const results = new Map<OrderRef, Promise<CancelResult>>();
    const bySymbol = new Map<string, OrderRef[]>();
    for (const ref of refs)
      if (this.ports.known.isConditional(ref) === false)
        bySymbol.set(ref.symbol, [...(bySymbol.get(ref.symbol) ?? []), ref]);
    for (const [symbol, ofSymbol] of bySymbol)
      for (let from = 0; from < ofSymbol.length; from += MOST_CANCELLED) {
        const some = ofSymbol.slice(from, from + MOST_CANCELLED);
        if (some.length === 1) continue;
        const batch = this.cancelBatch(symbol, some);
        for (const [at, ref] of some.entries())
          results.set(
            ref,
            batch.then((all) => all[at] as CancelResult),
          );
      }
    return Promise.all(refs.map((ref) => results.get(ref) ?? this.cancel(ref)));
  }

  private async placeBatch(
    orders: readonly { readonly request: OrderRequest; readonly order: UsdmOrder }[],
  ): Promise<readonly SubmitResult[]> {
    const { requests, known } = this.ports;
    for (const { request } of orders) known.note(request.clientId, { isConditional: false });
    const batchOrders = JSON.stringify(orders.map(({ order }) => textsOf(order.params)));
    const expiresAt = Math.min(...orders.map(({ request }) => request.expiresAt ?? Number.POSITIVE_INFINITY));
    const answer = await requests.order(
      { method: 'POST', path: '/fapi/v1/batchOrders', params: { batchOrders }, weight: BATCH_WEIGHT },
      Number.isFinite(expiresAt) ? expiresAt : undefined,
    );
    const each = answersIn(answer, orders.length);
    return orders.map(({ request, order }, at) => this.taken(request, order, each[at] as SentOutcome));
  }

  private taken(request: OrderRequest, order: UsdmOrder, answer: SentOutcome): SubmitResult {
    const ref: OrderRef = { clientId: request.clientId, symbol: request.symbol };
    if (answer.kind === 'unknown') return { outcome: 'unknown', ref, cause: answer.cause, ...pauseIn(answer) };
    if (answer.kind !== 'said') return this.refused(answer);
    try {
      const told = order.isConditional ? algoOrder(answer.said).order : plainOrder(answer.said);
      if (told.clientId !== request.clientId || told.symbol !== request.symbol)
        return { outcome: 'unknown', ref, cause: `the answer is for ${told.clientId ?? 'another order'}` };
      const { at } = told.report;
      const { instrument, side, lots, limit } = request;
      this.ports.known.note(request.clientId, {
        isConditional: order.isConditional,
        takenAt: this.ports.time.now(),
        ...(limit === undefined || order.isConditional
          ? {}
          : { standing: { side, price: instrument.priceText(limit), size: instrument.sizeText(lots) } }),
      });
      if (!order.isConditional) this.ports.known.named(request.symbol, told.venueId, request.clientId);
      return { outcome: 'accepted', venueId: told.venueId, at, order: told };
    } catch (error) {
      return { outcome: 'unknown', ref, cause: unread(error) };
    }
  }

  private refused(answer: Exclude<SentOutcome, { kind: 'said' | 'unknown' }>): Rejected {
    const reason =
      answer.kind === 'refused' ? reasonOf(answer.code) : answer.pauseMs === undefined ? 'expired' : 'throttled';
    return {
      outcome: 'rejected',
      reason,
      message: answer.words,
      at: this.ports.time.now(),
      ...(answer.pauseMs === undefined ? {} : { retryAfterMs: answer.pauseMs }),
    };
  }

  /** By its number where that is known: a name may have been given again. */
  private async cancelPlain(ref: OrderRef): Promise<CancelResult> {
    const id = plainIdOf(ref);
    const name = id === undefined ? { origClientOrderId: ref.clientId } : { orderId: numberIn(id) };
    const answer = await this.ports.requests.order({
      method: 'DELETE',
      path: '/fapi/v1/order',
      params: { symbol: ref.symbol, ...name },
      weight: CANCEL_WEIGHT,
      isUrgent: true,
    });
    return this.cancelled(ref, answer);
  }

  /** One that has triggered is an order of the plain service, under the same name. */
  private async cancelConditional(ref: OrderRef): Promise<CancelResult> {
    const result = await this.cancelWaiting(ref);
    return result.outcome === 'not_open' ? this.cancelPlain(ref) : result;
  }

  private async cancelWaiting(ref: OrderRef): Promise<CancelResult> {
    const answer = await this.ports.requests.order({
      method: 'DELETE',
      path: '/fapi/v1/algoOrder',
      params: { clientAlgoId: ref.clientId },
      weight: CANCEL_WEIGHT,
      isUrgent: true,
    });
    if (answer.kind !== 'said') return this.cancelled(ref, answer);
    try {
      new WireFields(answer.said, 'The answer to a cancellation').is('clientAlgoId', ref.clientId);
      return { outcome: 'cancelled', ref, at: this.ports.time.now() };
    } catch (error) {
      return { outcome: 'unknown', ref, cause: unread(error) };
    }
  }

  private async cancelBatch(symbol: string, refs: readonly OrderRef[]): Promise<readonly CancelResult[]> {
    const origClientOrderIdList = JSON.stringify(refs.map(({ clientId }) => clientId));
    const answer = await this.ports.requests.order({
      method: 'DELETE',
      path: '/fapi/v1/batchOrders',
      params: { symbol, origClientOrderIdList },
      weight: CANCEL_WEIGHT,
      isUrgent: true,
    });
    const each = answersIn(answer, refs.length);
    return refs.map((ref, at) => this.cancelled(ref, each[at] as SentOutcome));
  }

  private cancelled(ref: OrderRef, answer: SentOutcome): CancelResult {
    if (answer.kind === 'refused' && answer.code === UNKNOWN_ORDER) return { outcome: 'not_open', ref };
    if (answer.kind === 'unknown') return { outcome: 'unknown', ref, cause: answer.cause, ...pauseIn(answer) };
    if (answer.kind !== 'said') return { outcome: 'unknown', ref, cause: answer.words, ...pauseIn(answer) };
    try {
      const { clientId, report } = plainOrder(answer.said);
      if (clientId !== ref.clientId)
        return { outcome: 'unknown', ref, cause: `the answer is for ${clientId ?? 'another'}` };
      if (report.status === 'cancelled') return { outcome: 'cancelled', ref, at: report.at };
      // Whatever else it says, the order is not known to have ended by this.
      return { outcome: 'requested', ref, at: report.at };
    } catch (error) {
      return { outcome: 'unknown', ref, cause: unread(error) };
    }
  }
}

/** Each of a batch has an answer of its own; an answer that has not as many rows answers none. */
function answersIn(answer: SentOutcome, count: number): readonly SentOutcome[] {
  if (answer.kind !== 'said') return Array.from({ length: count }, () => answer);
  const none = (cause: string): readonly SentOutcome[] =>
    Array.from({ length: count }, () => ({ kind: 'unknown', cause }));
  try {
    const rows = rowsOf(answer.said, 'Answers to a batch');
    if (rows.length !== count) return none(`${rows.length} answers came to ${count} orders`);
    return rows.map(answerIn);
  } catch (error) {
    return none(unread(error));
  }
}

/** A row with a number of refusal is read as the answer of that order would be. */
function answerIn(said: unknown): SentOutcome {
  if (typeof said !== 'object' || said === null)
    return { kind: 'unknown', cause: 'an answer to one of a batch is none' };
  const { code, msg } = said as { readonly code?: unknown; readonly msg?: unknown };
  if (typeof code !== 'number' || !(code < 0)) return { kind: 'said', said };
  return outcomeOf({ status: 400, said, code, words: `${code} ${typeof msg === 'string' ? msg : ''}` });
}

const pauseIn = ({ pauseMs }: { readonly pauseMs?: number }): { readonly retryAfterMs?: number } =>
  pauseMs === undefined ? {} : { retryAfterMs: pauseMs };

const textsOf = (params: RequestParams): Record<string, string> =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );

/** Of an answer that cannot be read: nothing follows from it. */
function unread(error: unknown): string {
  if (!PerpsBotError.is(error)) throw error;
  return messageOf(error);
}
