import { injectable } from 'inversify';
import { fault } from '../../domain/errors.js';
import { countedIn, type Instrument, type MoneyUnit } from '../../domain/instrument.js';
import { Ledger, type LedgerAccount, type Posting } from '../../domain/ledger.js';
import { signOf, type Fill, type FundingPayment } from '../../domain/order.js';
import { Position } from '../../domain/position.js';
import { SymbolMap } from '../../domain/symbol-map.js';
import { exact, lots, units, type MarkUnits, type Units } from '../../domain/units.js';
import { inject } from '../../injection/inject.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import { AccountMoney, FINEST_MONEY } from '../../ports/runtime-state/account-money.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { Trace } from '../../ports/runtime-state/trace.js';
import { Baselines } from './baselines.js';
import {
  assertSameContract,
  assertSameScale,
  isSameScale,
  PortfolioSlot,
  type OccupiedSlot,
} from './portfolio-slot.js';
import { marginOf } from './required-margin.js';

type FillListener = (fill: Fill, position: Position) => void;
type PostingListener = (posting: Posting) => void;

/**
 * The account's own books: positions and a double-entry ledger from fills, payments and transfers alone, in exact
 * integers. Each event is applied once and the books are balanced before the call returns. A position that has no
 * mark yet is valued at its last fill.
 */
@injectable()
export class LedgerPortfolio implements Portfolio {
  readonly ledger = new Ledger();
  /**
   * A plain field, because it is read several times an event: cash, margin and unrealised profit as of the last change.
   */
  equity: Units = units(0);
  private readonly slots = new SymbolMap<PortfolioSlot>();
  private readonly applied = new Set<string>();
  private readonly baselines = new Baselines();
  private readonly fillListeners = new Set<FillListener>();
  private readonly postingListeners = new Set<PostingListener>();
  private confirmed = false;
  private open: Units = units(0);

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(Trace) private readonly trace: Trace,
    @inject(AccountMoney) private readonly money: Pick<AccountMoney, 'unit'> = FINEST_MONEY,
  ) {}

  get unit(): MoneyUnit {
    return this.money.unit;
  }

  get known(): boolean {
    return this.confirmed;
  }

  setKnown(known: boolean): void {
    this.confirmed = known;
  }

  get unrealised(): Units {
    return this.open;
  }

  get equityPeak(): Units {
    return this.baselines.peak;
  }

  get dayStartEquity(): Units | undefined {
    return this.baselines.dayStart;
  }

  deposit(amount: Units, at: number, ref: string): void {
    if (!this.first(`transfer ${ref}`)) return;
    this.baselines.roll(at, this.equity);
    this.post('deposits', 'cash', amount, at, ref);
    this.baselines.shift(amount);
    this.check();
  }

  applyFill(fill: Fill): boolean {
    const slot = this.slotFor(fill.instrument);
    const { position } = slot;
    const { instrument } = position;
    if (!slot.isFirst(fill)) return false;
    this.baselines.roll(fill.at, this.equity);
    const before = position.lots;
    const isOwn = fill.instrument === instrument || fill.instrument === slot.alike;
    let realised = isOwn ? position.apply(fill.side, fill.lots, fill.price, fill.at) : this.bookOffGrid(position, fill);
    const shown = isOwn ? fill : onGridOf(instrument, fill, position.lots - before);
    if (fill.fees !== undefined) realised = units(realised + this.payInCoins(slot, shown));
    const fee = this.own(fill.instrument, fill.fee);
    this.post('price', 'cash', realised, fill.at, fill.tradeId);
    this.post('fees', 'cash', fee, fill.at, fill.tradeId);
    slot.result = units(slot.result + realised + fee);
    this.adjustMargin(slot, position, fill);
    this.value(slot, position.unrealised(slot.isMarked ? slot.mark : instrument.marksOfTicks(shown.price)));
    this.check();
    // Listeners are told of whole lots.
    if (shown.lots > 0) for (const listener of this.fillListeners) listener(shown, position);
    return true;
  }

  /** A venue whose tick or step changed fills on its own grid; size and money are booked exactly all the same. */
  private bookOffGrid(position: Position, { instrument, side, lots: size, price, at }: Fill): Units {
    const signed = lots(signOf(side) * size);
    const paid = countedIn(instrument, this.unit).value(price, signed);
    return position.applyOffGrid(instrument.size(signed), paid, at);
  }

  applyFunding(payment: FundingPayment): boolean {
    if (payment.amount === undefined || !this.first(`funding ${payment.instrument.symbol} ${payment.id}`)) return false;
    this.baselines.roll(payment.at, this.equity);
    const amount = this.own(payment.instrument, payment.amount);
    this.post(payment.cause === undefined ? 'funding' : 'fees', 'cash', amount, payment.at, payment.id);
    const slot = this.slotFor(payment.instrument);
    slot.result = units(slot.result + amount);
    this.check();
    return true;
  }

  resultOf(symbol: string): Units {
    return this.slots.get(symbol)?.result ?? units(0);
  }

  mark(symbol: string, mark: MarkUnits): void {
    let slot = this.slots.get(symbol);
    if (slot === undefined) this.slots.set(symbol, (slot = new PortfolioSlot()));
    slot.mark = mark;
    const position = slot.position;
    if (position !== undefined && position.lots !== 0) this.value(slot, position.unrealised(mark));
  }

  position(instrument: Instrument): Position {
    return this.slotOf(instrument).position;
  }

  *positions(): IterableIterator<Position> {
    for (const slot of this.slots.values()) if (slot.position !== undefined) yield slot.position;
  }

  lastMark(symbol: string): MarkUnits | undefined {
    const slot = this.slots.get(symbol);
    return slot?.isMarked === true ? slot.mark : undefined;
  }

  observe(now: number): void {
    this.baselines.observe(now, this.equity);
  }

  resumeBaselines(day: number, dayStart: Units, peak: Units): void {
    this.baselines.resume(day, dayStart, units(Math.max(peak, this.equity)));
  }

  restartPeak(): void {
    this.baselines.peak = this.equity;
  }

  get grossNotional(): Units {
    let sum = 0;
    for (const { position, mark, isMarked } of this.slots.values()) {
      if (position === undefined || position.lots === 0) continue;
      sum += Math.abs(isMarked ? position.instrument.notionalAtMark(mark, position.lots) : position.cost);
    }
    return units(exact(sum, 'Gross notional'));
  }

  onFill(listener: FillListener): () => void {
    this.fillListeners.add(listener);
    return () => this.fillListeners.delete(listener);
  }

  onPosting(listener: PostingListener): () => void {
    this.postingListeners.add(listener);
    return () => this.postingListeners.delete(listener);
  }

  assertConsistent(): void {
    this.check();
    let unrealised = 0;
    let margin = 0;
    let realised = 0;
    for (const slot of this.slots.values()) {
      unrealised += slot.unrealised;
      margin += slot.margin;
      realised += slot.position?.realised ?? 0;
      if (slot.position !== undefined && slot.isMarked)
        mustEqual('Unrealised profit of a position', slot.position.unrealised(slot.mark), slot.unrealised);
    }
    const { ledger } = this;
    mustEqual('Unrealised profit', unrealised, this.open);
    mustEqual('Margin', margin, ledger.margin);
    mustEqual('Price profit', realised, ledger.income('price'));
    const sources =
      ledger.income('deposits') +
      ledger.income('price') +
      ledger.income('fees') +
      ledger.income('funding') +
      ledger.income('rounding');
    mustEqual('Equity', sources + this.open, this.equity);
  }

  /** The cheap check after every event: every unit accounted for, equity still exact. */
  private check(): void {
    this.ledger.assertBalanced();
    exact(this.equity, 'Equity');
  }

  /** A venue may describe its instruments itself, and count in another unit: rounded against the account. */
  private own({ unit }: Instrument, amount: Units): Units {
    return unit.digits === this.unit.digits ? amount : this.unit.units(unit.of(amount), 'floor');
  }

  private slotOf(instrument: Instrument): OccupiedSlot {
    const slot = this.slotFor(instrument);
    const held = slot.position.instrument;
    if (held !== instrument && slot.alike !== instrument) assertSameScale(held, instrument);
    return slot;
  }

  /** The slot of an instrument on whatever grid; `alike` is the last one that has the position's. */
  private slotFor(instrument: Instrument): OccupiedSlot {
    let slot = this.slots.get(instrument.symbol);
    if (slot === undefined) this.slots.set(instrument.symbol, (slot = new PortfolioSlot()));
    slot.position ??= new Position(countedIn(instrument, this.unit));
    if (slot.position.instrument !== instrument && slot.alike !== instrument) {
      assertSameContract(slot.position.instrument, instrument);
      if (isSameScale(slot.position.instrument, instrument)) slot.alike = instrument;
    }
    return slot as OccupiedSlot;
  }

  private value(slot: PortfolioSlot, unrealised: Units): void {
    this.open = units(this.open - slot.unrealised + unrealised);
    slot.unrealised = unrealised;
    this.addUp();
  }

  private addUp(): void {
    this.equity = units(this.ledger.cash + this.ledger.margin + this.open);
  }

  private adjustMargin(slot: PortfolioSlot, position: Position, fill: Fill): void {
    const needed = marginOf(position, this.config.current);
    this.post('cash', 'margin', units(needed - slot.margin), fill.at, fill.tradeId);
    slot.margin = needed;
  }

  private post(from: LedgerAccount, to: LedgerAccount, amount: Units, at: number, ref: string): void {
    if (amount === 0) return;
    this.ledger.move(from, to, amount);
    this.addUp();
    const posting: Posting = { at, from, to, amount, ref };
    this.trace.posting(posting);
    for (const listener of this.postingListeners) listener(posting);
  }

  /** Coins that went as a fee were given away at the price of the fill, which the fee that is booked names. */
  private payInCoins(slot: OccupiedSlot, fill: Fill): Units {
    const leaving = slot.chargeCoins(fill, slot.position.lots);
    if (leaving === 0) return units(0);
    return slot.position.apply(leaving > 0 ? 'sell' : 'buy', lots(Math.abs(leaving)), fill.price, fill.at);
  }

  private first(key: string): boolean {
    if (this.applied.has(key)) return false;
    this.applied.add(key);
    return true;
  }
}

function mustEqual(what: string, expected: number, actual: number): void {
  if (expected !== actual) throw fault('LEDGER-001', `${what} must be ${expected} units, was ${actual}.`);
}

/** What strategies and reports are told of a fill on another grid: whole lots, at the nearest tick. */
const onGridOf = (instrument: Instrument, fill: Fill, change: number): Fill => ({
  ...fill,
  instrument,
  lots: lots(Math.abs(change)),
  price: instrument.toTicks(fill.instrument.price(fill.price), 'nearest'),
});
