import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadConfig } from '#config/index.js';
import { overridesOf } from '#src/runs/config-overrides.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import { NodeDataFiles } from '#src/platform/node-data-files.js';
import { openFileMarket } from '#src/runs/market-files.js';
import { historyOf, TERMS, type History } from '../support/recorded-files.js';

const SHARED = '../shared/data/bars/btc_perp_1m_202201.csv';
const GENERATED = '.cache/bench/generated.csv';
const GENERATED_BARS = 45_000;
const MINUTE = 60_000;

export const CONFIG_FILE = 'tests/bench/bench.yaml';

export interface BenchMarket {
  readonly file: string;
  readonly generated: boolean;
  readonly history: History;
  /** Of the market's own instrument, or of several on its terms. */
  config(parameters: Readonly<Record<string, string>>, symbols?: readonly string[]): BotConfig;
}

/** The file of the shared recorded market, or of a generated one of the same shape where the shared data is absent. */
export function recordedFile(): string {
  if (existsSync(SHARED)) return SHARED;
  mkdirSync(dirname(GENERATED), { recursive: true });
  writeFileSync(GENERATED, generateCsv(GENERATED_BARS));
  return GENERATED;
}

/** The shared recorded market, or a generated one of the same shape where the shared data is absent. */
export async function benchMarket(): Promise<BenchMarket> {
  const file = recordedFile();
  const generated = file === GENERATED;
  const plain = configOf({});
  const terms = { ...TERMS, instrument: (symbol: string) => plain.instruments[symbol] };
  const history = historyOf(await openFileMarket(new NodeDataFiles(), { from: 'file', data: file }, terms));
  const { columns, spec } = history;
  return {
    file,
    generated,
    history,
    config: (parameters, symbols = [columns.symbol]) =>
      configOf({
        parameters,
        symbols,
        instruments: symbols.map((symbol) => ({ ...spec, symbol })),
        updateIntervalMs: columns.intervalMs,
      }),
  };
}

const configOf = (request: Parameters<typeof overridesOf>[0]): BotConfig =>
  loadConfig({
    file: CONFIG_FILE,
    overrides: overridesOf({ world: 'backtest', ...request }),
    env: {},
    cwd: process.cwd(),
  }).config;

/** The bars again and again, each time later, until there are at least `least` of them. */
export function tile(columns: BarColumns, least: number): BarColumns {
  const tiles = Math.ceil(least / columns.length);
  const length = columns.length * tiles;
  const span = (columns.openAt[columns.length - 1] ?? 0) - (columns.openAt[0] ?? 0) + columns.intervalMs;
  const repeat = (column: Float64Array, shift = 0): Float64Array => {
    const repeated = new Float64Array(length);
    for (let i = 0; i < length; i += 1)
      repeated[i] = (column[i % columns.length] as number) + Math.floor(i / columns.length) * shift;
    return repeated;
  };
  const { symbol, intervalMs, openAt, open, high, low, close, volume } = columns;
  return {
    symbol,
    intervalMs,
    length,
    openAt: repeat(openAt, span),
    open: repeat(open),
    high: repeat(high),
    low: repeat(low),
    close: repeat(close),
    volume: repeat(volume),
  };
}

/**
 * A price that falls for an hour and then rises by a tick a bar: one entry, and a position that is carried to the end.
 */
export function ramp(like: BarColumns, length: number): BarColumns {
  const turn = 60;
  const price = (i: number): number => 460_000 + Math.abs(i - turn);
  const column = (at: (i: number) => number): Float64Array => Float64Array.from({ length }, (_, i) => at(i));
  const { symbol, intervalMs } = like;
  const close = column(price);
  return {
    symbol,
    intervalMs,
    length,
    openAt: column((i) => i * intervalMs + 1_640_995_200_000),
    open: close,
    high: close,
    low: close,
    close,
    volume: column(() => 1),
  };
}

/** A random walk in whole dollars, the same on every machine. */
function generateCsv(bars: number): string {
  const rows = ['ts_ms,symbol,open,high,low,close,volume'];
  let state = 0x9e3779b9;
  let price = 46_000;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < bars; i += 1) {
    const open = price;
    price = Math.max(1_000, price + Math.round((random() + random() + random() - 1.5) * 60));
    const high = Math.max(open, price) + Math.round(random() * 10);
    const low = Math.min(open, price) - Math.round(random() * 10);
    rows.push(
      `${1_640_995_200_000 + i * MINUTE},BTC-PERP,${open}.0,${high}.0,${low}.0,${price}.0,${Math.round(random() * 1e6)}`,
    );
  }
  return `${rows.join('\n')}\n`;
}
