import type { Fill, OrderRequest } from '../../../src/domain/order.js';
import { signOf } from '../../../src/domain/order.js';
import { protects } from '../../../src/domain/order-state.js';
import type { OrderLog } from '../../../src/ports/core-services/execution.js';
import type { StrategyRegistry } from '../../../src/ports/core-services/strategy.js';
import type { Portfolio } from '../../../src/ports/runtime-state/portfolio.js';
import type { Market } from '../../../src/venues/simulated/core/market.js';
import type { SimulatedVenue } from '../../../src/venues/simulated/brokerage/venue.js';

/** So long a position may be without its stop at the venue while nothing stands in the way: a round trip and a half. */
const BARE_MS = 2_000;
/** So long after the last disturbance the bot and the venue have agreed again. */
const AGREED_MS = 30_000;

/** One life of a bot as its watcher sees it. */
export interface WatchedLife {
  readonly venue: SimulatedVenue;
  readonly log: Pick<OrderLog, 'open' | 'find'>;
  readonly portfolio: Pick<Portfolio, 'position' | 'assertConsistent'>;
  readonly strategies: Pick<StrategyRegistry, 'strategyFor'>;
  /** Instant of the last thing that stood in the way. */
  readonly disturbedAt: () => number;
  readonly now: () => number;
}

/** What must hold whatever happens; keeps a sentence for each time it did not. */
export class Soundness {
  readonly violations: string[] = [];
  private readonly told = new Set<string>();
  private readonly bareSince = new Map<string, number>();
  private readonly strangeSince = new Map<string, number>();
  private readonly sent = new Set<string>();
  private readonly seen = new Set<string>();
  private readonly held = new Map<string, number>();

  constructor(private readonly startAt: number) {}

  /** An order leaves a bot: no id leaves twice, in whichever life. */
  left({ clientId, symbol }: OrderRequest, now: number): void {
    if (this.sent.has(clientId)) this.say(now, `${symbol}: order ${clientId} was sent twice`);
    this.sent.add(clientId);
  }

  /** The venue's fills so far: what reduces has never opened. */
  fills(fills: readonly Fill[], isReducing: (clientId: string) => boolean): void {
    for (const { tradeId, instrument, side, lots, clientId, at } of fills) {
      if (this.seen.has(tradeId)) continue;
      this.seen.add(tradeId);
      const before = this.held.get(instrument.symbol) ?? 0;
      const after = before + signOf(side) * lots;
      this.held.set(instrument.symbol, after);
      if (isReducing(clientId) && (before * after < 0 || Math.abs(after) >= Math.abs(before)))
        this.say(at, `${instrument.symbol}: order ${clientId}, which reduces, took ${before} lots to ${after}`);
    }
  }

  /** Looks at bot and venue when nothing is under way. */
  look(life: WatchedLife): void {
    for (const market of life.venue.markets.values()) {
      this.lookAtCover(life, market);
      this.lookAtBooks(life, market);
    }
    this.lookAtTags(life);
  }

  /** The last look: what is held is covered, or nothing is. */
  end(life: WatchedLife): void {
    this.look(life);
    try {
      life.venue.assertConsistent();
      life.portfolio.assertConsistent();
    } catch (error) {
      this.say(life.now(), error instanceof Error ? error.message : String(error));
    }
  }

  private lookAtCover(life: WatchedLife, market: Market): void {
    const { symbol } = market;
    const now = life.now();
    const naked = bareLots(life, market);
    if (naked === 0) {
      this.bareSince.delete(symbol);
      return;
    }
    const since = this.bareSince.get(symbol) ?? now;
    this.bareSince.set(symbol, since);
    const ms = now - Math.max(since, life.disturbedAt());
    if (ms > BARE_MS) this.say(now, `${symbol}: ${naked} lots without a stop at the venue for ${ms} ms`, symbol);
  }

  /** Position of both, and exits that have nothing to close. */
  private lookAtBooks(life: WatchedLife, market: Market): void {
    const { symbol, position, instrument } = market;
    const now = life.now();
    const own = life.portfolio.position(instrument).lots;
    const rests = life.venue.openOrders(symbol).filter(({ request }) => request.reduceOnly);
    const differs =
      own !== position.lots
        ? `the bot counts ${own} lots, the venue ${position.lots}`
        : position.lots === 0 && rests.some(({ asleep }) => !asleep)
          ? `${rests.length} exits rest without a position`
          : undefined;
    if (differs === undefined) {
      this.strangeSince.delete(symbol);
      return;
    }
    const since = this.strangeSince.get(symbol) ?? now;
    this.strangeSince.set(symbol, since);
    const ms = now - Math.max(since, life.disturbedAt());
    if (ms > AGREED_MS) this.say(now, `${symbol}: ${differs}, for ${ms} ms`, symbol);
  }

  private lookAtTags(life: WatchedLife): void {
    const tags = new Set<string>();
    for (const { origin, status } of life.log.open()) {
      if (origin?.asked === undefined || status === 'unknown') continue;
      const tag = `${origin.asked.instance}/${origin.asked.tag}`;
      if (tags.has(tag)) this.say(life.now(), `${tag}: two orders of one tag are open`, tag);
      tags.add(tag);
    }
  }

  private say(at: number, what: string, once = what): void {
    if (this.told.has(once)) return;
    this.told.add(once);
    this.violations.push(`${(at - this.startAt) / 1_000} s: ${what}`);
  }
}

/** Lots of a position whose strategy names a stop, behind which none stands at the exchange, by its own books. */
function bareLots({ venue, strategies, portfolio }: WatchedLife, market: Market): number {
  const held = market.position.lots;
  if (Math.abs(held) < market.instrument.minLots) return 0;
  const strategy = strategies.strategyFor(market.symbol);
  if (strategy?.protection?.(market.symbol, portfolio.position(market.instrument)) === undefined) return 0;
  let covered = 0;
  for (const { request, remaining, entry, filled, asleep } of venue.openOrders(market.symbol)) {
    if (!protects(request) || asleep || request.side !== (held > 0 ? 'sell' : 'buy')) continue;
    if (request.options?.closePosition === true) return 0;
    covered += Math.min(remaining, entry === undefined ? Infinity : entry.filled - filled);
  }
  return Math.max(0, Math.abs(held) - covered);
}
