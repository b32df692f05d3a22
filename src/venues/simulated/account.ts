import { fault } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import { Ledger } from '../../domain/ledger.js';
import { signOf, type Fill, type FundingPayment } from '../../domain/order.js';
import { Position } from '../../domain/position.js';
import { exact, units, type Units } from '../../domain/units.js';

/** The one trading account of the exchange: a double-entry ledger, positions, leverage, and everything that moved them. */
export class SimulatedAccount {
  readonly ledger = new Ledger();
  readonly fills: Fill[] = [];
  readonly fundings: FundingPayment[] = [];
  /** Chosen leverage by symbol; 1 where nothing was chosen. */
  readonly leverages = new Map<string, number>();
  /** The one deposit that opened the account. */
  deposited: Units = units(0);
  depositedAt: number | undefined = undefined;
  private readonly bySymbol = new Map<string, Position>();

  deposit(amount: Units): void {
    this.ledger.move('deposits', 'cash', amount);
    this.deposited = units(exact(this.deposited + amount, 'Deposits'));
  }

  position(instrument: Instrument): Position {
    let position = this.bySymbol.get(instrument.symbol);
    if (position === undefined || (position.instrument !== instrument && position.isFlat && position.realised === 0)) {
      position = new Position(instrument);
      this.bySymbol.set(instrument.symbol, position);
    }
    return position;
  }

  leverageOf(symbol: string): number {
    return this.leverages.get(symbol) ?? 1;
  }

  /** Books a fill: profit and fee against cash. */
  apply(fill: Fill): void {
    const realised = this.position(fill.instrument).apply(fill.side, fill.lots, fill.price, fill.at);
    this.ledger.move('price', 'cash', realised);
    this.ledger.move('fees', 'cash', fill.fee);
    this.fills.push(fill);
  }

  /** Books a funding payment; a gap moves nothing. */
  pay(payment: FundingPayment): void {
    if (payment.amount !== undefined) this.ledger.move('funding', 'cash', payment.amount);
    this.fundings.push(payment);
  }

  /** Takes over what an earlier process booked; the ledger and the positions are restored beside it. */
  restoreHistory(fills: readonly Fill[], fundings: readonly FundingPayment[]): void {
    this.fills.push(...fills);
    this.fundings.push(...fundings);
  }

  /** Throws LEDGER-001 unless ledger, positions, fills and payments tell one story. */
  assertConsistent(): void {
    this.ledger.assertBalanced();
    let realised = 0;
    for (const position of this.bySymbol.values()) {
      realised += position.realised;
      this.assertPosition(position);
    }
    this.assertEqual('price profit', this.ledger.income('price'), realised);
    this.assertEqual('fees', this.ledger.income('fees'), sum(this.fills, (fill) => fill.fee));
    this.assertEqual('funding', this.ledger.income('funding'), sum(this.fundings, (payment) => payment.amount ?? 0));
    this.assertEqual('deposits', this.ledger.income('deposits'), this.deposited);
  }

  private assertPosition(position: Position): void {
    let size = 0;
    let paid = 0;
    for (const fill of this.fills) {
      if (fill.instrument.symbol !== position.instrument.symbol) continue;
      size += signOf(fill.side) * fill.lots;
      paid += signOf(fill.side) * fill.instrument.notional(fill.price, fill.lots);
    }
    this.assertEqual(`${position.instrument.symbol} position`, position.lots, size);
    this.assertEqual(`${position.instrument.symbol} cost`, position.cost, paid + position.realised);
  }

  private assertEqual(what: string, booked: number, told: number): void {
    if (booked !== told) throw fault('LEDGER-001', `Exchange books: ${what} must be ${told}, was ${booked}.`);
  }
}

const sum = <T>(items: readonly T[], amount: (item: T) => number): number => items.reduce((total, item) => total + amount(item), 0);
