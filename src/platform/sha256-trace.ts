import { injectable } from 'inversify';
import type { Action } from '../domain/decision.js';
import { ACCOUNTS, type Posting } from '../domain/ledger.js';
import type { Fill, FundingPayment, Order } from '../domain/order.js';
import type { MarkUnits } from '../domain/units.js';
import type { Trace } from '../ports/trace.js';
import { canonicalJson } from './canonical-json.js';
import { DigestStream } from './digest-stream.js';

/** Kinds of records. A decision is told apart by a head that is not negative: symbol and action in one number. */
const SYMBOL = -1;
const HEADER = -2;
const ORDER = -3;
const FILL = -4;
const FUNDING = -5;
const POSTING = -6;

const ACTIONS = 4;

function actionNumber(action: Action): number {
  switch (action) {
    case 'hold':
      return 0;
    case 'buy':
      return 1;
    case 'sell':
      return 2;
    case 'close':
      return 3;
  }
}

/**
 * Fingerprint of a run: SHA-256 over every record in the order of the calls. A symbol becomes a small number, announced
 * by a record of its own when it first occurs; every other text is length-prefixed, so no two runs share a stream.
 */
@injectable()
export class Sha256Trace implements Trace {
  records = 0;
  private readonly stream = new DigestStream();
  private readonly symbols = new Map<string, number>();
  private lastSymbol: string | undefined;
  private lastIndex = 0;

  header(facts: Readonly<Record<string, unknown>>): void {
    this.begin(HEADER);
    this.stream.text(canonicalJson(facts));
  }

  decision(symbol: string, action: Action, mark: MarkUnits, at: number): void {
    const index = symbol === this.lastSymbol ? this.lastIndex : this.indexOf(symbol);
    this.stream.three(index * ACTIONS + actionNumber(action), mark, at);
    this.records += 1;
  }

  order(order: Order): void {
    const { request, origin } = order;
    const symbol = this.indexOf(request.symbol);
    const { stream } = this;
    this.begin(ORDER);
    stream.number(symbol);
    stream.text(request.clientId);
    stream.text(request.side);
    stream.text(request.type);
    stream.number(request.lots);
    stream.optional(request.limit);
    stream.optional(request.stop);
    stream.optionalText(request.triggerBy);
    stream.text(request.timeInForce);
    stream.number((request.postOnly ? 2 : 0) + (request.reduceOnly ? 1 : 0));
    stream.optional(request.leverage);
    stream.optional(request.expiresAt);
    stream.text(order.status);
    stream.number(order.venueIds.length);
    for (const id of order.venueIds) stream.text(id);
    stream.number(order.filled);
    stream.number(order.filledNotional);
    stream.number(order.createdAt);
    stream.number(order.updatedAt);
    stream.optionalText(order.reason);
    stream.optionalText(origin?.strategy);
    stream.optionalText(origin?.reason);
    stream.optional(origin?.decidedAt);
  }

  fill(fill: Fill): void {
    const symbol = this.indexOf(fill.instrument.symbol);
    const { stream } = this;
    this.begin(FILL);
    stream.number(symbol);
    stream.text(fill.tradeId);
    stream.text(fill.clientId);
    stream.text(fill.venueId);
    stream.text(fill.side);
    stream.three(fill.lots, fill.price, fill.fee);
    stream.text(fill.liquidity);
    stream.number(fill.at);
    stream.optionalText(fill.cause);
  }

  funding(payment: FundingPayment): void {
    const symbol = this.indexOf(payment.instrument.symbol);
    const { stream } = this;
    this.begin(FUNDING);
    stream.number(symbol);
    stream.text(payment.id);
    stream.number(payment.at);
    stream.optionalText(payment.rate?.toString());
    stream.text(payment.markPrice.toString());
    stream.number(payment.lots);
    stream.optional(payment.amount);
  }

  posting(posting: Posting): void {
    this.begin(POSTING);
    this.stream.number(posting.at);
    this.stream.three(ACCOUNTS.indexOf(posting.from), ACCOUNTS.indexOf(posting.to), posting.amount);
    this.stream.text(posting.ref);
  }

  digest(): string {
    return this.stream.digest();
  }

  private begin(kind: number): void {
    this.stream.number(kind);
    this.records += 1;
  }

  private indexOf(symbol: string): number {
    let index = this.symbols.get(symbol);
    if (index === undefined) {
      index = this.symbols.size;
      this.symbols.set(symbol, index);
      this.stream.number(SYMBOL);
      this.stream.text(symbol);
    }
    this.lastSymbol = symbol;
    this.lastIndex = index;
    return index;
  }
}
