import { unreadable } from '../../../border/reading.js';
import { countedIn } from '../../../domain/instrument.js';
import { closesPosition, type Fill, type FundingPayment, type Order } from '../../../domain/order.js';
import { isTerminal } from '../../../domain/order-state.js';
import { lotsIn, wholeLots } from '../../../domain/order-value.js';
import { lots, units, type Units } from '../../../domain/units.js';
import type { AccountEvent } from '../../../ports/venue/account-event.js';
import type { OrderLog } from '../../../ports/core-services/execution.js';
import type { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';

type Transfer = Extract<AccountEvent, { kind: 'transfer' }>;

/**
 * What the portfolio has been told, each event once. Used alike by the live stream and by the replay of the journal.
 */
export class AccountBook {
  private late: Fill[] = [];
  private readonly gaps = new Set<string>();
  private readonly transfers = new Set<string>();
  /** Symbols that have been filled: their positions are there, and keep the grid that they are counted in. */
  private readonly filled = new Set<string>();
  /** Replayed fills per order: the journal's fills, not its order records, say how much an order has filled. */
  private replayed = new Map<string, { lots: number; notional: Units; lastAt: number }>();

  constructor(
    private readonly portfolio: Portfolio,
    private readonly config: ConfigController,
    private readonly catalogue: Pick<ProductCatalogue, 'find'>,
  ) {}

  /** False when it was applied before. */
  applyFill(fill: Fill): boolean {
    const { symbol } = fill.instrument;
    this.assertRoom(fill.fee, 'Fee of fill', fill.tradeId);
    if (!this.filled.has(symbol)) this.openAsCatalogued(symbol);
    return this.portfolio.applyFill(fill);
  }

  /**
   * A position is counted as the catalogue counts, whatever grid its first fill is on: a venue may have been finer for
   * a while, and everything that is decided later is decided in the catalogue's.
   */
  private openAsCatalogued(symbol: string): void {
    this.filled.add(symbol);
    const instrument = this.catalogue.find(symbol);
    if (instrument !== undefined) this.portfolio.position(instrument);
  }

  /** A payment without an amount is a gap: known, never zero. */
  applyFunding(payment: FundingPayment): boolean {
    if (payment.amount !== undefined) {
      this.assertRoom(payment.amount, 'Amount of funding payment', payment.id);
      return this.portfolio.applyFunding(payment);
    }
    if (this.gaps.has(payment.id)) return false;
    this.gaps.add(payment.id);
    return true;
  }

  /** Only collateral is money of this account; other assets are noted. */
  applyTransfer(transfer: Transfer): boolean {
    if (this.transfers.has(transfer.id)) return false;
    if (this.config.current.execution.collateral.includes(transfer.asset)) {
      const amount = this.portfolio.unit.units(transfer.amount, 'floor');
      this.assertRoom(amount, 'Amount of transfer', transfer.id);
      this.portfolio.deposit(amount, transfer.at, transfer.id);
    }
    this.transfers.add(transfer.id);
    return true;
  }

  /** Throws VENUE-005 before anything has moved: beyond exact money the books would stop half-way. */
  private assertRoom(amount: number, what: string, id: string): void {
    const { cash, margin } = this.portfolio.ledger;
    if (!(Math.abs(amount) + Math.abs(cash) + Math.abs(margin) <= Number.MAX_SAFE_INTEGER))
      throw unreadable(what, 'within exact money, with what the account holds', amount, id);
  }

  /** `log` holds the orders of the journal by now. What no order explained when it came is late. */
  replay(event: AccountEvent, log: OrderLog, isLate: boolean): void {
    if (event.kind === 'funding') this.applyFunding(event.payment);
    else if (event.kind === 'transfer') this.applyTransfer(event);
    else if (event.kind === 'fill' && this.applyFill(event.fill)) {
      if (isLate) this.late.push(event.fill);
      else this.explain(event.fill, log);
    }
  }

  /** An order counted them after those that named it, if at all; what none explains yet may be explained later. */
  replayLate(log: OrderLog): void {
    for (const fill of this.late) this.explain(fill, log);
    this.late = [];
  }

  /** Brings stored orders up to the replayed fills: a crash may have kept a fill and lost its order's last record. */
  repairOrders(log: OrderLog): void {
    for (const [clientId, sum] of this.replayed) {
      const order = log.find(clientId);
      if (order !== undefined && wholeLots(sum.lots) > order.filled) log.replace(repaired(order, sum));
    }
    this.replayed = new Map();
  }

  private explain(fill: Fill, log: OrderLog): void {
    const order = log.match(fill);
    if (order === undefined) log.unmatched(fill);
    else this.remember(fill, order);
  }

  /** What the order did not count when it happened it does not count now: a fill that contradicts it, or too large. */
  private remember(fill: Fill, order: Order): void {
    if (order.request.side !== fill.side || order.request.symbol !== fill.instrument.symbol) return;
    // Its record says all that it could: nearly every order of a long past.
    if (order.filled === order.request.lots) return;
    const { clientId } = order.request;
    const sum = this.replayed.get(clientId) ?? { lots: 0, notional: units(0), lastAt: 0 };
    const size = lotsIn(order.request.instrument, fill);
    if (wholeLots(sum.lots + size) > order.request.lots && !closesPosition(order.request)) return;
    sum.lots += size;
    sum.notional = units(
      sum.notional + countedIn(fill.instrument, order.request.instrument.unit).notional(fill.price, fill.lots),
    );
    sum.lastAt = Math.max(sum.lastAt, fill.at);
    this.replayed.set(clientId, sum);
  }
}

function repaired(
  order: Order,
  sum: { readonly lots: number; readonly notional: Units; readonly lastAt: number },
): Order {
  const isOpenEnded = closesPosition(order.request);
  const filled = lots(isOpenEnded ? wholeLots(sum.lots) : Math.min(wholeLots(sum.lots), order.request.lots));
  const isComplete = filled === order.request.lots && !isOpenEnded;
  const status = isComplete ? 'filled' : isTerminal(order.status) ? order.status : 'partially_filled';
  return { ...order, filled, filledNotional: sum.notional, status, updatedAt: Math.max(order.updatedAt, sum.lastAt) };
}
