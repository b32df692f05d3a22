import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { openBacktest } from '#di/backtest.js';
import { Decimal } from '#src/domain/decimal.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import type { MarginSettings } from '#src/ports/configuration/settings/margin-settings.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import { analyse } from '#src/report/analysis.js';
import { findingsOf } from '#src/report/findings.js';
import { RunRecorder } from '#src/report/run-recorder.js';
import type { RunRecord, SavedRun } from '#src/report/run-record.js';
import { tearSheet } from '#src/report/tear-sheet.js';
import type { BacktestRun } from '#src/backtest/backtest-runner.js';
import { resampleBars } from '#src/research/statistics/block-bootstrap.js';
import { testConfig } from '../support/config.js';
import { historyConfig } from '../support/oracle/backtest.js';
import { OPEN } from '../support/oracle/market.js';

const MINUTE = 60_000;

/** Waves that the averages cross again and again; at `crash` the low falls by 60 %. */
function waves(length: number, crash = -1): BarColumns {
  const column = (of: (i: number) => number): Float64Array => Float64Array.from({ length }, (_, i) => of(i));
  const close = (i: number): number => 500_000 + Math.round(8_000 * Math.sin(i / 9)) + i * 20;
  const open = (i: number): number => (i === 0 ? 500_000 : close(i - 1));
  return {
    symbol: 'BTC-PERP',
    intervalMs: MINUTE,
    length,
    openAt: column((i) => OPEN + i * MINUTE),
    open: column(open),
    high: column((i) => Math.max(open(i), close(i)) + 100),
    low: column((i) => (i === crash ? 200_000 : Math.min(open(i), close(i)) - 100)),
    close: column(close),
    volume: column(() => 100_000),
  };
}

interface Watched extends BacktestRun {
  readonly record: RunRecord | undefined;
}

async function run(columns: BarColumns, watch: boolean, margin: Partial<MarginSettings> = {}): Promise<Watched> {
  const config = historyConfig(columns, {
    strategy: {
      shortMa: 2,
      longMa: 5,
      targetLeverage: 2,
      trailingStop: new Decimal(0),
      positionFraction: new Decimal('0.2'),
    },
    risk: { maxPositionPctPerSymbol: new Decimal(2), maxExposurePct: new Decimal(2) },
  });
  const { simulation } = testConfig();
  const session = await openBacktest(
    { ...config, simulation: { ...simulation, margin: { ...simulation.margin, ...margin } } },
    { mode: 'fast', startAt: OPEN },
  );
  try {
    const { runner } = session;
    const recorder = watch
      ? new RunRecorder(runner.watched, [runner.instrument(columns.symbol)], columns.intervalMs)
      : undefined;
    const funding = [1, 2, 3].map((hour) => ({ at: OPEN + hour * 60 * MINUTE, rate: new Decimal('0.0001') }));
    const done = await runner.run(columns, {
      parameters: {},
      funding,
      ...(recorder === undefined ? {} : { watcher: recorder }),
    });
    recorder?.close();
    return { ...done, record: recorder?.record() };
  } finally {
    await session.close();
  }
}

const saved = ({ result, notes, record }: Watched): SavedRun => ({
  format: 'perpsbot.run',
  version: 1,
  result,
  notes,
  record: record!,
  origin: {
    build: '0',
    node: '20',
    savedAt: '',
    command: '',
    configurationHash: '',
    profile: 'test',
    settings: {},
    lookAhead: 'not run',
  },
});

describe('a run that is watched', () => {
  it('is the same run: equal result and trace with and without a report', async () => {
    const columns = waves(400);
    const watched = await run(columns, true);
    expect(watched.result.fills).toBeGreaterThan(10);
    expect(watched.result.trades).toBeGreaterThan(5);
    expect(watched.result).toEqual((await run(columns, false)).result);
  });

  it('is accounted for to the last unit: its trades add up to its profit by source', async () => {
    const { result, record } = await run(waves(400), true);
    const sum = (key: 'price' | 'fees' | 'funding' | 'net'): string =>
      record!.trades.reduce((total, trade) => total.plus(trade[key]), new Decimal(0)).toString();
    expect({ price: sum('price'), fees: sum('fees'), funding: sum('funding'), net: sum('net') }).toEqual(result.pnl);
    expect(record!.fills).toHaveLength(result.fills);
    expect(record!.trades.filter(({ closedAt }) => closedAt !== null)).toHaveLength(result.trades);
    expect(new Decimal(record!.days.at(-1)?.close ?? 0).toString()).toBe(result.equity.end);
    expect(record!.trades.every((trade) => trade.entryReason !== null)).toBe(true);
    expect(record!.fills.every((fill) => fill.decision !== null && fill.slippage !== null)).toBe(true);
  });

  it('tells of a liquidation first, in result, record and findings', async () => {
    const { result, notes, record } = await run(waves(120, 60), true, { mode: 'isolated' });
    expect(result.liquidations).toBeGreaterThan(0);
    expect(record!.events.filter(({ what }) => what === 'liquidation')).toHaveLength(result.liquidations);
    expect(record!.trades.some((trade) => trade.exitReason === 'liquidation')).toBe(true);
    expect(record!.samples.distance.some((distance) => distance !== null && distance > 0)).toBe(true);
    expect(findingsOf(analyse(saved({ result, notes, record }), new SeededRandom()))[0]).toMatchObject({
      rule: 'liquidation',
      level: 'alarm',
    });
  });

  it('becomes a page of its own, the same from the file it was saved to', async () => {
    const whole = saved(await run(waves(400), true));
    const page = tearSheet(whole, new SeededRandom());
    expect(page === tearSheet(JSON.parse(JSON.stringify(whole)) as SavedRun, new SeededRandom())).toBe(true);
    expect(page.split('<script>')[0]?.match(/>[^<]*(NaN|undefined)[^<]*</)?.[0]).toBeUndefined();
  });
});

describe('a resampled market', () => {
  it('runs through the engine like any other', async () => {
    const columns = resampleBars(waves(300), {
      method: 'stationary',
      blockLength: 30,
      random: new SeededRandom().stream('test', 1),
    });
    const { result } = await run(columns, false);
    expect(result.bars).toBe(300);
    expect(result.trades).toBeGreaterThan(5);
  });
});
