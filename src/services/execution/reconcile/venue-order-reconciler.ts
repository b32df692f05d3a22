import { injectable } from 'inversify';
import { readLookup, readVenueOrder } from '../../../border/orders.js';
import { requireList } from '../../../border/reading.js';
import { isOurs } from '../../../domain/client-order-id.js';
import { messageOf } from '../../../domain/errors.js';
import { isSettled, isTerminal } from '../../../domain/order-state.js';
import type { Order } from '../../../domain/order.js';
import { inTime } from '../../../flow/in-time.js';
import { inject } from '../../../injection/inject.js';
import { AccountAccess } from '../../../ports/venue/account-access.js';
import type { OrderLookup, VenueOrder } from '../../../ports/venue/venue-order.js';
import { VenueSession } from '../../../ports/venue/venue-session.js';
import { Clock } from '../../../ports/configuration/clock.js';
import { EventStore } from '../../../ports/storage/event-store.js';
import {
  AccountStream,
  OrderLog,
  OrderReconciler,
  type OrderReconcileReport,
} from '../../../ports/core-services/execution.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import { ForeignOrders, type ForeignOrder } from '../../../ports/runtime-state/foreign-orders.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { adoptedOrder } from '../orders/adopted-order.js';
import { askTerms } from '../orders/ask-terms.js';
import { applyVenueTruth, refOf } from '../orders/venue-truth.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import { RequestBudget } from '../../../ports/core-services/request-budget.js';

/** An acknowledged order must be denied this often, this far apart, and be this old, before its absence is believed. */
const DENIALS_NEEDED = 3;
const DENIAL_SPACING_MS = 1_000;
const DENIAL_AGE_MS = 10_000;
/** A snapshot is journaled when something differs, and every so many runs to show that the comparison is alive. */
const SNAPSHOT_EVERY = 20;
const ABSENT = 'confirmed_absent';

interface Findings {
  readonly resolved: string[];
  readonly quarantined: string[];
  readonly foreign: ForeignOrder[];
  readonly unexplained: string[];
}

/**
 * Compares acknowledged orders with the venue's open orders. Orders of unknown outcome are the gateway's to resolve.
 */
@injectable()
export class VenueOrderReconciler implements OrderReconciler {
  private readonly denials = new Map<string, { count: number; lastAt: number }>();
  private runs = 0;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(AccountAccess) private readonly account: AccountAccess,
    @inject(ProductCatalogue) private readonly catalogue: ProductCatalogue,
    @inject(OrderLog) private readonly log: OrderLog,
    @inject(AccountStream) private readonly stream: AccountStream,
    @inject(ForeignOrders) private readonly foreign: ForeignOrders,
    @inject(EventStore) private readonly journal: EventStore,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
  ) {}

  async reconcile(): Promise<OrderReconcileReport> {
    const { session, account, stream, clock, scheduler, config, logger, budget } = this;
    const ports = { scheduler, config, budget, clock };
    await askTerms({ session, account, stream, logger, ...ports });
    await this.askForMissing();
    const local = this.log.open();
    const counted = this.foreign.listing();
    const venue = await inTime(() => account.listOpenOrders(), ports);
    requireList(venue, 'Open orders');
    const findings: Findings = { resolved: [], quarantined: [], foreign: [], unexplained: [] };
    let isWhole = true;
    const listed = new Set<string>();
    for (const order of venue) {
      if (!this.isReadable(order, listed, findings)) {
        isWhole = false;
        continue;
      }
      if (order.clientId !== undefined) listed.add(order.clientId);
      await this.explainListed(order, findings);
    }
    // What a row that cannot be read has named is not gone.
    if (isWhole) counted(findings.foreign);
    else for (const foreign of findings.foreign) this.foreign.take(foreign);
    for (const order of local) {
      if (isSettled(order) && !listed.has(order.request.clientId))
        await this.explainMissing(order.request.clientId, findings);
    }
    this.record(local.length, venue.length, findings);
    const { resolved, quarantined, unexplained } = findings;
    return { localOpen: local.length, venueOpen: venue.length, resolved, quarantined, unexplained };
  }

  /** A product that an answer did not name may be in the next one. */
  private async askForMissing(): Promise<void> {
    if ((this.catalogue.missing?.length ?? 0) === 0) return;
    try {
      await this.catalogue.refresh();
    } catch (error) {
      this.logger.warn('Products could not be read again', { error: messageOf(error) });
    }
  }

  /** A row that cannot be read explains nothing, hides no other, and is no proof that its order is gone. */
  private isReadable(order: VenueOrder, listed: Set<string>, findings: Findings): boolean {
    try {
      readVenueOrder(order, this.clock.now());
      return true;
    } catch (error) {
      const name: unknown = (order as Partial<VenueOrder> | undefined)?.clientId;
      if (typeof name === 'string') listed.add(name);
      this.unexplained(typeof name === 'string' ? name : 'an order that cannot be read', error, findings);
      return false;
    }
  }

  private async explainListed(venue: VenueOrder, findings: Findings): Promise<void> {
    const { clientId } = venue;
    const known = clientId === undefined ? undefined : this.log.find(clientId);
    // One that a person has adopted has a name of somebody else's.
    if (clientId === undefined || (known === undefined && !isOurs(clientId, this.config.current.botId))) {
      findings.quarantined.push(venue.clientId ?? venue.venueId);
      findings.foreign.push({ order: venue, instrument: this.catalogue.find(venue.symbol) });
      this.stream.accept({ kind: 'foreign_order', order: venue });
      return;
    }
    this.denials.delete(clientId);
    try {
      if (known === undefined) await this.adopt(venue, clientId, findings);
      else if (isTerminal(known.status)) await this.doubt(known, venue, findings);
      else if (changed(known, await applyVenueTruth(this.log, this.stream, known, venue)))
        this.resolved(clientId, 'listed', findings);
    } catch (error) {
      this.unexplained(clientId, error, findings);
    }
  }

  /** Our name on an order that no journaled intent explains (I-05): counted from now on, and nothing more is sent. */
  private async adopt(venue: VenueOrder, clientId: string, findings: Findings): Promise<void> {
    await this.ladder.tighten('HALTED', 'orphan_order');
    const instrument = this.catalogue.find(venue.symbol);
    if (instrument === undefined) {
      findings.unexplained.push(clientId);
      return;
    }
    const order = adoptedOrder(venue, clientId, instrument);
    this.log.replace(order);
    this.journal.append('order_adopted', { client_id: clientId, order_id: venue.venueId, symbol: venue.symbol });
    await applyVenueTruth(this.log, this.stream, order, venue);
    this.resolved(clientId, 'adopted', findings);
  }

  /** We hold it ended, the list shows it open. A list may lag; an order that nobody but we called dead may not. */
  private async doubt(known: Order, venue: VenueOrder, findings: Findings): Promise<void> {
    const { clientId } = known.request;
    const ourOwnWord = known.status === 'lost' || known.status === 'rejected' || known.reason === ABSENT;
    const lookup = ourOwnWord ? await this.lookUp(known) : undefined;
    if (lookup?.found !== true || isTerminal(lookup.order.report.status)) {
      findings.unexplained.push(clientId);
      return;
    }
    await this.ladder.tighten('HALTED', 'dead_order_open');
    const filled = known.filled > 0;
    this.log.replace({ ...known, status: filled ? 'partially_filled' : 'open', updatedAt: this.clock.now() });
    await applyVenueTruth(this.log, this.stream, known, venue);
    this.resolved(clientId, 'revived', findings);
  }

  private async explainMissing(clientId: string, findings: Findings): Promise<void> {
    const order = this.log.find(clientId);
    if (order === undefined || isTerminal(order.status)) return;
    try {
      const lookup = await this.lookUp(order);
      if (!lookup.found) {
        await this.deny(order, findings);
        return;
      }
      this.denials.delete(clientId);
      const after = await applyVenueTruth(this.log, this.stream, order, lookup.order);
      if (changed(order, after)) this.resolved(clientId, after.status, findings);
      else if (isTerminal(lookup.order.report.status)) findings.unexplained.push(clientId);
    } catch (error) {
      this.unexplained(clientId, error, findings);
    }
  }

  /** The venue denies an order that it accepted. Believed only when it keeps saying so and no fill tells otherwise. */
  private async deny(order: Order, findings: Findings): Promise<void> {
    const { clientId } = order.request;
    const now = this.clock.now();
    const denial = this.denials.get(clientId) ?? { count: 0, lastAt: -Infinity };
    if (now - denial.lastAt >= DENIAL_SPACING_MS) {
      denial.count += 1;
      denial.lastAt = now;
    }
    this.denials.set(clientId, denial);
    if (denial.count < DENIALS_NEEDED || !(now - order.createdAt > DENIAL_AGE_MS)) {
      findings.unexplained.push(clientId);
      return;
    }
    await this.stream.backfill();
    const after = this.log.find(clientId) ?? order;
    if (!isTerminal(after.status)) {
      this.logger.error('An accepted order is gone without a trace', { client_order_id: clientId });
      this.log.report(clientId, { status: 'cancelled', at: now, reason: ABSENT });
    }
    this.denials.delete(clientId);
    this.resolved(clientId, ABSENT, findings);
  }

  private async lookUp(order: Order): Promise<OrderLookup> {
    const { scheduler, config, budget, clock } = this;
    const ports = { scheduler, config, budget, clock };
    return readLookup(await inTime(() => this.account.getOrder(refOf(order)), ports), clock.now());
  }

  private resolved(clientId: string, reason: string, findings: Findings): void {
    findings.resolved.push(clientId);
    this.journal.append('order_reconciled', {
      client_id: clientId,
      status: this.log.find(clientId)?.status ?? 'unknown',
      reason,
    });
  }

  private unexplained(clientId: string, error: unknown, findings: Findings): void {
    this.logger.warn('Order could not be reconciled', { client_order_id: clientId, error: messageOf(error) });
    findings.unexplained.push(clientId);
  }

  private record(localOpen: number, venueOpen: number, findings: Findings): void {
    this.runs += 1;
    const differs = findings.resolved.length + findings.unexplained.length > 0;
    if (!differs && this.runs % SNAPSHOT_EVERY !== 0) return;
    this.journal.append('order_reconcile_snapshot', {
      local_open: localOpen,
      exchange_open: venueOpen,
      quarantined: findings.quarantined.length,
    });
  }
}

const changed = (before: Order, after: Order): boolean =>
  before.status !== after.status || before.filled !== after.filled;
