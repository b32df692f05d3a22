import { fault } from '../../../src/domain/errors.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import type { Scheduler } from '../../../src/ports/configuration/scheduler.js';
import type { OrderLog } from '../../../src/ports/core-services/execution.js';
import type { AccountEvent } from '../../../src/ports/venue/account-event.js';
import type { Brokerage } from '../../../src/ports/venue/brokerage.js';
import type { MarketFeed } from '../../../src/ports/venue/market-feed.js';
import type { OrderRef } from '../../../src/ports/venue/order-ref.js';
import type { SubmitResult } from '../../../src/ports/venue/submit-result.js';
import { never, type Life } from './estate.js';
import type { FaultPlan } from './fault-plan.js';
import { msOf, type FaultStep, type OrderFault } from './fault-step.js';
import type { VenueActs } from './venue-acts.js';

const MARKET: ReadonlySet<PropertyKey> = new Set<keyof MarketFeed>([
  'getQuote',
  'getOrderBook',
  'getCandles',
  'getMarketSnapshot',
  'getFundingRate',
]);

export interface LineParts {
  readonly life: Life;
  readonly plan: FaultPlan;
  readonly acts: VenueActs;
  readonly log: () => Pick<OrderLog, 'find'>;
  readonly scheduler: () => Scheduler;
  readonly now: () => number;
  /** A step that is none of the line's: what is done, or who dies. */
  readonly happen: (step: FaultStep) => void;
  /** An order leaves the bot. */
  readonly left: (request: OrderRequest) => void;
}

/**
 * The way between one life of a bot and its venue: it loses, refuses, delays and keeps silent as the plan says, and
 * ends with that life. What it does not know of passes as it is.
 */
export class FaultyLine {
  private accountSilentUntil = Number.NEGATIVE_INFINITY;
  private marketSilentUntil = Number.NEGATIVE_INFINITY;
  private readonly held: (() => void)[] = [];
  private readonly racing = new Set<string>();
  private readonly begun = new Set<string>();
  /** The line or the venue has last stood in the way at this instant. */
  disturbedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: LineParts) {}

  /** Nothing gets through in one direction at least. */
  get isSilent(): boolean {
    const now = this.parts.now();
    return now < this.accountSilentUntil || now < this.marketSilentUntil;
  }

  disturb(): void {
    this.disturbedAt = this.parts.now();
  }

  silence(of: 'account' | 'market' | 'both', ms: number): void {
    const until = this.parts.now() + ms;
    if (of !== 'market') {
      this.accountSilentUntil = Math.max(this.accountSilentUntil, until);
      this.parts.scheduler().after(ms, () => this.tellHeld());
    }
    if (of !== 'account') this.marketSilentUntil = Math.max(this.marketSilentUntil, until);
  }

  around(broker: Brokerage): Brokerage {
    const own: Partial<Record<keyof Brokerage, unknown>> = {
      placeOrder: (request: OrderRequest) => this.place(broker, request),
      placeOrders: (requests: readonly OrderRequest[]) => Promise.all(requests.map((each) => this.place(broker, each))),
      cancelOrder: (ref: OrderRef) => (this.race(ref), broker.cancelOrder(ref)),
      cancelOrders: (refs: readonly OrderRef[]) => {
        for (const ref of refs) this.race(ref);
        return broker.cancelOrders(refs);
      },
      amendOrder: (change: Parameters<Brokerage['amendOrder']>[0]) => (
        this.race(change.ref),
        broker.amendOrder(change)
      ),
      openAccount: (sink: (event: AccountEvent) => void, signal: AbortSignal) =>
        broker.openAccount(this.accountSink(sink), signal),
      openBook: (...[symbols, level, sink, signal]: Parameters<Brokerage['openBook']>) =>
        broker.openBook(symbols, level, this.marketSink(sink), signal),
      openTrades: (...[symbols, sink, signal]: Parameters<Brokerage['openTrades']>) =>
        broker.openTrades(symbols, this.marketSink(sink), signal),
    };
    return new Proxy(broker, {
      get: (target, key): unknown => {
        const value: unknown = own[key as keyof Brokerage] ?? Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        const call = value as (...given: unknown[]) => unknown;
        return (...given: unknown[]): unknown => this.through(key, () => call.apply(target, given));
      },
    });
  }

  private through(key: PropertyKey, call: () => unknown): unknown {
    const { life } = this.parts;
    if (life.isOver) return never();
    if (MARKET.has(key) && this.parts.now() < this.marketSilentUntil)
      return Promise.reject(fault('VENUE-002', `The venue did not answer ${String(key)}.`));
    const answer = call();
    return answer instanceof Promise ? this.heard(answer) : answer;
  }

  /** An answer to a process that is not there any more reaches nobody. */
  private async heard(answer: Promise<unknown>): Promise<unknown> {
    const { life } = this.parts;
    try {
      const told = await answer;
      return life.isOver ? await never() : told;
    } catch (error) {
      if (life.isOver) await never();
      throw error;
    }
  }

  private async place(broker: Brokerage, request: OrderRequest): Promise<SubmitResult> {
    const { plan, log, scheduler, life, left } = this.parts;
    left(request);
    const order = log().find(request.clientId) ?? { request };
    const steps = plan.pass(order, 'sent');
    const fates = plan.fateOf(steps);
    if (fates.length > 0) this.disturb();
    for (const step of steps) if (!fates.includes(step as OrderFault)) this.parts.happen(step);
    for (const fate of fates) if (fate.fault === 'delay') await scheduler().sleep(msOf(fate.by));
    // The exchange's own time stands still between two bars: it would let in what has been on its way for too long.
    if (request.expiresAt !== undefined && this.parts.now() > request.expiresAt)
      return { outcome: 'rejected', reason: 'expired', message: 'It expired on its way.', at: this.parts.now() };
    const refused = fates.find((fate) => fate.fault === 'reject');
    if (refused?.fault === 'reject')
      return { outcome: 'rejected', reason: refused.reason, message: 'refused by the test', at: this.parts.now() };
    const lost = fates.find((fate) => fate.fault === 'unknown');
    const ref = { clientId: request.clientId, symbol: request.symbol };
    if (lost?.fault === 'unknown' && !lost.arrived) return { outcome: 'unknown', ref, cause: 'lost by the test' };
    if (fates.some(({ fault: kind }) => kind === 'race')) this.racing.add(request.clientId);
    const part = fates.find((fate) => fate.fault === 'partial');
    if (part?.fault === 'partial') this.parts.acts.show(request, part.share);
    // What left before a death arrives all the same; whoever sent it never hears of it.
    const answer = await broker.placeOrder(request);
    if (part?.fault === 'partial') this.parts.acts.fillPart(request, part.share);
    if (lost !== undefined) return { outcome: 'unknown', ref, cause: 'lost by the test' };
    if (answer.outcome === 'accepted' && !life.isOver)
      for (const step of plan.pass(order, 'accepted')) this.parts.happen(step);
    return answer;
  }

  /** It executes before whoever changes or cancels it is heard. */
  private race({ clientId }: OrderRef): void {
    if (clientId === undefined || !this.racing.delete(clientId)) return;
    this.disturb();
    this.parts.acts.fillWhole(clientId);
  }

  private accountSink(sink: (event: AccountEvent) => void): (event: AccountEvent) => void {
    const { life, plan, log } = this.parts;
    const tell = (event: AccountEvent): void => {
      if (life.isOver) return;
      sink(event);
      if (event.kind !== 'fill' || this.begun.has(event.fill.clientId)) return;
      this.begun.add(event.fill.clientId);
      const order = log().find(event.fill.clientId);
      if (order !== undefined) for (const step of plan.pass(order, 'filled')) this.parts.happen(step);
    };
    return (event) => {
      if (this.parts.now() < this.accountSilentUntil || this.held.length > 0) this.held.push(() => tell(event));
      else tell(event);
    };
  }

  private tellHeld(): void {
    if (this.parts.now() < this.accountSilentUntil) return;
    this.disturb();
    for (const tell of this.held.splice(0)) tell();
  }

  private marketSink<E>(sink: (event: E) => void): (event: E) => void {
    return (event) => {
      if (!this.parts.life.isOver && this.parts.now() >= this.marketSilentUntil) sink(event);
    };
  }
}
