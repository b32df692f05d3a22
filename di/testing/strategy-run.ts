import { resolveConfig } from '../../config/index.js';
import { Decimal } from '../../src/domain/decimal.js';
import { fault } from '../../src/domain/errors.js';
import { Instrument, type InstrumentSpec } from '../../src/domain/instrument.js';
import type { Fill, Order } from '../../src/domain/order.js';
import { UNIT_MS } from '../../src/domain/time-spans.js';
import type { StrategyDefinition } from '../../src/ports/core-services/strategy.js';
import type { BarColumns } from '../../src/data/bar-columns.js';
import {
  checkLookAhead,
  lookAheadText,
  type LookAheadOptions,
  type LookAheadReport,
} from '../../src/backtest/look-ahead/check-look-ahead.js';
import { taped } from '../../src/backtest/look-ahead/decision-tape.js';
import type { TapedDecision } from '../../src/backtest/look-ahead/taped-decision.js';
import type { BacktestResult } from '../../src/backtest/result.js';
import { openBacktest } from '../backtest.js';
import { instrumentsSection, WIDE_LIMITS } from './test-config.js';

const SYMBOL = 'TEST-PERP';
const START = Date.UTC(2024, 0, 1);

/** An exact grid for small prices, no fees, no minimum worth: a test says otherwise where it matters. */
const SPEC: InstrumentSpec = {
  symbol: SYMBOL,
  base: 'TEST',
  quote: 'USDT',
  settle: 'USDT',
  kind: 'perpetual',
  tick: new Decimal('0.0001'),
  step: new Decimal('0.001'),
  minSize: new Decimal('0.001'),
  minNotional: new Decimal(0),
  maxLeverage: new Decimal(20),
  makerFee: new Decimal(0),
  takerFee: new Decimal(0),
  maintenanceRate: new Decimal('0.005'),
  fundingIntervalHours: 0,
};

export interface TestBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In base currency; absent: not known. */
  readonly volume?: number;
}

/** Bars of a test. `intervalMs` is that of one bar. */
export interface TestBars {
  readonly intervalMs: number;
  readonly rows: readonly TestBar[];
}

/** Makes bars by hand. */
export const bars = {
  /** Bars that open at the close before and go straight to their own. */
  closes: (interval: string, closes: readonly number[]): TestBars => ({
    intervalMs: intervalOf(interval),
    rows: closes.map((close, i) => {
      const open = closes[i - 1] ?? close;
      return { open, high: Math.max(open, close), low: Math.min(open, close), close };
    }),
  }),
  ohlc: (interval: string, rows: readonly TestBar[]): TestBars => ({ intervalMs: intervalOf(interval), rows }),
};

export interface StrategyRunOptions {
  readonly bars: TestBars;
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  /** Default 10,000 USDT. */
  readonly equity?: number;
  /** Terms of the instrument that differ: fees, minimum sizes, tick. */
  readonly instrument?: Partial<InstrumentSpec>;
  /** Sections of the configuration that differ, in its own grammar. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface TestOrder {
  readonly clientId: string;
  readonly side: Order['request']['side'];
  readonly type: Order['request']['type'];
  readonly size: number;
  readonly limit: number | undefined;
  readonly stop: number | undefined;
  readonly reduceOnly: boolean;
  readonly status: Order['status'];
  readonly why: string;
  /** Under which a strategy by events asked for it. */
  readonly tag?: string;
  /** Why it was refused or ended, where that is known. */
  readonly reason: string | undefined;
  /** Milliseconds after the first bar's open. */
  readonly at: number;
}

/** What a strategy did over the bars of a test. */
export interface StrategyRun {
  /** Every order, in order, as it ended. */
  readonly orders: readonly TestOrder[];
  readonly fills: readonly Fill[];
  readonly decisions: readonly TapedDecision[];
  readonly result: BacktestResult;
  /** Why nothing, or what, was done at the close of bar `index`, counted from 0. */
  explain(index: number): string;
  /** Rejects with STRAT-003 when a decision changes although only later bars do, TEST-001 when it asked for nothing. */
  noLookAhead(options?: LookAheadOptions): Promise<LookAheadReport>;
}

/**
 * Runs a strategy over bars, through the bot's own services and the exchange inside. No files, no network, no clock.
 */
export async function runStrategy(definition: StrategyDefinition, options: StrategyRunOptions): Promise<StrategyRun> {
  const spec = { ...SPEC, ...options.instrument };
  const columns = columnsOf(options.bars, spec);
  const { decisions, orders, fills, result } = await runOnce(definition, columns, spec, options);
  return {
    orders,
    fills,
    decisions,
    result,
    explain: (index) => {
      const closeAt = (columns.openAt[index] ?? Number.NaN) + columns.intervalMs;
      const of = decisions.filter(({ at }) => at === closeAt);
      return of.length === 0 ? explained(undefined, index) : of.map((each) => explained(each, index)).join('\n');
    },
    noLookAhead: async (how) => {
      const report = await checkLookAhead(
        columns,
        async (other) => (await runOnce(definition, other, spec, options)).decisions,
        how,
      );
      if (report.finding === undefined && !report.passed)
        throw fault('TEST-001', lookAheadText(report), { fix: 'Give it bars in which the strategy trades.' });
      if (!report.passed)
        throw fault('STRAT-003', lookAheadText(report), { fix: 'Let the strategy see finished bars alone.' });
      return report;
    },
  };
}

async function runOnce(
  definition: StrategyDefinition,
  columns: BarColumns,
  spec: InstrumentSpec,
  { params = {}, equity = 10_000, config = {} }: StrategyRunOptions,
): Promise<Pick<StrategyRun, 'orders' | 'fills' | 'decisions' | 'result'>> {
  const decisions: TapedDecision[] = [];
  const settings = resolveConfig(configOf(definition.name, columns, spec, params, equity, config));
  const { runner, close } = await openBacktest(settings, {
    mode: 'fast',
    startAt: columns.openAt[0] ?? 0,
    strategies: [taped(definition, decisions)],
  });
  const orders = new Map<string, Order>();
  const stopListening = runner.watched.orders.onChange((order) => void orders.set(order.request.clientId, order));
  try {
    const { result } = await runner.run(columns, {
      parameters: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
    });
    return {
      orders: [...orders.values()].map((order) => shown(order, columns.openAt[0] ?? 0)),
      fills: runner.watched.exchange.fills,
      decisions,
      result,
    };
  } finally {
    stopListening();
    await close();
  }
}

/** Limits so wide that only what the strategy itself does decides. */
function configOf(
  name: string,
  columns: BarColumns,
  spec: InstrumentSpec,
  params: StrategyRunOptions['params'],
  equity: number,
  config: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Record<string, unknown> {
  return {
    profile: 'demo',
    world: 'backtest',
    symbols: [spec.symbol],
    updateInterval: `${columns.intervalMs}ms`,
    dryRun: false,
    ...config,
    strategy: { name, params, targetLeverage: 1, enableShorts: true, ...config['strategy'] },
    risk: {
      ...WIDE_LIMITS,
      ...(equity > 50_000 ? { maxPositionSize: `${equity * 20} ${spec.settle}` } : {}),
      ...config['risk'],
    },
    streaming: { enabled: false },
    storage: { driver: 'memory' },
    logging: { level: 'error', ...config['logging'] },
    simulation: { equity: `${equity} ${spec.settle}`, barHalfSpread: '0bps', ...config['simulation'] },
    instruments: instrumentsSection([spec]),
  };
}

/** The bars in ticks and lots; a price between two ticks goes to the nearest. */
function columnsOf({ intervalMs, rows }: TestBars, spec: InstrumentSpec): BarColumns {
  const instrument = new Instrument(spec);
  const prices = (field: 'open' | 'high' | 'low' | 'close'): Float64Array =>
    Float64Array.from(rows, (row) => instrument.toTicks(new Decimal(row[field]), 'nearest'));
  return {
    symbol: spec.symbol,
    intervalMs,
    length: rows.length,
    openAt: Float64Array.from(rows, (_row, index) => START + index * intervalMs),
    open: prices('open'),
    high: prices('high'),
    low: prices('low'),
    close: prices('close'),
    volume: Float64Array.from(rows, ({ volume }) =>
      volume === undefined ? Number.NaN : instrument.toLots(new Decimal(volume)),
    ),
  };
}

const shown = ({ request, status, origin, reason, createdAt }: Order, start: number): TestOrder => ({
  clientId: request.clientId,
  side: request.side,
  type: request.type,
  size: request.size.toNumber(),
  limit: request.price?.toNumber(),
  stop: request.stopPrice?.toNumber(),
  reduceOnly: request.reduceOnly,
  status,
  why: origin?.reason ?? '',
  ...(origin?.asked === undefined ? {} : { tag: origin.asked.tag }),
  reason,
  at: createdAt - start,
});

function explained(decision: TapedDecision | undefined, index: number): string {
  if (decision === undefined) return `bar ${index}: the strategy was not asked`;
  return `bar ${index}: ${decision.action}, ${decision.reason}${decision.detail === undefined || decision.detail === 'ready' ? '' : ` (${decision.detail})`}`;
}

function intervalOf(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d*)(s|m|h|d)$/.exec(text) ?? [];
  if (count === '')
    throw fault('STRAT-001', `Interval of bars must be a duration such as 15m, was ${JSON.stringify(text)}.`);
  return Number(count) * (UNIT_MS[unit] as number);
}
