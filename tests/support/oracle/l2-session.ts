import { DEPTH_LAST, DEPTH_SNAPSHOT, type DepthColumns, type TradeColumns } from '#src/data/columns.js';
import type { OracleMessage, OraclePublicTrade } from './decimal-book.js';
import type { TickSession } from './dense-book.js';
import type { Instrument } from '#src/domain/instrument.js';

/** A book that wanders: most messages change levels near the best, one in five events is a trade at the best. */
export function generatedSession(rows: number, ours = 2): TickSession {
  let state = 0x51f15e;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const depth = {
    at: [] as number[],
    side: [] as number[],
    price: [] as number[],
    size: [] as number[],
    flags: [] as number[],
  };
  const trades = { at: [] as number[], side: [] as number[], price: [] as number[], size: [] as number[] };
  const level = (at: number, side: number, price: number, size: number, flags: number): void => {
    depth.at.push(at);
    depth.side.push(side);
    depth.price.push(price);
    depth.size.push(size);
    depth.flags.push(flags);
  };
  let [at, middle] = [1_640_995_200_000, 460_000];
  const LEVELS = 200;
  for (let i = 0; i < LEVELS; i += 1) level(at, 1, middle - 1 - i, 1 + random(90), i === 0 ? DEPTH_SNAPSHOT : 0);
  for (let i = 0; i < LEVELS; i += 1) level(at, -1, middle + 1 + i, 1 + random(90), i === LEVELS - 1 ? DEPTH_LAST : 0);
  while (depth.at.length < rows) {
    at += 1 + random(4);
    if (random(5) === 0) {
      const side = random(2) === 0 ? 1 : -1;
      trades.at.push(at);
      trades.side.push(side);
      trades.price.push(middle + side);
      trades.size.push(1 + random(40));
      continue;
    }
    const move = random(12) === 0 ? random(3) - 1 : 0;
    // The levels that the middle passes empty, the one it leaves comes up again.
    if (move > 0) {
      level(at, -1, middle + 1, 0, 0);
      level(at, 1, middle, 1 + random(60), 0);
    } else if (move < 0) {
      level(at, 1, middle - 1, 0, 0);
      level(at, -1, middle, 1 + random(60), 0);
    }
    middle += move;
    const changes = 1 + random(4);
    for (let i = 0; i < changes; i += 1) {
      const side = random(2) === 0 ? 1 : -1;
      const off = Math.min(random(8), random(60));
      level(at, side, middle - side * (1 + off), 1 + random(90), i === changes - 1 ? DEPTH_LAST : 0);
    }
  }
  const columns: DepthColumns = {
    symbol: 'BTC-PERP',
    length: depth.at.length,
    at: Float64Array.from(depth.at),
    side: Int8Array.from(depth.side),
    price: Float64Array.from(depth.price),
    size: Float64Array.from(depth.size),
    flags: Uint8Array.from(depth.flags),
  };
  const tape: TradeColumns = {
    symbol: 'BTC-PERP',
    length: trades.at.length,
    at: Float64Array.from(trades.at),
    side: Int8Array.from(trades.side),
    price: Float64Array.from(trades.price),
    size: Float64Array.from(trades.size),
  };
  return { depth: columns, trades: tape, lots: ours, behind: 0 };
}

/** The session as the Decimal engine takes it: depth before trades of its instant. */
export function decimalSession(
  { depth, trades }: TickSession,
  { spec: { tick, step } }: Instrument,
): (OracleMessage | OraclePublicTrade)[] {
  const events: (OracleMessage | OraclePublicTrade)[] = [];
  let t = 0;
  for (let i = 0; i < depth.length;) {
    const at = depth.at[i] as number;
    for (; t < trades.length && (trades.at[t] as number) < at; t += 1) {
      const aggressor = (trades.side[t] as number) > 0 ? 'buy' : 'sell';
      events.push({
        kind: 'trade',
        at: trades.at[t] as number,
        price: tick.times(trades.price[t] as number),
        size: step.times(trades.size[t] as number),
        aggressor,
      });
    }
    const snapshot = ((depth.flags[i] as number) & DEPTH_SNAPSHOT) !== 0;
    const levels: OracleMessage['levels'][number][] = [];
    for (let last = false; !last && i < depth.length; i += 1) {
      levels.push({
        side: (depth.side[i] as number) > 0 ? 'buy' : 'sell',
        price: tick.times(depth.price[i] as number),
        size: step.times(depth.size[i] as number),
      });
      last = ((depth.flags[i] as number) & DEPTH_LAST) !== 0;
    }
    events.push({ kind: 'depth', at, snapshot, levels });
  }
  return events;
}
