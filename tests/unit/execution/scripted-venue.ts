import { lots } from '#src/domain/units.js';
import type { Fill, OrderRequest } from '#src/domain/order.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import type { OrderLookup, VenueOrder } from '#src/ports/venue/venue-order.js';
import type { OrderRef } from '#src/ports/venue/order-ref.js';
import type { Page } from '#src/ports/venue/page.js';
import type { SubmitResult } from '#src/ports/venue/submit-result.js';
import type { Subscription } from '#src/ports/venue/subscription.js';
import { ticks, units } from '#src/domain/units.js';
import type { ManualClock } from '#src/testing/manual-clock.js';
import { FakeBroker } from '../../support/fake-broker.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

/** What becomes of one request on the wire. */
export interface Fate {
  readonly arrives: 'now' | 'late' | 'never';
  readonly delayMs: number;
  readonly reply: 'told' | 'unknown' | 'silent';
  readonly refused: boolean;
  /** Share of the order that fills on arrival, in tenths. */
  readonly fillTenths: number;
  /** How long queries do not show it yet. */
  readonly lagMs: number;
  /** Whether the account stream tells of it. */
  readonly streamed: boolean;
}

interface Held {
  readonly request: OrderRequest;
  readonly venueId: string;
  readonly visibleAt: number;
  readonly filled: number;
}

/** A venue that accepts each id once, honours expiry, answers late, and loses replies as it is told. */
export class ScriptedVenue extends FakeBroker {
  readonly held = new Map<string, Held>();
  readonly sent: string[] = [];
  readonly problems: string[] = [];
  down = false;
  fates: Fate[] = [];
  private readonly trades: { readonly fill: Fill; readonly visibleAt: number }[] = [];
  private readonly wire: { readonly at: number; readonly arrive: () => void }[] = [];

  constructor(
    private readonly clock: ManualClock,
    private readonly journal: CrashingJournal,
  ) {
    super();
  }

  /** Requests under way arrive. */
  tick(): void {
    for (const item of this.wire.splice(0)) {
      if (item.at <= this.clock.now()) item.arrive();
      else this.wire.push(item);
    }
  }

  override async placeOrder(request: OrderRequest): Promise<SubmitResult> {
    this.sent.push(request.clientId);
    if (!this.journal.durablyKnows(request.clientId))
      this.problems.push(`${request.clientId} left before its intent was durable`);
    const fate = this.fates.shift() ?? {
      arrives: 'now',
      delayMs: 0,
      reply: 'told',
      refused: false,
      fillTenths: 0,
      lagMs: 0,
      streamed: true,
    };
    const ref = { clientId: request.clientId, symbol: request.symbol };
    if (fate.refused)
      return fate.reply === 'told'
        ? { outcome: 'rejected', reason: 'other', message: '', at: this.clock.now() }
        : { outcome: 'unknown', ref, cause: 'cut' };
    if (fate.arrives === 'now') this.arrive(request, fate);
    if (fate.arrives === 'late')
      this.wire.push({ at: this.clock.now() + fate.delayMs, arrive: () => this.arrive(request, fate) });
    if (fate.reply === 'silent') return new Promise(() => undefined);
    const held = this.held.get(request.clientId);
    if (fate.reply === 'told' && held !== undefined)
      return { outcome: 'accepted', venueId: held.venueId, at: this.clock.now() };
    return { outcome: 'unknown', ref, cause: 'cut' };
  }

  override getOrder(ref: OrderRef): Promise<OrderLookup> {
    const held = this.held.get(ref.clientId);
    const visible = held !== undefined && held.visibleAt <= this.clock.now();
    return this.say(visible ? { found: true, order: this.tell(held) } : { found: false });
  }

  override listOpenOrders(): Promise<readonly VenueOrder[]> {
    return this.say(
      [...this.held.values()]
        .filter((held) => held.visibleAt <= this.clock.now() && held.filled < held.request.lots)
        .map((held) => this.tell(held)),
    );
  }

  override listFills(since: number): Promise<Page<Fill>> {
    return this.say({
      items: this.trades
        .filter((trade) => trade.visibleAt <= this.clock.now() && trade.fill.at >= since)
        .map((trade) => trade.fill),
    });
  }

  override listTransfers(): Promise<[]> {
    return this.say([]);
  }

  override openAccount(sink: (event: AccountEvent) => void): Promise<Subscription> {
    this.accountSink = sink;
    return Promise.resolve({ closed: new Promise(() => undefined), close: () => undefined });
  }

  get position(): number {
    return this.trades.reduce((sum, { fill }) => sum + fill.lots, 0);
  }

  private arrive(request: OrderRequest, fate: Fate): void {
    const now = this.clock.now();
    if (this.held.has(request.clientId)) {
      this.problems.push(`${request.clientId} arrived twice`);
      return;
    }
    if (request.expiresAt !== undefined && now > request.expiresAt) return;
    const filled = Math.floor((request.lots * fate.fillTenths) / 10);
    const held: Held = { request, venueId: `v-${request.clientId}`, visibleAt: now + fate.lagMs, filled };
    this.held.set(request.clientId, held);
    if (filled === 0) return;
    const fill: Fill = {
      tradeId: `t-${request.clientId}`,
      clientId: request.clientId,
      venueId: held.venueId,
      instrument: request.instrument,
      side: request.side,
      lots: lots(filled),
      price: ticks(500_000),
      fee: units(-1),
      liquidity: 'taker',
      at: now,
    };
    this.trades.push({ fill, visibleAt: held.visibleAt });
    if (fate.streamed) this.accountSink?.({ kind: 'fill', fill });
  }

  private tell(held: Held): VenueOrder {
    const { request, filled } = held;
    const status = filled === request.lots ? 'filled' : filled > 0 ? 'partially_filled' : 'open';
    return {
      venueId: held.venueId,
      clientId: request.clientId,
      symbol: request.symbol,
      side: request.side,
      type: request.type,
      size: request.size,
      filled: request.instrument.size(lots(filled)),
      reduceOnly: request.reduceOnly,
      report: { status, at: this.clock.now() },
    };
  }

  private say<T>(value: T): Promise<T> {
    return this.down ? Promise.reject(new Error('venue down')) : Promise.resolve(value);
  }
}

/** A journal whose process can die: what was not synced may be lost, as a tail. */
export class CrashingJournal extends FakeEventStore {
  private durable = 0;

  /** The disk takes its time; what was appended meanwhile is synced with it. */
  override async appendDurable(
    ...args: Parameters<FakeEventStore['appendDurable']>
  ): ReturnType<FakeEventStore['appendDurable']> {
    const written = await super.appendDurable(...args);
    for (let i = 0; i < 3; i += 1) await Promise.resolve();
    this.durable = this.events.length;
    return written;
  }

  override flush(): Promise<void> {
    this.durable = this.events.length;
    return Promise.resolve();
  }

  durablyKnows(clientId: string): boolean {
    return this.events
      .slice(0, this.durable)
      .some((event) => event.type === 'order' && event.payload['client_id'] === clientId);
  }

  /** `kept` tenths of what was not synced survive. */
  crash(kept: number): void {
    this.events.length = this.durable + Math.floor(((this.events.length - this.durable) * kept) / 10);
    this.durable = this.events.length;
  }
}

/** Everything a process reaches, until it dies: after that its calls go nowhere and never come back. */
export function mortal<T extends object>(target: T, alive: () => boolean): T {
  return new Proxy(target, {
    get(object, key): unknown {
      const value: unknown = Reflect.get(object, key);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown =>
        alive() ? Reflect.apply(value, object, args) : new Promise(() => undefined);
    },
  });
}
