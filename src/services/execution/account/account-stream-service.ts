import { injectable } from 'inversify';
import { readAccountEvent } from '../../../border/account-events.js';
import { isUnreadable } from '../../../border/reading.js';
import { isOurs } from '../../../domain/client-order-id.js';
import { PerpsBotError } from '../../../domain/errors.js';
import type { Fill } from '../../../domain/order.js';
import { isTerminal } from '../../../domain/order-state.js';
import { fillToRecord, fundingToRecord } from '../../../domain/records.js';
import { inject } from '../../../injection/inject.js';
import { AccountAccess } from '../../../ports/venue/account-access.js';
import { VenueSession } from '../../../ports/venue/venue-session.js';
import type { AccountEvent } from '../../../ports/venue/account-event.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import { Clock } from '../../../ports/configuration/clock.js';
import { VenueTime } from '../../../ports/configuration/venue-time.js';
import { EventStore } from '../../../ports/storage/event-store.js';
import { AccountStream, OrderLog } from '../../../ports/core-services/execution.js';
import type { StatusSource } from '../../../ports/market-services/lifecycle.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { ForeignOrders } from '../../../ports/runtime-state/foreign-orders.js';
import { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import { RequestBudget } from '../../../ports/core-services/request-budget.js';
import { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { Trace } from '../../../ports/runtime-state/trace.js';
import { AccountBook } from './account-book.js';
import { AccountConnection } from './account-connection.js';
import { fetchHistory, replayHistory, Watermarks } from './account-history.js';
import { askTerms, type TermsPorts } from '../orders/ask-terms.js';
import { Endings } from './endings.js';
import { MarginWatch } from './margin-watch.js';
import { sayForeign, sayOrphan } from './orphan.js';
import { movesMoney, SetAside } from './set-aside.js';
import { TermsWatch } from './terms-watch.js';
import { tighten } from '../../../flow/tighten.js';
import { Mutex } from '../../../flow/mutex.js';

/** It says something of this row alone, and nothing has moved: the journal's own troubles concern every row. */
const isOfTheRow = (error: unknown): boolean =>
  isUnreadable(error) || (PerpsBotError.is(error) && error.code.startsWith('NUM-'));

/** Applies the venue's account events once each: portfolio, journal, trace, order. Single writer of the portfolio. */
@injectable()
export class AccountStreamService implements AccountStream, StatusSource {
  readonly name = 'account';
  private readonly book: AccountBook;
  private readonly marks = new Watermarks(undefined);
  private readonly mutex = new Mutex();
  private readonly connection: AccountConnection;
  private readonly recoveries = new Set<() => void>();
  private externalFills = 0;
  private readonly aside: SetAside;
  private readonly endings: Endings;
  private readonly terms: TermsWatch;
  private readonly margin: MarginWatch;
  private readonly termsPorts: TermsPorts;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(AccountAccess) private readonly account: AccountAccess,
    @inject(ProductCatalogue) private readonly catalogue: ProductCatalogue,
    @inject(OrderLog) private readonly log: OrderLog,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(ForeignOrders) private readonly foreign: ForeignOrders,
    @inject(EventStore) readonly journal: EventStore,
    @inject(Trace) private readonly trace: Trace,
    @inject(SafetyLadder) readonly ladder: SafetyLadder,
    @inject(PendingWork) pending: PendingWork,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Clock) readonly clock: Clock,
    @inject(VenueTime) private readonly time: VenueTime,
    @inject(Logger) readonly logger: Logger,
    @inject(RequestBudget) readonly budget: RequestBudget = UNLIMITED,
  ) {
    this.book = new AccountBook(portfolio, config, catalogue);
    this.endings = new Endings(log);
    this.terms = new TermsWatch(config, session, journal, ladder, logger);
    this.margin = new MarginWatch(portfolio, journal, ladder, logger);
    this.aside = new SetAside(journal, logger);
    this.termsPorts = { session, account, stream: this, clock, scheduler, config, logger, budget };
    this.connection = new AccountConnection({
      account,
      config,
      pending,
      scheduler,
      clock,
      logger,
      accept: (event) => this.accept(event),
      backfill: () => this.backfill(),
      isShort: () => this.endings.pending,
      isAtStake: () => this.isAtStake(),
      recovered: () => this.recoveries.forEach((listener) => listener()),
      budget,
    });
  }

  async open(signal: AbortSignal): Promise<void> {
    this.book.repairOrders(this.log);
    await this.connection.open(signal);
    await askTerms(this.termsPorts);
  }

  close(): Promise<void> {
    this.connection.close();
    return Promise.resolve();
  }

  accept(event: AccountEvent): void {
    try {
      this.take(readAccountEvent(event, this.clock.now(), (error) => this.aside.add(event, error)));
    } catch (error) {
      // First of all: a record that cannot be written must not keep orders going.
      const isKnown = isUnreadable(error) && (this.aside.has(event, error) || !movesMoney(event));
      if (!isKnown) tighten(this.ladder, 'HALTED', 'account_event_failed', this.logger);
      this.aside.add(event, error);
    }
  }

  restore(): void {
    const started = this.journal.query({ types: ['account_baseline'], limit: 1 })[0]?.payload['since'];
    if (typeof started === 'number') this.marks.startAt(started);
    this.aside.restore();
    this.terms.restore();
    const leftOut = replayHistory(
      this.journal,
      (symbol) => this.catalogue.find(symbol),
      (event, isLate) => {
        this.see(event);
        this.book.replay(event, this.log, isLate);
      },
    );
    this.book.replayLate(this.log);
    if (leftOut.length === 0) return;
    // Their profit, fees and funding are missing from equity, and every limit is a share of equity.
    this.logger.error(
      'Records of instruments that the venue lists no more were left out: equity is not known exactly',
      { records: leftOut.length, first_seq: leftOut[0] },
    );
    tighten(this.ladder, 'REDUCE_ONLY', 'history_incomplete', this.logger);
  }

  backfill(whole = false): Promise<number> {
    return this.mutex.run(() => this.fetch(whole));
  }

  onRecovered(listener: () => void): () => void {
    this.recoveries.add(listener);
    return () => this.recoveries.delete(listener);
  }

  status(): Record<string, unknown> {
    return {
      quarantined_orders: [...this.foreign.all()].map(({ order }) => order.venueId),
      external_fills: this.externalFills,
      set_aside: this.aside.count,
      stream_open: this.connection.isOpen,
    };
  }

  private isAtStake(): boolean {
    for (const { isFlat } of this.portfolio.positions()) if (!isFlat) return true;
    return this.log.open().length > 0;
  }

  private async fetch(whole: boolean): Promise<number> {
    this.book.repairOrders(this.log);
    this.ensureBaseline();
    const open = whole ? [-Infinity] : this.log.open().map(({ createdAt }) => createdAt);
    const take = (event: AccountEvent): boolean => this.takeRow(event);
    const notAfter = Math.min(...open) - this.time.boundMs;
    const { account, marks, scheduler, session, budget, clock } = this;
    const kind = this.isAtStake() ? 'protection' : 'query';
    const asking = { scheduler, limitMs: this.config.current.execution.requestTimeoutMs, budget, clock, kind } as const;
    return fetchHistory(account, session.capabilities, marks, notAfter, take, asking);
  }

  /**
   * One row of the history. What cannot be read is set aside and the rest is booked: profit, fees or a position may be
   * missing then, and every limit is a share of them, so nothing is increased until a person has looked, once for each
   * row.
   */
  private takeRow(event: AccountEvent): boolean {
    try {
      return this.take(readAccountEvent(event, this.clock.now()));
    } catch (error) {
      if (!isOfTheRow(error)) throw error;
      if (this.aside.add(event, error)) tighten(this.ladder, 'REDUCE_ONLY', 'history_incomplete', this.logger);
      return false;
    }
  }

  /**
   * A venue that lists all transfers tells the whole history; of any other, history begins with the opening balance, at
   * an instant that is not after ours on the venue's clock.
   */
  private ensureBaseline(): void {
    if (this.marks.started) return;
    const since = this.session.capabilities.transfers === true ? 0 : this.clock.now() - this.time.boundMs;
    this.marks.startAt(since);
    this.journal.append('account_baseline', { since });
  }

  /** True when the event was new. One that cannot be applied is not known: it does not move the watermark. */
  private take(event: AccountEvent): boolean {
    const fresh = this.apply(event);
    this.see(event);
    return fresh;
  }

  private apply(event: AccountEvent): boolean {
    switch (event.kind) {
      case 'order':
        return this.takeReport(event);
      case 'fill':
        return this.takeFill(event.fill);
      case 'funding': {
        const { payment } = event;
        if (!this.book.applyFunding(payment)) return false;
        this.journal.append('funding', fundingToRecord(payment));
        this.trace.funding(payment);
        return true;
      }
      case 'transfer': {
        if (!this.book.applyTransfer(event)) return false;
        const { id, asset, amount, at } = event;
        this.journal.append('transfer', { transfer_id: id, asset, amount: amount.toString(), transferred_at: at });
        return true;
      }
      case 'foreign_order':
        return this.takeForeignOrder(event.order);
      case 'margin':
        this.margin.warn(event);
        return true;
      case 'terms':
        return this.terms.take(event.terms);
      case 'position':
        return event.position.positionSide !== undefined && this.terms.take({ positionMode: 'hedge' });
      case 'balance':
        return false;
      default:
        this.takeNotice(event.kind, event.message);
        return false;
    }
  }

  private see(event: AccountEvent): void {
    if (event.kind === 'fill') this.marks.see('fill', event.fill.at);
    else if (event.kind === 'funding') this.marks.see('funding', event.payment.at);
    else if (event.kind === 'transfer') this.marks.see('transfer', event.at);
  }

  private takeReport(event: Extract<AccountEvent, { kind: 'order' }>): boolean {
    const before = this.log.find(event.clientId);
    if (before === undefined) {
      if (this.isOurs(event.clientId)) this.orphan('orphan_order', event.clientId);
      return false;
    }
    if (event.report.status === 'liquidated' && before.status !== 'liquidated') this.margin.announced(event.clientId);
    const report = this.endings.orLater(before, event.report, event.filled);
    const after = this.log.report(event.clientId, report);
    if (report !== event.report) {
      this.connection.expectFills();
      this.endings.afterFill(event.clientId);
    }
    return after !== before;
  }

  /** The fill's record comes before its order's: fills are the truth from which orders are repaired after a crash. */
  private takeFill(fill: Fill): boolean {
    if (!this.book.applyFill(fill)) return false;
    if (fill.cause !== undefined) this.margin.closed(fill);
    const order = this.log.match(fill);
    const ours = order !== undefined || this.isOurs(fill.clientId);
    if (this.journal.discards !== true) this.journal.append(ours ? 'fill' : 'external_fill', fillToRecord(fill));
    this.trace.fill(fill);
    if (order !== undefined) {
      this.log.fill(order, fill);
      this.endings.afterFill(order.request.clientId);
      return true;
    }
    this.log.unmatched(fill);
    if (ours) this.orphan('orphan_fill', fill.clientId);
    else {
      this.externalFills += 1;
      const { tradeId: trade_id, instrument, cause } = fill;
      this.logger.warn('A fill that no order of this bot explains', { trade_id, symbol: instrument.symbol, cause });
    }
    return true;
  }

  private takeForeignOrder(order: VenueOrder): boolean {
    if (isTerminal(order.report.status)) return this.foreign.drop(order);
    if (this.log.find(order.clientId ?? '') !== undefined) return this.foreign.drop(order);
    if (this.isOurs(order.clientId)) this.orphan('orphan_order', order.clientId ?? order.venueId);
    const isNew = this.foreign.take({ order, instrument: this.catalogue.find(order.symbol) });
    if (isNew && !this.isOurs(order.clientId)) sayForeign(this, order);
    return isNew;
  }

  private takeNotice(kind: string, message: string): void {
    if (kind !== 'gap' && kind !== 'reconnected') return;
    this.logger.warn('Account stream interrupted', { kind, message });
    this.connection.interrupted();
  }

  private isOurs(clientId: string | undefined): boolean {
    return isOurs(clientId, this.config.current.botId);
  }

  private orphan(reason: string, clientId: string): void {
    sayOrphan(this, reason, clientId);
  }
}
