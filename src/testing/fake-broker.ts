import { Decimal } from '../domain/decimal.js';
import type { Fill, OrderRequest } from '../domain/order.js';
import type { Token } from '../injection/token.js';
import type { AccountEvent } from '../ports/venue/account-event.js';
import type { Amount, AnswerOf, BrokerMember, FillPart } from './answers.js';
import type { OrderEnd } from './fake-account.js';
import { FakeVenue } from './fake-venue.js';
import { misuse } from './misuse.js';
import { isBrokerMember, membersOf } from './role-members.js';
import type { BrokerCall } from './script.js';

/**
 * A venue in a test's hand. It takes orders in and remembers them, has no rules and no market of its own, and answers
 * what `next` and `always` say; without them what it knows. What its capabilities do not state refuses with VENUE-003,
 * as with any venue. All that it was asked stands in `calls`, in order.
 */
export class FakeBroker extends FakeVenue {
  /** Every call, in order. */
  get calls(): readonly BrokerCall[] {
    return this.script.calls;
  }

  /** The names of the calls, in order; with a role, of those that are its own. */
  called<T>(role?: Token<T>): BrokerMember[] {
    const members = role === undefined ? undefined : membersOf(role);
    if (role !== undefined && members === undefined)
      throw misuse('Calls are listed by a role of a venue.', 'Name one: OrderEntry, MarketFeed, AccountAccess.');
    return this.calls.flatMap(({ member }) => (members?.includes(member) === false ? [] : member));
  }

  /** The newest order; throws TEST-001 when there is none. */
  get lastPlaced(): OrderRequest {
    const order = this.placed.at(-1);
    if (order === undefined)
      throw misuse(
        `An order must have been placed, was not. Called: ${this.script.called()}.`,
        'Look whether the strategy decided, and at `logger.lines` for what refused it.',
      );
    return order;
  }

  /** Answers the next call of a member, once. Several are answered in the order in which they were scripted. */
  next<M extends BrokerMember>(member: M, answer: AnswerOf<M>): this {
    this.script.next(this.known(member), answer);
    return this;
  }

  /** Answers every call of a member that `next` does not, until `heal`. */
  always<M extends BrokerMember>(member: M, answer: AnswerOf<M>): this {
    this.script.always(this.known(member), answer);
    return this;
  }

  /** Takes back what `always` said of a member, or of all. */
  heal(member?: BrokerMember): this {
    this.script.heal(member);
    return this;
  }

  /** The price that `getQuote` tells from now on, of the instant at which it is asked. */
  setPrice(symbol: string, last: Amount, { bid = last, ask = last }: { bid?: Amount; ask?: Amount } = {}): this {
    if (!this.products.some((product) => product.symbol === symbol))
      throw misuse(
        `A price must be of a product of the fake, was of ${symbol}.`,
        `It has ${this.products.map((product) => product.symbol).join(', ')}: new FakeBroker({ products }).`,
      );
    const [lowest, price, highest] = [bid, last, ask].map((amount) => new Decimal(amount));
    this.quotes.set(symbol, { symbol, last: price as Decimal, bid: lowest as Decimal, ask: highest as Decimal });
    return this;
  }

  /** Executes an open order, wholly unless `part` says otherwise, and tells the account stream. */
  fill(order: OrderRequest | string, part: FillPart = {}): Fill {
    return this.account.fill(idOf(order), part);
  }

  /** Ends an open order on the venue's side, and tells the account stream. */
  end(order: OrderRequest | string, status: OrderEnd, reason?: string): void {
    this.account.end(idOf(order), status, reason);
  }

  /** Tells the bot's account stream anything at all: funding, a transfer, a gap, a fill it has had before. */
  push(event: AccountEvent): void {
    const stream = this.openAccountStream;
    if (stream === undefined)
      throw misuse('The account stream must be open, was not.', 'Open the bot first: await made.open().');
    stream.push(event);
  }

  /** Throws TEST-001 when a scripted answer was not used, or something delayed has not arrived. */
  assertDone(): void {
    this.script.assertDone();
  }

  /** Throws what is wrong with the test and showed while the bot asked, where the bot caught it. */
  raise(): void {
    this.script.raise();
  }

  private known<M extends BrokerMember>(member: M): M {
    if (!isBrokerMember(member))
      throw misuse(
        `A venue has no ${String(member)} that answers.`,
        'Script a member of Brokerage: placeOrder, getQuote.',
      );
    return member;
  }
}

const idOf = (order: OrderRequest | string): string => (typeof order === 'string' ? order : order.clientId);
