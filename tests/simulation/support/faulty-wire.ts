import { fault } from '#src/domain/errors.js';
import { lots } from '#src/domain/units.js';
import { protects } from '#src/domain/order-state.js';
import type { OrderRequest } from '#src/domain/order.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import type { Brokerage } from '#src/ports/venue/brokerage.js';
import type { SubmitResult } from '#src/ports/venue/submit-result.js';
import type { Subscription } from '#src/ports/venue/subscription.js';
import type { EventStore } from '#src/ports/storage/event-store.js';
import type { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import type { Scheduler } from '#src/ports/configuration/scheduler.js';
import type { SimulatedVenue } from '#src/venues/simulated/brokerage/venue.js';
import { wrap } from './wrap.mjs';

/** What becomes of one request, and of the answer to it. */
export interface Fate {
  readonly arrives: boolean;
  /** On its way for so long, world time. */
  readonly delayMs?: number;
  /** `cut`: the connection says that it broke. `silent`: nothing ever comes back. `thrown`: the adapter fails. */
  readonly reply: 'told' | 'late' | 'cut' | 'silent' | 'thrown';
}
export const DIRECT: Fate = { arrives: true, reply: 'told' };

/** What becomes of one account event on its way to the bot. */
export interface Delivery {
  readonly copies: number;
  readonly delayMs: number;
}
const AT_ONCE: Delivery = { copies: 1, delayMs: 0 };

type Read =
  | 'connect'
  | 'getAccountId'
  | 'listProducts'
  | 'listPositions'
  | 'listOpenOrders'
  | 'getOrder'
  | 'listFills'
  | 'listFundingPayments'
  | 'listTransfers'
  | 'listBalances'
  | 'getQuote'
  | 'getServerTime';
const READS: readonly Read[] = [
  'connect',
  'getAccountId',
  'listProducts',
  'listPositions',
  'listOpenOrders',
  'getOrder',
  'listFills',
  'listFundingPayments',
  'listTransfers',
  'listBalances',
  'getQuote',
  'getServerTime',
];

export interface WireParts {
  readonly venue: SimulatedVenue;
  readonly journal: () => EventStore;
  readonly ladder: () => SafetyLadder;
  readonly scheduler: Scheduler;
  readonly now: () => number;
}

const unreachable = (call: string): Error => fault('VENUE-002', `The venue did not answer ${call}.`);

/**
 * The line between the bot and the exchange inside: it loses, delays, repeats and reorders what it is told to. Watches
 * what is sent.
 */
export class FaultyWire {
  /** Nothing arrives, nothing is answered. */
  down = false;
  /** The account stream is silent, and nobody says so before it speaks again. */
  mute = false;
  readonly failing = new Set<Read>();
  /** Queries do not show what is younger. */
  lagMs = 0;
  lateMs = 11_000;
  fateOf: (request: OrderRequest) => Fate = () => DIRECT;
  deliver: (event: AccountEvent) => Delivery = () => AT_ONCE;
  /** Client ids in the order in which they left the bot. */
  readonly sent: string[] = [];
  /** What must never happen, and did. */
  readonly violations: string[] = [];
  /** Largest value of position and open orders, at the exchange, when it took an order in; in settlement units. */
  largestExposure = 0;
  /** When it last kept something from being told or done. */
  disturbedAt = Number.NEGATIVE_INFINITY;
  private disturbedInRow = 0;
  private inner: Brokerage | undefined;
  private readonly acceptedAt = new Map<string, number>();
  private lost = false;

  constructor(private readonly parts: WireParts) {}

  /** Nothing gets through now, or so many orders in a row did not that nobody would call it answering. */
  get isDisturbed(): boolean {
    return this.disturbedInRow >= 4 || this.down || this.mute || this.failing.size > 0;
  }

  /** The venue ends an order by itself. */
  async endAtVenue(clientId: string, symbol: string): Promise<void> {
    await this.inner?.cancelOrder({ clientId, symbol });
  }

  private disturb(): void {
    this.disturbedAt = this.parts.now();
  }

  /** The venue as the bot reaches it. */
  around(broker: Brokerage): Brokerage {
    this.inner = broker;
    const reads = Object.fromEntries(
      READS.map((name) => [
        name,
        (...args: never[]) =>
          this.read(name, () => (broker[name] as (...all: never[]) => Promise<unknown>).apply(broker, args)),
      ]),
    );
    return wrap(broker, {
      ...reads,
      getOrder: (ref) =>
        this.read('getOrder', async () =>
          this.isHidden(ref.clientId) ? { found: false } : await broker.getOrder(ref),
        ),
      listOpenOrders: (symbol) =>
        this.read('listOpenOrders', async () =>
          (await broker.listOpenOrders(symbol)).filter((order) => !this.isHidden(order.clientId)),
        ),
      listFills: (since, cursor) =>
        this.read('listFills', async () => {
          const page = await broker.listFills(since, cursor);
          return { ...page, items: page.items.filter((fill) => fill.at + this.lagMs <= this.parts.now()) };
        }),
      placeOrder: (request) => this.place(broker, request),
      placeOrders: (requests) => Promise.all(requests.map((request) => this.place(broker, request))),
      cancelOrder: (ref) =>
        this.down ? Promise.resolve({ outcome: 'unknown', ref, cause: 'down' }) : broker.cancelOrder(ref),
      openAccount: (sink, signal) => this.openAccount(broker, sink, signal),
    });
  }

  private async read<T>(name: Read, ask: () => Promise<T>): Promise<T> {
    if (this.down || this.failing.has(name)) throw unreachable(name);
    return ask();
  }

  private isHidden(clientId: string | undefined): boolean {
    const at = clientId === undefined ? undefined : this.acceptedAt.get(clientId);
    return at !== undefined && at + this.lagMs > this.parts.now();
  }

  private place(broker: Brokerage, request: OrderRequest): Promise<SubmitResult> {
    const { clientId, symbol } = request;
    const ref = { clientId, symbol };
    this.check(request);
    this.sent.push(clientId);
    const fate: Fate = this.down ? { arrives: false, reply: 'cut' } : this.fateOf(request);
    const isDisturbed = fate.reply !== 'told' || !fate.arrives || fate.delayMs !== undefined;
    this.disturbedInRow = isDisturbed ? this.disturbedInRow + 1 : 0;
    if (isDisturbed) this.disturb();
    const answer = new Promise<SubmitResult>((resolve) => {
      if (!fate.arrives) return;
      if (fate.delayMs === undefined) resolve(this.arrive(broker, request));
      else this.parts.scheduler.after(fate.delayMs, () => resolve(this.arrive(broker, request)));
    });
    if (fate.reply === 'cut') return Promise.resolve({ outcome: 'unknown', ref, cause: 'connection cut' });
    if (fate.reply === 'thrown') return Promise.reject(unreachable('placeOrder'));
    if (fate.reply === 'silent') return new Promise(() => undefined);
    return fate.reply === 'told'
      ? answer
      : answer.then(async (result) => (await this.parts.scheduler.sleep(this.lateMs), result));
  }

  /** Before the first byte: the intent is durable, the id is new, the safety state lets it pass (I-09, I-03, I-12). */
  private check(request: OrderRequest): void {
    const { violations } = this;
    const { clientId, reduceOnly } = request;
    if (this.sent.includes(clientId)) violations.push(`${clientId} was sent twice`);
    const intents = this.parts.journal().query({ types: ['order'] });
    const intent = intents.find(({ payload }) => payload['client_id'] === clientId && payload['status'] === 'planned');
    if (intent === undefined) violations.push(`${clientId} left before its intent was durable`);
    const decision = intent?.payload['decision'];
    const ofStop = typeof decision === 'string' && /^(Protective stop|stop) \S+ (reached|uncovered)/.test(decision);
    if (!this.parts.ladder().permits(reduceOnly, protects(request) || ofStop))
      violations.push(`${clientId} was sent while ${this.parts.ladder().state}`);
  }

  private async arrive(broker: Brokerage, request: OrderRequest): Promise<SubmitResult> {
    const result = await broker.placeOrder(request);
    if (result.outcome !== 'accepted') return result;
    this.acceptedAt.set(request.clientId, this.parts.now());
    if (!request.reduceOnly) this.largestExposure = Math.max(this.largestExposure, this.exposure(request.symbol));
    return result;
  }

  /** The worst position the exchange could still be asked to hold. */
  private exposure(symbol: string): number {
    const market = this.parts.venue.markets.get(symbol);
    if (market === undefined) return 0;
    let high = market.position.lots as number;
    let low = market.position.lots as number;
    for (const { request, remaining } of this.parts.venue.openOrders(symbol)) {
      if (request.reduceOnly) continue;
      if (request.side === 'buy') high += remaining;
      else low -= remaining;
    }
    return market.instrument.notionalAtMark(market.mark, lots(Math.max(high, -low)));
  }

  /** What was lost shows as a gap once the line stands again, as venues tell it. */
  private openAccount(
    broker: Brokerage,
    sink: (event: AccountEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    if (this.down) return Promise.reject(unreachable('openAccount'));
    const told = (event: AccountEvent): void => {
      if (!signal.aborted) sink(event);
    };
    return broker.openAccount((event) => {
      const { copies, delayMs } = this.down || this.mute ? { copies: 0, delayMs: 0 } : this.deliver(event);
      if (copies !== 1 || delayMs > 0) this.disturb();
      if (copies === 0) this.announceGap(told, signal);
      for (let copy = 0; copy < copies; copy += 1) {
        const delay = delayMs * (copy + 1);
        if (delay === 0) told(event);
        else this.parts.scheduler.after(delay, () => told(event));
      }
    }, signal);
  }

  private announceGap(sink: (event: AccountEvent) => void, signal: AbortSignal): void {
    if (this.lost) return;
    this.lost = true;
    const announce = (): void => {
      if (signal.aborted) return;
      if (this.down || this.mute) {
        this.parts.scheduler.after(1_000, announce);
        return;
      }
      this.lost = false;
      this.disturb();
      sink({ kind: 'gap', message: 'events were lost', at: this.parts.now() });
    };
    this.parts.scheduler.after(2_000, announce);
  }
}
