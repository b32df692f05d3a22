import type { Side } from '../../../domain/order.js';
import type { Lots, Ticks } from '../../../domain/units.js';
import { bestOf } from '../market/told.js';
import type { LevelChange, WireMarket } from '../market/wire-market.js';
import type { StreamParts, StreamSource } from './stream-source.js';

/** Changes of the book, summed up over `everyMs`: each message names the last update of the one before as `pu`. */
export const depthStream =
  (everyMs: number): StreamSource =>
  (parts) =>
    windows(parts, everyMs, ({ market }, { bids, asks }) => [written(market, bids), written(market, asks)]);

/** The best levels of each side, whenever one of the book has changed within `everyMs`. */
export const levelsStream =
  (count: number, everyMs: number): StreamSource =>
  (parts) =>
    windows(parts, everyMs, ({ market }) => [market.levels('buy', count), market.levels('sell', count)]);

export const bookTickerStream: StreamSource = ({ market, clock, tell }) =>
  listening(market, {
    topMoved: (at) => {
      const [b, B, a, A] = bestOf(market);
      tell({ e: 'bookTicker', u: market.updateId, E: clock.now(), T: at, s: market.name, b, B, a, A });
    },
  });

interface ChangedLevels {
  readonly bids: ReadonlyMap<Ticks, Lots>;
  readonly asks: ReadonlyMap<Ticks, Lots>;
}

type Rows = readonly (readonly [price: string, size: string])[];

/** What has changed since the last message. */
class Window implements ChangedLevels {
  readonly bids = new Map<Ticks, Lots>();
  readonly asks = new Map<Ticks, Lots>();

  constructor(readonly first: number) {}

  take(changes: readonly LevelChange[]): void {
    for (const { side, price, size } of changes) this.of(side).set(price, size);
  }

  private of(side: Side): Map<Ticks, Lots> {
    return side === 'buy' ? this.bids : this.asks;
  }
}

function windows(
  parts: StreamParts,
  everyMs: number,
  rowsOf: (parts: StreamParts, changed: ChangedLevels) => readonly [bids: Rows, asks: Rows],
): () => void {
  const { market, clock, scheduler, tell } = parts;
  let told = market.updateId;
  let open: Window | undefined;
  let cancel = (): void => undefined;
  const close = (): void => {
    if (open === undefined) return;
    const [b, a] = rowsOf(parts, open);
    const { first } = open;
    const [u, pu] = [market.updateId, told];
    open = undefined;
    told = u;
    tell({ e: 'depthUpdate', E: clock.now(), T: market.at, s: market.name, U: first, u, pu, b, a });
  };
  const end = listening(market, {
    changed: (changes, first) => {
      if (open === undefined) {
        open = new Window(first);
        if (everyMs > 0) cancel = scheduler.after(everyMs, close);
      }
      open.take(changes);
      if (everyMs === 0) close();
    },
  });
  return () => {
    end();
    cancel();
  };
}

const written = (market: WireMarket, levels: ReadonlyMap<Ticks, Lots>): Rows =>
  [...levels].map(([price, size]) => [market.priceText(price), market.sizeText(size)]);

function listening(market: WireMarket, listener: Parameters<WireMarket['listeners']['add']>[0]): () => void {
  market.listeners.add(listener);
  return () => void market.listeners.delete(listener);
}
