import { FINEST_UNIT, type Instrument, type MoneyUnit } from '../../../domain/instrument.js';
import { Ledger } from '../../../domain/ledger.js';
import type { Fill, FundingPayment, MarginMode, PositionMode } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { exact, mulDiv, units, type Lots, type Units } from '../../../domain/units.js';
import { assertAccount } from './account-audit.js';
import { FeeSchedule } from '../models/fee-schedule.js';
import { VenueBooks } from './venue-books.js';
import { Holdings, type Holding } from './positions.js';

/** Leverage is honoured to a hundredth. */
const LEVERAGE_SCALE = 100;

/**
 * The one trading account of the exchange: a double-entry ledger, positions, leverage, and everything that moved them.
 * `cash` is free or backs cross positions; `margin` is the sum of what isolated positions have been given.
 */
export class SimulatedAccount {
  readonly ledger = new Ledger();
  readonly books = new VenueBooks();
  readonly schedule = new FeeSchedule();
  readonly fills: Fill[] = [];
  readonly fundings: FundingPayment[] = [];
  /** Chosen leverage by symbol; that of the configuration, else 1, where nothing was chosen. */
  readonly leverages = new Map<string, number>();
  /** What its money is counted in: known before anything is booked. */
  unit: MoneyUnit = FINEST_UNIT;
  positionMode: PositionMode = 'one_way';
  /** Margin mode of symbols for which none was chosen. */
  marginMode: MarginMode = 'cross';
  /** The one deposit that opened the account. */
  deposited: Units = units(0);
  depositedAt: number | undefined = undefined;
  /** Told of every change of positions and money. */
  onChange: () => void = () => undefined;
  private readonly bySymbol = new Map<string, Holdings>();

  deposit(amount: Units): void {
    this.ledger.move('deposits', 'cash', amount);
    this.books.pay('outside', amount);
    this.deposited = units(exact(this.deposited + amount, 'Deposits'));
    this.onChange();
  }

  holdings(instrument: Instrument): Holdings {
    let holdings = this.bySymbol.get(instrument.symbol);
    if (holdings === undefined || (holdings.isUnused && !countsAlike(holdings.instrument, instrument))) {
      const mode = instrument.spec.kind === 'spot' ? 'cross' : (holdings?.mode ?? this.marginMode);
      holdings = new Holdings(instrument);
      holdings.mode = mode;
      this.bySymbol.set(instrument.symbol, holdings);
    }
    return holdings;
  }

  allHoldings(): IterableIterator<Holdings> {
    return this.bySymbol.values();
  }

  /** The net position of an instrument. */
  position(instrument: Instrument): Position {
    return this.holdings(instrument).net.position;
  }

  leverageOf(symbol: string): number {
    return this.leverages.get(symbol) ?? 1;
  }

  /** Books a fill: profit and fee against cash, or against the margin of an isolated position that is liquidated. */
  apply(fill: Fill): void {
    const holdings = this.holdings(fill.instrument);
    const holding = holdings.of(fill.positionSide);
    const { position } = holding;
    const before = position.lots;
    const realised = position.apply(fill.side, fill.lots, fill.price, fill.at);
    const fromMargin = holdings.mode === 'isolated' && fill.cause === 'liquidation';
    const account = fromMargin ? 'margin' : 'cash';
    this.ledger.move('price', account, realised);
    this.ledger.move('fees', account, fill.fee);
    this.books.pay('market', realised);
    this.books.pay(fill.cause === 'liquidation' ? 'fund' : 'fees', fill.fee);
    if (fromMargin) holding.wallet = units(exact(holding.wallet + realised + fill.fee, 'Isolated margin'));
    if (holdings.mode === 'isolated') this.adjustMargin(holding, before, fill, fromMargin);
    this.fills.push(fill);
    this.schedule.add(fill);
    this.onChange();
  }

  /** Books a funding payment; a gap moves nothing. An isolated position pays out of its own margin. */
  pay(payment: FundingPayment, holding?: Holding): void {
    const { amount } = payment;
    if (amount !== undefined) {
      const isolated =
        holding !== undefined && holding.position.lots !== 0 && this.holdings(payment.instrument).mode === 'isolated';
      this.ledger.move('funding', isolated ? 'margin' : 'cash', amount);
      this.books.pay('market', amount);
      if (isolated) holding.wallet = units(exact(holding.wallet + amount, 'Isolated margin'));
    }
    this.fundings.push(payment);
    this.onChange();
  }

  /** Moves money between cash and the margin of an isolated position. */
  moveMargin(holding: Holding, amount: Units): void {
    this.ledger.move('cash', 'margin', amount);
    holding.wallet = units(exact(holding.wallet + amount, 'Isolated margin'));
    this.onChange();
  }

  /** Takes over what an earlier process booked; the ledger and the positions are restored beside it. */
  restoreHistory(fills: readonly Fill[], fundings: readonly FundingPayment[]): void {
    this.fills.push(...fills);
    this.fundings.push(...fundings);
    for (const fill of fills) this.schedule.add(fill);
    this.onChange();
  }

  /** The same account beside this one, without its history: what is booked there moves nothing here. */
  copy(): SimulatedAccount {
    const made = new SimulatedAccount();
    const { unit, positionMode, marginMode } = this;
    Object.assign(made, { unit, positionMode, marginMode });
    Object.assign(made.ledger, this.ledger);
    Object.assign(made.books, this.books);
    made.schedule.follow(this.schedule);
    for (const [symbol, leverage] of this.leverages) made.leverages.set(symbol, leverage);
    for (const [symbol, holdings] of this.bySymbol) made.bySymbol.set(symbol, holdings.copy());
    return made;
  }

  /** Throws LEDGER-001 unless ledger, positions, fills, payments and the venue's books tell one story. */
  assertConsistent(): void {
    assertAccount(this);
  }

  /**
   * Isolated margin after a fill: lots that were closed give theirs back in proportion (rounded down; in a liquidation
   * nothing before the last), lots that were opened are given notional over leverage, rounded up. A loss that cash
   * cannot bear is taken from what is left of the position's margin.
   */
  private adjustMargin(holding: Holding, before: Lots, fill: Fill, liquidated: boolean): void {
    const { position } = holding;
    const after = position.lots;
    const grew =
      before === 0 || before > 0 === after > 0 ? Math.max(0, Math.abs(after) - Math.abs(before)) : Math.abs(after);
    const closed = fill.lots - grew;
    if (closed > 0 && holding.wallet !== 0) {
      const whole = closed === Math.abs(before);
      if (whole || !liquidated)
        this.moveMargin(
          holding,
          units(whole ? 0 - holding.wallet : 0 - mulDiv(holding.wallet, closed, Math.abs(before), 'floor')),
        );
    }
    if (grew > 0)
      this.moveMargin(
        holding,
        initialMarginOf(
          Math.abs(fill.instrument.notional(fill.price, grew as Lots)),
          this.leverageOf(fill.instrument.symbol),
        ),
      );
    if (closed > 0 && this.ledger.cash < 0 && holding.wallet > 0)
      this.moveMargin(holding, units(0 - Math.min(holding.wallet, 0 - this.ledger.cash)));
  }
}

/** Notional over leverage, rounded up: margin is never understated. */
export const initialMarginOf = (notional: number, leverage: number): Units =>
  units(mulDiv(notional, LEVERAGE_SCALE, Math.round(leverage * LEVERAGE_SCALE), 'ceil'));

/** Both count prices, sizes and money alike: other filters or fees make no other position. */
function countsAlike({ spec: a }: Instrument, { spec: b }: Instrument): boolean {
  if (!(['tick', 'step', 'multiplier'] as const).every((field) => String(a[field]) === String(b[field]))) return false;
  return a.kind === b.kind && a.contract === b.contract && a.settle === b.settle;
}
