/**
 * A recorded session as a venue sends it: diffs before and after a snapshot, and its own best prices after each update.
 */
export interface MadeSession {
  readonly lines: readonly string[];
  /** Diffs that belong to the book, those before the snapshot left out. */
  readonly diffs: number;
}

export interface SessionShape {
  readonly seed?: number;
  readonly messages?: number;
  /** Diffs without `pu`, numbered without holes. */
  readonly spot?: boolean;
  readonly wrapped?: boolean;
  /** A trade after each message, at the best price. */
  readonly trades?: boolean;
  /** Between two lines; default 1. */
  readonly everyMs?: number;
}

/** A random book that moves, told in the wire's own words. */
export function makeSession({
  seed = 1,
  messages = 200,
  spot = false,
  wrapped = true,
  trades = false,
  everyMs = 1,
}: SessionShape = {}): MadeSession {
  const random = lcg(seed);
  const bids = new Map<number, number>();
  const asks = new Map<number, number>();
  for (let i = 0; i < 40; i += 1) {
    bids.set(10_000 - i, 1 + random(50));
    asks.set(10_001 + i, 1 + random(50));
  }
  const lines: string[] = [];
  let update = 1_000;
  let previous = update - 3;
  let diffs = 0;
  const snapshotAfter = 5;
  for (let i = 0; i < messages; i += 1) {
    const first = spot ? update + 1 : update + 1 + random(4);
    update = first + random(5);
    const b = change(bids, asks, random, true);
    const a = change(asks, bids, random, false);
    push({
      e: 'depthUpdate',
      E: at(),
      T: at(),
      s: 'BTCUSDT',
      U: first,
      u: update,
      ...(spot ? {} : { pu: previous }),
      b,
      a,
    });
    push({
      e: 'bookTicker',
      u: update,
      s: 'BTCUSDT',
      b: price(best(bids, true)),
      B: size(bids.get(best(bids, true)) ?? 0),
      a: price(best(asks, false)),
      A: size(asks.get(best(asks, false)) ?? 0),
    });
    if (trades) {
      const [p, q] = [price(best(asks, false)), size(1 + (i % 9))];
      push({ e: 'trade', E: at(), T: at(), s: 'BTCUSDT', t: i, p, q, X: 'MARKET', m: false });
    }
    previous = update;
    if (i === snapshotAfter)
      lines.push(
        `${(lines.length - 1) * everyMs}500000 ${JSON.stringify({ lastUpdateId: update, E: at(), T: at(), bids: side(bids, true), asks: side(asks, false) })}`,
      );
    // On derivatives the diff that ends with the snapshot's own update is the first that is applied.
    if (i > snapshotAfter || (i === snapshotAfter && !spot)) diffs += 1;
  }
  return { lines, diffs };

  function at(): number {
    return lines.length * everyMs;
  }

  function push(frame: Record<string, unknown>): void {
    const stream = `btcusdt@${frame['e'] === 'depthUpdate' ? 'depth@0ms' : String(frame['e'])}`;
    lines.push(`${lines.length * everyMs}000000 ${JSON.stringify(wrapped ? { stream, data: frame } : frame)}`);
  }
}

const price = (ticks: number): string => (ticks / 10).toFixed(2);
const size = (lots: number): string => (lots / 1000).toFixed(3);
const best = (levels: ReadonlyMap<number, number>, high: boolean): number =>
  [...levels.keys()].reduce((a, b) => (high === b > a ? b : a));
const side = (levels: ReadonlyMap<number, number>, high: boolean): string[][] =>
  [...levels].sort(([a], [b]) => (high ? b - a : a - b)).map(([p, q]) => [price(p), size(q)]);

/** A few levels change, appear, or go; never so that the book crosses, and never the last one of a side. */
function change(
  own: Map<number, number>,
  other: ReadonlyMap<number, number>,
  random: (below: number) => number,
  high: boolean,
): string[][] {
  const changes: string[][] = [];
  const limit = best(other, !high);
  for (let i = 0; i < 1 + random(3); i += 1) {
    const at = best(own, high) + (high ? 1 - random(6) : random(6) - 1);
    if (high ? at >= limit : at <= limit) continue;
    const lots = random(3) === 0 && own.size > 1 ? 0 : 1 + random(80);
    if (lots === 0) own.delete(at);
    else own.set(at, lots);
    changes.push([price(at), size(lots)]);
  }
  return changes;
}

function lcg(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
