import type { DayRow, FillRow, RunOrigin, RunRecord, SavedRun, TradeRow } from '#src/report/run-record.js';

export const DAY = 86_400_000;
export const START = Date.UTC(2024, 0, 1);
const iso = (at: number): string => new Date(at).toISOString();

export const tradeRow = (id: number, net: string, changes: Partial<TradeRow> = {}): TradeRow => ({
  id,
  symbol: 'BTC-PERP',
  side: id % 2 === 0 ? 'short' : 'long',
  openedAt: START + id * 3_600_000,
  closedAt: START + id * 3_600_000 + 1_800_000,
  quantity: '0.1',
  entry: '50000',
  exit: '50100',
  price: net,
  fees: '0',
  funding: '0',
  net,
  entryReason: 'cross up',
  exitReason: `stop at ${100 + id}`,
  adverse: 0.01,
  favourable: 0.02,
  multiple: null,
  heldMs: 1_800_000,
  fills: 2,
  ...changes,
});

export const fillRow = (at: number, changes: Partial<FillRow> = {}): FillRow => ({
  at,
  symbol: 'BTC-PERP',
  side: 'buy',
  quantity: '0.1',
  price: '50000',
  notional: '5000',
  fee: '-2.5',
  liquidity: 'taker',
  cause: null,
  reason: 'cross up',
  decision: '50000',
  slippage: '0',
  slippageBps: 0,
  waitMs: 0,
  ...changes,
});

export const dayRow = (index: number, close: string, changes: Partial<DayRow> = {}): DayRow => ({
  day: iso(START + index * DAY).slice(0, 10),
  open: close,
  close,
  low: close,
  high: close,
  mark: '50000',
  leverage: 0.5,
  margin: 0.01,
  distance: null,
  exposed: 0.5,
  ...changes,
});

export interface Changes {
  readonly result?: Partial<Record<string, unknown>>;
  readonly record?: Partial<RunRecord>;
  readonly origin?: Partial<RunOrigin>;
  readonly notes?: SavedRun['notes'];
  readonly stress?: NonNullable<SavedRun['stress']>;
}

/** A quiet, honest run of 40 days: 40 trades of plus and minus ten, and nothing that a finding would mention. */
export function sampleRun(changes: Changes = {}): SavedRun {
  const days = Array.from({ length: 40 }, (_unused, index) =>
    dayRow(index, String(10_000 + (index + 1) * 20 + (index % 2) * 15), { mark: String(50_000 + index) }),
  );
  const equity = days.map((day) => Number(day.close) * 1e8);
  const at = days.map((_day, index) => START + (index + 1) * DAY);
  const flat = at.map(() => 0);
  const trades = Array.from({ length: 40 }, (_unused, index) =>
    tradeRow(index + 1, index % 4 === 3 ? '-10' : '20', {
      openedAt: START + index * DAY,
      closedAt: START + index * DAY + 3_600_000,
    }),
  );
  const fills = trades.flatMap((trade) => [fillRow(trade.openedAt), fillRow(trade.closedAt ?? 0, { side: 'sell' })]);
  const result = {
    symbol: 'BTC-PERP',
    strategy: 'baseline',
    parameters: { shortMa: '5' },
    seed: 7,
    interval: '1h',
    from: iso(START),
    to: iso(START + 40 * DAY),
    bars: 960,
    warmup: 20,
    aborted: false,
    gaps: [],
    instrument: { tick: '0.1', step: '0.001', makerFee: '0.0002', takerFee: '0.0005', settle: 'USDT' },
    trades: fills.length,
    fills: fills.length,
    cuts: [],
    switchedOff: [],
    equity: { start: '10000', end: '10815' },
    pnl: { price: '1015', fees: '-200', funding: '0', net: '815' },
    fundings: [],
    maxDrawdown: '0.001',
    drawdown: { amount: '10' },
    sharpe: { value: '5', period: 'daily', samples: 40 },
    held: [],
    traceHash: 'abcdef0123456789abcdef',
    data: { fingerprint: 'f00d', source: 'bars.csv' },
    liquidations: 0,
    rejects: {},
    ...changes.result,
  };
  return {
    format: 'perpsbot.run',
    version: 1,
    result: result,
    notes: changes.notes ?? [],
    ...(changes.stress === undefined ? {} : { stress: changes.stress }),
    record: {
      stepMs: 3_600_000,
      samples: {
        every: 24,
        at,
        equity,
        low: equity,
        high: equity,
        mark: at.map((_each, index) => 50_000 + index),
        lots: flat,
        gross: flat,
        net: flat,
        leverage: flat,
        margin: flat,
        distance: at.map(() => null),
        divergence: at.map(() => null),
      },
      days,
      returns: { count: 960, mean: 1e-4, deviation: 1e-3, skewness: 0, kurtosis: 3 },
      fills,
      trades,
      orders: { outcomes: { filled: 80 }, byType: { market: 80 }, ordered: 80, filled: 80, unknown: 0, unknownMs: 0 },
      events: [],
      ...changes.record,
    },
    origin: {
      build: '0.1.0',
      node: '20',
      savedAt: '2024-03-01T00:00:00.000Z',
      command: 'perpsbot backtest --data bars.csv',
      configurationHash: 'c0ffee',
      profile: 'demo',
      settings: { 'simulation.barHalfSpread': '1bps', 'simulation.matching.barPath': 'pessimistic' },
      lookAhead: 'not run',
      ...changes.origin,
    },
  };
}
