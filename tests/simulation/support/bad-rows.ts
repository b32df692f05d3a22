import type { Page } from '#src/ports/venue/page.js';
import type { VenueOrder } from '#src/ports/venue/venue-order.js';

type Draw = () => number;

const pick = <T>(items: readonly T[], draw: Draw): T => items[Math.floor(draw() * items.length)] as T;

/** Rows that no venue may send, and some do. */
const NONSENSE: readonly unknown[] = [null, undefined, 7, 'row', {}, [], { symbol: '' }, { size: Number.NaN }];

const FILLS: readonly unknown[] = [
  { tradeId: 'bad-1', lots: 0, price: 1 },
  { tradeId: 'bad-2', lots: -3, at: 'yesterday' },
  { tradeId: '', lots: 1 },
];
const POSITIONS: readonly unknown[] = [
  { symbol: 'DOGE-PERP', size: 'much', entryPrice: null },
  { symbol: 'DOGE-PERP' },
];
const BALANCES: readonly unknown[] = [{ asset: 'DOGE', total: 'some' }, { asset: 'DOGE' }];
const ORDERS: readonly unknown[] = [
  ...NONSENSE,
  { venueId: 'x-1', symbol: 'BTC-PERP', side: 'up', size: 3 },
  { venueId: '', symbol: 'BTC-PERP' },
];
const EVENTS: readonly unknown[] = [
  null,
  { kind: 'order', clientId: 'x', symbol: 'BTC-PERP', report: { status: 'perhaps', at: 1 } },
  { kind: 'rumour', message: 7 },
  { kind: 'balance', balance: { asset: 'USDT', total: 'some' }, at: 1 },
  { kind: 'position', position: null, at: 1 },
];

const among = (rows: readonly unknown[], bad: unknown, draw: Draw): unknown[] => {
  const at = Math.floor(draw() * (rows.length + 1));
  return [...rows.slice(0, at), bad, ...rows.slice(at)];
};

/** One row of an answer is misshapen; the others are as they were. */
export function withBadRow(call: string, answer: unknown, draw: Draw): unknown {
  switch (call) {
    case 'listFills': {
      const page = answer as Page<unknown>;
      return { ...page, items: among(page.items, pick(FILLS, draw), draw) };
    }
    case 'listOpenOrders': {
      const rows = answer as readonly VenueOrder[];
      if (rows.length === 0 || draw() < 0.6) return among(rows, pick(ORDERS, draw), draw);
      const spoilt = Math.floor(draw() * rows.length);
      return rows.map((row, index) => (index === spoilt ? { ...row, filled: undefined } : row));
    }
    case 'listPositions': {
      const rows = answer as readonly object[];
      if (rows.length === 0 || draw() < 0.6) return among(rows, pick(POSITIONS, draw), draw);
      return rows.map((row, index) => (index === 0 ? { ...row, size: 'much' } : row));
    }
    case 'listBalances':
      return among(answer as readonly unknown[], pick(BALANCES, draw), draw);
    case 'getOrder':
      return pick<unknown>([null, {}, { found: 'perhaps' }, { found: true }, { found: true, order: {} }], draw);
    default:
      return answer;
  }
}

/** History does not change: what was misshapen once is so whenever it is told. */
export const isLasting = (call: string): boolean => call === 'listFills';

/** The first row of all, for ever. */
export function withLastingRow(answer: unknown): unknown {
  const page = answer as Page<unknown>;
  return { ...page, items: [FILLS[0], ...page.items] };
}

export const badEvent = (draw: Draw): unknown => pick(EVENTS, draw);
