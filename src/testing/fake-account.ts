import { Decimal } from '../domain/decimal.js';
import { bookFees } from '../domain/fees.js';
import type { Instrument } from '../domain/instrument.js';
import type { Balance, VenuePosition } from '../domain/market.js';
import { signOf, venueOrderId, type Fill, type OrderRequest, type VenueOrderId } from '../domain/order.js';
import { isTerminal, type OrderStatus } from '../domain/order-state.js';
import { units, type Lots, type Ticks } from '../domain/units.js';
import type { AccountEvent } from '../ports/venue/account-event.js';
import type { OrderAmendment } from '../ports/venue/order-amendment.js';
import type { VenueOrder } from '../ports/venue/venue-order.js';
import { checkPart, type FillPart } from './answers.js';
import type { ManualClock } from './manual-clock.js';
import { misuse } from './misuse.js';

/** An end that the venue brings about. */
export type OrderEnd = 'cancelled' | 'expired' | 'rejected_late' | 'liquidated';

export interface AccountPorts {
  readonly clock: ManualClock;
  /** Tells whoever listens to the account stream. */
  readonly tell: (event: AccountEvent) => void;
  /** What an order without a price of its own executes at. */
  readonly priceFor: (request: OrderRequest) => Decimal | undefined;
  /** What a fee in another asset is booked at. */
  readonly priceOf: (asset: string, settle: string) => Decimal | undefined;
}

/**
 * The account as the fake keeps it: orders that arrived, their fills, and the positions they make. A test may put in
 * and take out what it likes.
 */
export class FakeAccount {
  readonly orders = new Map<string, VenueOrder>();
  fills: Fill[] = [];
  positions: VenuePosition[] = [];
  balances: Balance[] = [{ asset: 'USDT', total: new Decimal(10_000), available: new Decimal(10_000) }];
  private readonly requests = new Map<string, OrderRequest>();
  private readonly visibleAt = new Map<string, number>();
  private made = 0;
  private traded = 0;

  constructor(private readonly ports: AccountPorts) {}

  /** Takes an order in; its name at the venue. Lookups show it after `hiddenMs`. */
  take(request: OrderRequest, hiddenMs = 0): VenueOrderId {
    const venueId = venueOrderId(`v${(this.made += 1)}`);
    const at = this.ports.clock.now();
    this.requests.set(request.clientId, request);
    this.visibleAt.set(request.clientId, at + hiddenMs);
    this.orders.set(request.clientId, taken(request, venueId, at));
    return venueId;
  }

  isHidden(clientId: string): boolean {
    return (this.visibleAt.get(clientId) ?? 0) > this.ports.clock.now();
  }

  isOpen(clientId: string): boolean {
    const order = this.orders.get(clientId);
    return order !== undefined && !isTerminal(order.report.status);
  }

  /** A limit that takes at once takes at the market where that is better, as every venue has it. */
  private priceOf(request: OrderRequest, limit: Decimal | undefined): Decimal | undefined {
    if (limit === undefined) return this.ports.priceFor(request);
    const market = request.timeInForce === 'IOC' ? this.ports.priceFor(request) : undefined;
    const isBetter = market !== undefined && (request.side === 'buy' ? market.lt(limit) : market.gt(limit));
    return isBetter ? market : limit;
  }

  /** One execution: fill, order and position, and the stream is told. */
  fill(clientId: string, part: FillPart, streamed = true): Fill {
    checkPart(part);
    const [request, order] = this.find(clientId);
    const { instrument, side } = request;
    const left = order.size.minus(order.filled);
    const size = part.size === undefined ? left : new Decimal(part.size);
    if (size.gt(left) || size.lte(0))
      throw misuse(
        `A fill of ${clientId} must be at most ${left.toString()}, was ${size.toString()}.`,
        `It was ${shown(order)}.`,
      );
    const price = part.price === undefined ? this.priceOf(request, order.price) : new Decimal(part.price);
    if (price === undefined)
      throw misuse(
        `A fill of ${clientId} must have a price, and ${request.symbol} has none.`,
        'Say fill: { price }, or broker.setPrice(symbol, price) before.',
      );
    const ticks = instrument.toTicks(price, 'nearest');
    const filledLots = instrument.toLots(size);
    if (!instrument.size(filledLots).eq(size))
      throw misuse(
        `A fill of ${request.symbol} must be a whole number of steps of ${instrument.spec.step.toString()}, was ${size.toString()}.`,
        'Round it.',
      );
    const liquidity = part.liquidity ?? 'taker';
    const at = this.ports.clock.now();
    const { positionSide } = request.options ?? {};
    const fill: Fill = {
      tradeId: `t${(this.traded += 1)}-${clientId}`,
      clientId,
      venueId: order.venueId,
      instrument,
      side,
      lots: filledLots,
      price: ticks,
      ...this.feesOf(instrument, ticks, filledLots, { ...part, liquidity }),
      liquidity,
      at,
      ...(positionSide === undefined ? {} : { positionSide }),
    };
    this.fills.push(fill);
    const filled = order.filled.plus(size);
    const status: OrderStatus = filled.eq(order.size) ? 'filled' : 'partially_filled';
    this.orders.set(clientId, { ...order, filled, report: { status, at } });
    const realised = this.move(request.symbol, size.times(signOf(side)), instrument.price(ticks));
    this.pay(instrument, fill, realised);
    if (streamed) this.ports.tell({ kind: 'fill', fill });
    return fill;
  }

  private feesOf(
    instrument: Instrument,
    price: Ticks,
    size: Lots,
    { liquidity, fee, fees }: FillPart,
  ): Pick<Fill, 'fee' | 'fees' | 'feeEstimated'> {
    if (fees !== undefined) {
      const charged = Object.entries(fees).map(([asset, amount]) => ({ asset, amount: new Decimal(amount).neg() }));
      return bookFees({ instrument, price, lots: size }, charged, (asset) =>
        this.ports.priceOf(asset, instrument.spec.settle),
      );
    }
    const rate = liquidity === 'maker' ? instrument.spec.makerFee : instrument.spec.takerFee;
    const charged = fee ?? instrument.money(instrument.notional(price, size)).abs().times(rate);
    return { fee: units(0 - instrument.toUnits(new Decimal(charged), 'ceil')) };
  }

  /** The venue ends an order, one that a test put in as well, and the stream is told. */
  end(clientId: string, status: OrderEnd, reason?: string): void {
    const order = this.open(clientId);
    const instrument = this.requests.get(clientId)?.instrument;
    const at = this.ports.clock.now();
    const report = { status, at, venueId: order.venueId, ...(reason === undefined ? {} : { reason }) };
    this.orders.set(clientId, { ...order, report });
    const filled = instrument === undefined ? {} : { filled: instrument.toLots(order.filled) };
    this.ports.tell({ kind: 'order', clientId, symbol: order.symbol, report, ...filled });
  }

  /** Another size or price of an open order; its name stays. */
  amend({ ref, limit, stop, lots: size }: OrderAmendment): VenueOrderId {
    const [{ instrument }, order] = this.find(ref.clientId);
    this.orders.set(ref.clientId, {
      ...order,
      ...(size === undefined ? {} : { size: instrument.size(size) }),
      ...(limit === undefined ? {} : { price: instrument.price(limit) }),
      ...(stop === undefined ? {} : { stopPrice: instrument.price(stop) }),
    });
    return order.venueId;
  }

  private find(clientId: string): [OrderRequest, VenueOrder] {
    const order = this.open(clientId);
    const request = this.requests.get(clientId);
    if (request === undefined)
      throw misuse(
        `${clientId} must have been placed by the bot, was put in by the test.`,
        "Tell its fills yourself: broker.account.fills.push(fill), broker.push({ kind: 'fill', fill }).",
      );
    return [request, order];
  }

  private open(clientId: string): VenueOrder {
    const order = this.orders.get(clientId);
    if (order === undefined)
      throw misuse(
        `The venue must hold ${clientId}, and holds ${[...this.orders.keys()].join(', ') || 'no order'}.`,
        'An order arrives when the bot has placed it: run a cycle, or advance the time until it is there.',
      );
    if (isTerminal(order.report.status))
      throw misuse(`${clientId} must be open, was ${shown(order)}.`, 'Place another one.');
    return order;
  }

  /**
   * Profit, fees and, on a spot market, money and coins change hands. Of inverse contracts a test sets the balances
   * itself.
   */
  private pay(instrument: Instrument, { lots, price, side, fee, fees }: Fill, realised: Decimal): void {
    const { kind, contract, base, settle, multiplier = 1 } = instrument.spec;
    if (contract === 'inverse') return;
    if (kind === 'spot') {
      const coins = instrument.size(lots).times(signOf(side));
      this.credit(base, coins, true);
      this.credit(settle, coins.times(instrument.price(price)).neg());
    } else this.credit(settle, realised.times(multiplier));
    for (const charged of fees ?? [{ asset: settle, amount: instrument.money(fee) }])
      this.credit(charged.asset, charged.amount);
  }

  /** A currency that the account does not show stays out of sight, but for coins that were bought. */
  private credit(asset: string, amount: Decimal, appears = false): void {
    const known = this.balances.some((balance) => balance.asset === asset);
    if (!known && appears) this.balances = [...this.balances, { asset, total: amount, available: amount }];
    if (!known) return;
    this.balances = this.balances.map((balance) =>
      balance.asset === asset
        ? { asset, total: balance.total.plus(amount), available: balance.available.plus(amount) }
        : balance,
    );
  }

  /** The entry price is the average by size of what was added. Returns the profit of what was closed. */
  private move(symbol: string, signed: Decimal, price: Decimal): Decimal {
    const before = this.positions.find((position) => position.symbol === symbol);
    const size = before === undefined ? signed : before.size.plus(signed);
    const others = this.positions.filter((position) => position !== before);
    const added = before === undefined || before.size.isZero() || before.size.isNegative() === signed.isNegative();
    const turned = before !== undefined && before.size.isNegative() !== size.isNegative();
    const entryPrice =
      before === undefined || turned
        ? price
        : added
          ? before.size.times(before.entryPrice).plus(signed.times(price)).div(size)
          : before.entryPrice;
    this.positions = size.isZero() ? others : [...others, { ...before, symbol, size, entryPrice }];
    if (before === undefined || added) return new Decimal(0);
    const closed = Decimal.min(before.size.abs(), signed.abs()).times(before.size.isNegative() ? -1 : 1);
    return price.minus(before.entryPrice).times(closed);
  }
}

const shown = ({ report, filled, size }: VenueOrder): string =>
  `${report.status}, ${filled.toString()} of ${size.toString()} filled`;

const taken = (request: OrderRequest, venueId: VenueOrderId, at: number): VenueOrder => ({
  venueId,
  clientId: request.clientId,
  symbol: request.symbol,
  side: request.side,
  type: request.type,
  size: request.size,
  filled: new Decimal(0),
  ...(request.price === undefined ? {} : { price: request.price }),
  ...(request.stopPrice === undefined ? {} : { stopPrice: request.stopPrice }),
  reduceOnly: request.reduceOnly,
  report: { status: 'open', at },
});
