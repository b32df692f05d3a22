import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { hold } from '#src/domain/decision.js';
import { lots } from '#src/domain/units.js';
import type { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import type { ExecutionEngine } from '#src/ports/core-services/execution.js';
import type { Protection } from '#src/ports/core-services/protection.js';
import type { IndicatorData } from '#src/ports/core-services/indicator-data.js';
import type { StrategyOrchestrator } from '#src/ports/core-services/strategy.js';
import type { SystemMonitor } from '#src/ports/core-services/system-monitor.js';
import { CountingGateLedger } from '#src/services/runtime/state/counting-gate-ledger.js';
import { CountedPendingWork } from '#src/services/runtime/state/counted-pending-work.js';
import { UtcSessionGuard } from '#src/services/runtime/state/utc-session-guard.js';
import { MarkedTradingCycle } from '#src/services/runtime/marked-trading-cycle.js';
import { settled } from '#src/testing/settled.js';
import { marketParts } from '../../support/market-parts.js';

const INTERVAL_MS = 5_000;

/** Real market data, session, gates and pending work; the rest writes down that it was asked. */
async function rig(
  symbols: readonly string[] = ['BTC-PERP', 'ETH-PERP'],
  overrides: Parameters<typeof marketParts>[1] = {},
) {
  const parts = await marketParts(symbols, { updateIntervalMs: INTERVAL_MS, ...overrides });
  const { config, marketData, windows, series, clock, logger } = parts;
  const log: string[] = [];
  const gates = new CountingGateLedger();
  const pending = new CountedPendingWork();
  const script: { process: (symbol: string) => void; onMark: (symbol: string) => void } = {
    process: () => undefined,
    onMark: () => undefined,
  };
  const orchestrator: StrategyOrchestrator = {
    processSymbol: (symbol, now) => (
      log.push(`decide ${symbol} ${now - clock.now()}`),
      script.process(symbol),
      hold('scripted')
    ),
  };
  const engine = {
    onMark: (symbol: string) => (log.push(`stops ${symbol}`), script.onMark(symbol)),
  } as unknown as ExecutionEngine;
  const protection = {
    onMark: () => undefined,
  } as unknown as Protection;
  const indicators = {
    refresh: (symbol: string) => (log.push(`refresh ${symbol}`), Promise.resolve()),
  } as unknown as IndicatorData;
  const portfolio = { observe: () => log.push('observe') } as unknown as Portfolio;
  const monitor = { logStatus: () => log.push('status') } as unknown as SystemMonitor;
  const cycle = new MarkedTradingCycle(
    config,
    marketData,
    windows,
    series,
    new UtcSessionGuard(config),
    orchestrator,
    engine,
    protection,
    indicators,
    portfolio,
    gates,
    pending,
    monitor,
    clock,
    logger,
  );
  const quoteAll = (price: string): void => symbols.forEach((symbol) => parts.quote(symbol, price));
  quoteAll('100');
  return { ...parts, cycle, log, gates, pending, script, quoteAll };
}

const valuesOf = (series: { readonly length: number; at(back: number): number } | undefined): number[] =>
  series === undefined ? [] : Array.from({ length: series.length }, (_unused, back) => series.at(back)).reverse();

describe('MarkedTradingCycle', () => {
  it('refreshes marks and indicators, observes the books, decides on every symbol, and logs the status', async () => {
    const { cycle, log } = await rig();

    await cycle.run();

    expect(log).toEqual([
      'refresh BTC-PERP',
      'refresh ETH-PERP',
      'observe',
      'stops BTC-PERP',
      'decide BTC-PERP 0',
      'stops ETH-PERP',
      'decide ETH-PERP 0',
      'status',
    ]);
    expect(cycle.cycles).toBe(1);
  });

  it('advances the series of a symbol by one value a step, the newest mark', async () => {
    const { cycle, series, marketData, catalogue, clock, quoteAll } = await rig(['BTC-PERP']);
    await cycle.run();
    clock.advance(INTERVAL_MS);
    marketData.acceptMark('BTC-PERP', catalogue.instrument('BTC-PERP').toMarks(new Decimal(101)), clock.now());
    quoteAll('102');

    await cycle.run();

    const of = catalogue.instrument('BTC-PERP');
    expect(valuesOf(series.find('BTC-PERP'))).toEqual([of.toMarks(new Decimal(100)), of.toMarks(new Decimal(102))]);
    expect(series.find('BTC-PERP')?.lastAt).toBe(clock.now());
  });

  it('does not repeat an old value when no mark came, and counts the step', async () => {
    const { cycle, series, broker, gates, log, clock } = await rig(['BTC-PERP']);
    await cycle.run();
    broker.quotes.set('BTC-PERP', new Error('busy'));
    clock.advance(INTERVAL_MS);

    await cycle.run();

    expect(series.find('BTC-PERP')?.count).toBe(1);
    expect(log.filter((entry) => entry.startsWith('decide'))).toHaveLength(1);
    expect(gates.report()).toEqual([
      expect.objectContaining({ gate: 'no_new_mark', times: 1, heldMs: INTERVAL_MS, firstSymbol: 'BTC-PERP' }),
    ]);
  });

  it('outside the session refreshes marks, watches stops and logs the status, and decides nothing', async () => {
    const { cycle, log, gates, series, change, quoteAll, clock } = await rig(['BTC-PERP']);
    change({ symbols: ['BTC-PERP'], updateIntervalMs: INTERVAL_MS, session: { days: ['sunday'] } });
    quoteAll('101');

    await cycle.run();

    expect(log).toEqual(['refresh BTC-PERP', 'observe', 'stops BTC-PERP', 'status']);
    expect(series.find('BTC-PERP')?.count).toBe(1);
    expect(gates.report()).toEqual([expect.objectContaining({ gate: 'session', firstAt: clock.now() })]);
  });

  it('steps every symbol although one fails, and then fails itself', async () => {
    const { cycle, log, script } = await rig();
    script.onMark = (symbol) => {
      if (symbol === 'BTC-PERP') throw new Error('stop of BTC');
    };

    await expect(cycle.run()).rejects.toThrow('stop of BTC');

    expect(log).toContain('decide ETH-PERP 0');
    expect(log.at(-1)).toBe('status');
  });

  it('ends when what it sent has come back', async () => {
    const { cycle, pending, log, script } = await rig(['BTC-PERP']);
    let answer = (): void => undefined;
    script.process = () => pending.track(new Promise<void>((resolve) => (answer = resolve)));
    const run = cycle.run();
    await settled();
    expect(log).not.toContain('status');

    answer();
    await run;

    expect(log.at(-1)).toBe('status');
  });

  it('decides nothing more once told to stop while it asked the venue', async () => {
    const { cycle, log } = await rig();
    const stop = new AbortController();
    const run = cycle.run(stop.signal);
    stop.abort();

    await run;

    expect(log.filter((entry) => entry.startsWith('decide') || entry === 'observe')).toEqual([]);
  });

  it('follows the configured symbols', async () => {
    const { cycle, log, change, quote } = await rig(['BTC-PERP', 'ETH-PERP']);
    await cycle.run();
    log.length = 0;
    change({ symbols: ['ETH-PERP'], updateIntervalMs: INTERVAL_MS });
    quote('ETH-PERP', '103');

    await cycle.run();

    expect(log.filter((entry) => entry.startsWith('decide'))).toEqual(['decide ETH-PERP 0']);
  });

  it('goes on stepping a symbol that left the configuration with an open position: its stops and its exit still need it', async () => {
    const { cycle, log, change, portfolio, catalogue, quoteAll, series } = await rig(['BTC-PERP', 'ETH-PERP']);
    portfolio.hold(catalogue.instrument('BTC-PERP')).lots = lots(1);
    await cycle.run();
    log.length = 0;
    change({ symbols: ['ETH-PERP'], updateIntervalMs: INTERVAL_MS });
    quoteAll('103');

    await cycle.run();

    expect(log.filter((entry) => entry.startsWith('decide') || entry.startsWith('stops'))).toEqual([
      'stops ETH-PERP',
      'decide ETH-PERP 0',
      'stops BTC-PERP',
      'decide BTC-PERP 0',
    ]);
    expect(series.find('BTC-PERP')?.count).toBe(2);
  });

  it('says of a symbol without a window that it has none, and steps the others', async () => {
    const { cycle, log, change, logger, quoteAll } = await rig(['BTC-PERP']);
    change({ symbols: ['BTC-PERP', 'NO-PERP'], updateIntervalMs: INTERVAL_MS });
    quoteAll('101');

    await cycle.run();

    expect(log).toContain('decide BTC-PERP 0');
    expect(logger.lines.find(({ message }) => message === 'No mark window for symbol')?.fields).toEqual({
      symbol: 'NO-PERP',
    });
  });

  it('takes the newest value of a warm-up for no news', async () => {
    const { cycle, broker, marketData, clock, log, gates } = await rig(['BTC-PERP']);
    const close = new Decimal(99);
    broker.candles = Array.from({ length: 30 }, (_unused, index) => ({
      openAt: clock.now() - (30 - index) * INTERVAL_MS,
      open: close,
      high: close,
      low: close,
      close,
      volume: new Decimal(1),
    }));
    await marketData.warmUp();
    broker.quotes.set('BTC-PERP', new Error('busy'));

    await cycle.run();

    expect(log.filter((entry) => entry.startsWith('decide'))).toEqual([]);
    expect(gates.report()[0]?.gate).toBe('no_new_mark');
  });
});
