import type { Fill, Order } from '#src/domain/order.js';
import { canOnlyReduce, protects } from '#src/domain/order-state.js';
import { STEP_MS } from './cover-watch.js';
import { SYMBOL, type FaultyWorld } from './faulty-world.js';

/** What is too much for so long is no overlap of a change. */
const OVERLAP_MS = 2_000 + STEP_MS;

/** Exits at a better price together close no more than there is: one target twice would be an exit too many. */
export function exitWatch(world: Pick<FaultyWorld, 'venue' | 'wire' | 'now'>, say: (what: string) => void): () => void {
  let since: number | undefined;
  return () => {
    const held = Math.abs(world.venue.markets.get(SYMBOL)?.position.lots ?? 0);
    const exits = world.venue
      .openOrders(SYMBOL)
      .filter(({ request, asleep }) => canOnlyReduce(request) && !protects(request) && !asleep);
    const wanted = exits.reduce((sum, { allowed }) => sum + allowed, 0);
    if (wanted <= held || world.wire.isDisturbed) {
      since = undefined;
      return;
    }
    since = Math.max(since ?? world.now, world.wire.disturbedAt);
    if (world.now - since <= OVERLAP_MS) return;
    say(`exits of ${wanted} lots stand for a position of ${held}: ${exits.map((e) => e.request.clientId).join(', ')}`);
    since = Number.POSITIVE_INFINITY;
  };
}

/** Positions from flat to flat, by the exchange's fills: an exit that was sent for one never closes another. */
export class PositionLives {
  opened = 0;
  private seen = 0;
  private held = 0;
  private bornAt = 0;
  private readonly entries = new Set<string>();

  constructor(
    private readonly venue: { readonly fills: readonly Fill[] },
    private readonly orderOf: (clientId: string) => Pick<Order, 'request' | 'createdAt'> | undefined,
    private readonly say: (what: string) => void,
  ) {}

  look(): void {
    const { fills } = this.venue;
    for (; this.seen < fills.length; this.seen += 1) this.take(fills[this.seen] as Fill);
  }

  private take({ clientId, side, lots, at }: Fill): void {
    const order = this.orderOf(clientId);
    const { held } = this;
    this.held += side === 'buy' ? lots : 0 - lots;
    if (order !== undefined && !canOnlyReduce(order.request)) {
      if (held === 0) this.born(at);
      this.entries.add(clientId);
    } else if (order !== undefined) {
      const after = order.request.options?.after;
      const isOfBefore = after === undefined ? order.createdAt < this.bornAt : !this.entries.has(after);
      if (isOfBefore) this.say(`${clientId}, sent at ${order.createdAt}, closes the position of ${this.bornAt}`);
    }
    if (this.held * held < 0) this.say(`${clientId} turns the position round`);
  }

  private born(at: number): void {
    this.bornAt = at;
    this.opened += 1;
    this.entries.clear();
  }
}
