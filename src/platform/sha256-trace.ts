import { injectable } from 'inversify';
import type { Action } from '../domain/decision.js';
import { ACCOUNTS, type Posting } from '../domain/ledger.js';
import type { Fill, FundingPayment, Order } from '../domain/order.js';
import type { MarkUnits } from '../domain/units.js';
import type { Trace } from '../ports/runtime-state/trace.js';
import { canonicalJson } from './canonical-json.js';
import { DigestStream } from './digest-stream.js';

/** Kinds of records. A decision is told apart by a head that is not negative: symbol and action in one number. */
const SYMBOL = -1;
const HEADER = -2;
const ORDER = -3;
const FILL = -4;
const FUNDING = -5;
const POSTING = -6;
const HOLDS = -7;
/** More of the record before it: what few orders and fills have. */
const MORE = -8;

/** Odd constants of multiplicative mixing (the golden ratio, and one of MurmurHash3). */
const MIX_A = 0x9e3779b1;
const MIX_B = 0x85ebca6b;
const TWO_32 = 2 ** 32;

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
 * Holds in a row are one record: how many, and two hashes over their symbols, marks and times.
 */
@injectable()
export class Sha256Trace implements Trace {
  records = 0;
  private readonly stream = new DigestStream();
  private readonly symbols = new Map<string, number>();
  private lastSymbol: string | undefined;
  private lastIndex = 0;
  /**
   * Holds in a row, of whatever symbols, and two hashes over their marks and times: written as one record when the row
   * ends.
   */
  private holds = 0;
  private mixA = 0;
  private mixB = 0;

  header(facts: Readonly<Record<string, unknown>>): void {
    this.begin(HEADER);
    this.stream.text(canonicalJson(facts));
  }

  decision(symbol: string, action: Action, mark: MarkUnits, at: number): void {
    const index = symbol === this.lastSymbol ? this.lastIndex : this.indexOf(symbol);
    this.records += 1;
    // Nearly every decision is a hold: hashing each of them whole would cost as much as a strategy. Marks and times are
    // whole numbers.
    if (action === 'hold') {
      let a = Math.imul(this.mixA ^ mark, MIX_A) ^ ((mark / TWO_32) | 0);
      let b = Math.imul(this.mixB ^ at, MIX_B) ^ ((at / TWO_32) | 0);
      a = Math.imul(a ^ (a >>> 15) ^ b, MIX_B) + index;
      b = Math.imul(b ^ (b >>> 13) ^ a, MIX_A);
      this.mixA = a | 0;
      this.mixB = b | 0;
      this.holds += 1;
      return;
    }
    this.endHolds();
    this.stream.three(index * ACTIONS + actionNumber(action), mark, at);
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
    if (request.options !== undefined) this.more(canonicalJson({ ...request.options }));
    if (origin?.asked !== undefined) this.more(canonicalJson({ ...origin.asked }));
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
    if (fill.positionSide !== undefined) this.more(fill.positionSide);
    if (fill.fees !== undefined) for (const { asset, amount } of fill.fees) this.more(`${asset} ${amount.toString()}`);
  }

  funding(payment: FundingPayment): void {
    const symbol = this.indexOf(payment.instrument.symbol);
    const { stream } = this;
    this.begin(FUNDING);
    stream.number(symbol);
    stream.text(payment.id);
    stream.number(payment.at);
    stream.optionalText(payment.rate?.toString());
    // What is not known is told apart from every price and size.
    stream.text(payment.markPrice?.toString() ?? '');
    stream.number(payment.lots ?? Number.NaN);
    stream.optional(payment.amount);
  }

  posting(posting: Posting): void {
    this.begin(POSTING);
    this.stream.number(posting.at);
    this.stream.three(ACCOUNTS.indexOf(posting.from), ACCOUNTS.indexOf(posting.to), posting.amount);
    this.stream.text(posting.ref);
  }

  /** A row of holds that has not ended counts as it stands, and goes on. */
  digest(): string {
    return this.holds === 0 ? this.stream.digest() : this.stream.digest([HOLDS, this.holds, this.mixA, this.mixB]);
  }

  private more(text: string): void {
    this.stream.number(MORE);
    this.stream.text(text);
  }

  private endHolds(): void {
    if (this.holds === 0) return;
    this.stream.number(HOLDS);
    this.stream.three(this.holds, this.mixA, this.mixB);
    this.holds = this.mixA = this.mixB = 0;
  }

  private begin(kind: number): void {
    this.endHolds();
    this.stream.number(kind);
    this.records += 1;
  }

  private indexOf(symbol: string): number {
    let index = this.symbols.get(symbol);
    if (index === undefined) {
      index = this.symbols.size;
      this.symbols.set(symbol, index);
      this.endHolds();
      this.stream.number(SYMBOL);
      this.stream.text(symbol);
    }
    this.lastSymbol = symbol;
    this.lastIndex = index;
    return index;
  }
}
