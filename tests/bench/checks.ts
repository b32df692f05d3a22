import { execFileSync } from 'node:child_process';
import type { Fill } from '#src/domain/order.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import { runDecimalEngine, type OracleBar } from '../support/oracle/decimal-engine.js';
import { hashOfFills } from '../support/oracle/from-engine.js';
import type { FusedResult } from '../support/oracle/fused-loop.js';
import { runEngine, type EngineRun } from './engine-run.js';
import { CONFIG_FILE, type BenchMarket } from './market.js';

/** Bars that the Decimal engine is asked to repeat: it is as slow as it is simple. */
const PREFIX = 50_000;

/** Same fills, in every field the loop knows, and the same equity. */
export function sameAsFused(run: EngineRun, fused: FusedResult): boolean {
  return run.fills === fused.fills && run.equity === fused.equity && hashOfFills(run.takeFills()) === fused.hash;
}

export interface DecimalCheck {
  readonly bars: number;
  /** Of the Decimal engine over these bars, once they are decimals. */
  readonly barsPerSecond: number;
  readonly fills: number;
  readonly equity: string;
  readonly same: boolean;
}

/** The engine and the Decimal engine over the first bars, fill for fill. */
export async function sameAsDecimal(
  market: BenchMarket,
  columns: BarColumns,
  parameters: Readonly<Record<string, string>>,
): Promise<DecimalCheck> {
  const prefix = head(columns, PREFIX);
  const run = await runEngine(market.config(parameters), prefix, parameters);
  const bars = decimalBars(market, prefix);
  const begin = performance.now();
  const told = runDecimalEngine(bars, run.terms);
  const barsPerSecond = Math.round((prefix.length / (performance.now() - begin)) * 1_000);
  const { instrument } = run.takeFills()[0] ?? {};
  const written = run.takeFills().map((fill) => line(fill));
  const expected = told.fills.map(
    ({ at, side, size, price, fee }) => `${at} ${side} ${size.toString()} ${price.toString()} ${fee.toString()}`,
  );
  const same =
    instrument !== undefined &&
    written.length === expected.length &&
    written.every((text, i) => text === expected[i]) &&
    told.equity.toString() === run.result.equity.end;
  return { bars: prefix.length, barsPerSecond, fills: expected.length, equity: told.equity.toString(), same };
}

const line = ({ at, side, instrument, lots, price, fee }: Fill): string =>
  `${at} ${side} ${instrument.size(lots).toString()} ${instrument.price(price).toString()} ${instrument.money(fee).toString()}`;

function decimalBars({ history }: BenchMarket, columns: BarColumns): OracleBar[] {
  const { tick } = history.spec;
  return Array.from({ length: columns.length }, (_, i) => {
    const openAt = columns.openAt[i] as number;
    return {
      openAt,
      closeAt: openAt + columns.intervalMs,
      open: tick.times(columns.open[i] as number),
      close: tick.times(columns.close[i] as number),
    };
  });
}

function head(columns: BarColumns, bars: number): BarColumns {
  const cut = (column: Float64Array): Float64Array => column.slice(0, bars);
  const { symbol, intervalMs, openAt, open, high, low, close, volume } = columns;
  return {
    symbol,
    intervalMs,
    length: Math.min(bars, columns.length),
    openAt: cut(openAt),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  };
}

/** Trace hash of the command line's own backtest of the file, in another process. */
export function hashOfCommand(market: BenchMarket): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PERPSBOT__')));
  const args = ['dist/launch.js', 'backtest', '--data', market.file, '--config', CONFIG_FILE, '--json'];
  const envelope = JSON.parse(
    execFileSync(process.execPath, args, {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 2 ** 26,
    }),
  ) as { data: { traceHash: string } };
  return envelope.data.traceHash;
}
