import { Decimal, ZERO } from '../domain/decimal.js';
import { meanOf, quantile, sorted } from '../research/statistics/moments.js';
import { streaksOf, type Streaks } from '../research/statistics/streaks.js';
import type { FillRow, TradeRow } from './run-record.js';

export interface TradeFigures {
  readonly count: number;
  readonly open: number;
  readonly wins: number;
  readonly losses: number;
  /** Of closed trades; NaN without any. */
  readonly winRate: number;
  readonly grossWin: Decimal;
  readonly grossLoss: Decimal;
  /** Undefined without a loss. */
  readonly profitFactor: number | undefined;
  readonly expectancy: number;
  readonly payoff: number | undefined;
  readonly best: TradeRow | undefined;
  readonly worst: TradeRow | undefined;
  readonly streaks: Streaks;
  readonly heldMedian: number;
  readonly heldLongest: number;
  readonly meanMultiple: number | undefined;
}

/** Figures of the closed trades; open ones are counted apart. */
export function tradeFigures(trades: readonly TradeRow[]): TradeFigures {
  const closed = trades.filter((trade) => trade.closedAt !== null);
  const nets = closed.map((trade) => new Decimal(trade.net));
  const sum = (values: readonly Decimal[]): Decimal => values.reduce((total, value) => total.plus(value), ZERO);
  const won = nets.filter((net) => net.gt(0));
  const lost = nets.filter((net) => net.lt(0));
  const ranked = [...closed].sort((a, b) => new Decimal(b.net).cmp(a.net));
  const held = sorted(closed.map((trade) => trade.heldMs));
  const multiples = closed.flatMap((trade) => (trade.multiple === null ? [] : [trade.multiple]));
  const grossWin = sum(won);
  const grossLoss = sum(lost);
  return {
    count: closed.length,
    open: trades.length - closed.length,
    wins: won.length,
    losses: lost.length,
    winRate: won.length / closed.length,
    grossWin,
    grossLoss,
    profitFactor: grossLoss.isZero() ? undefined : grossWin.div(grossLoss.abs()).toNumber(),
    expectancy: sum(nets).toNumber() / closed.length,
    payoff:
      won.length === 0 || lost.length === 0
        ? undefined
        : grossWin.div(won.length).div(grossLoss.abs().div(lost.length)).toNumber(),
    best: ranked[0],
    worst: ranked.at(-1),
    streaks: streaksOf(nets.map((net) => net.toNumber())),
    heldMedian: quantile(held, 0.5),
    heldLongest: held.at(-1) ?? NaN,
    meanMultiple: multiples.length === 0 ? undefined : meanOf(multiples),
  };
}

export interface ExecutionFigures {
  readonly makerFees: Decimal;
  readonly takerFees: Decimal;
  readonly turnover: Decimal;
  /** By value; NaN without fills. */
  readonly makerShare: number;
  /** Against the mark of the decision, costs positive; fills without a decision are left out. */
  readonly slippage: Decimal;
  readonly slippageBps: number;
  readonly slippageWorst: number;
  readonly measured: number;
  readonly waitMedian: number;
}

export function executionFigures(fills: readonly FillRow[]): ExecutionFigures {
  const total = (rows: readonly FillRow[], of: (row: FillRow) => string): Decimal =>
    rows.reduce((sum, row) => sum.plus(of(row)), ZERO);
  const maker = fills.filter((fill) => fill.liquidity === 'maker');
  const taker = fills.filter((fill) => fill.liquidity === 'taker');
  const measured = fills.filter((fill) => fill.slippage !== null);
  const turnover = total(fills, (fill) => fill.notional);
  const value = total(measured, (fill) => fill.notional);
  const slippage = total(measured, (fill) => fill.slippage ?? '0');
  return {
    makerFees: total(maker, (fill) => fill.fee),
    takerFees: total(taker, (fill) => fill.fee),
    turnover,
    makerShare: turnover.isZero()
      ? NaN
      : total(maker, (fill) => fill.notional)
          .div(turnover)
          .toNumber(),
    slippage,
    slippageBps: value.isZero() ? NaN : slippage.div(value).times(10_000).toNumber(),
    slippageWorst: Math.max(...measured.map((fill) => fill.slippageBps ?? -Infinity)),
    measured: measured.length,
    waitMedian: quantile(sorted(fills.flatMap((fill) => (fill.waitMs === null ? [] : [fill.waitMs]))), 0.5),
  };
}

/** Profits of closed trades, summed over what `key` says of them; largest count first. */
export function groupTrades(
  trades: readonly TradeRow[],
  key: (trade: TradeRow) => string,
): { readonly key: string; readonly count: number; readonly wins: number; readonly net: Decimal }[] {
  const groups = new Map<string, { key: string; count: number; wins: number; net: Decimal }>();
  for (const trade of trades) {
    if (trade.closedAt === null) continue;
    const name = key(trade);
    const group = groups.get(name) ?? { key: name, count: 0, wins: 0, net: ZERO };
    group.count += 1;
    if (new Decimal(trade.net).gt(0)) group.wins += 1;
    group.net = group.net.plus(trade.net);
    groups.set(name, group);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

/** Reasons that differ in their numbers alone are one. */
export const reasonKey = (reason: string | null): string => (reason ?? 'not known').replace(/[-+]?\d[\d.,]*/g, '#');
