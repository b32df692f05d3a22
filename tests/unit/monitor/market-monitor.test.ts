import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { LogFields } from '#src/ports/configuration/logger.js';
import { MarkFreshnessMap } from '#src/services/market-data/mark-freshness-map.js';
import { MarketActivityMonitor } from '#src/services/monitor/market-activity-monitor.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';

function parts(symbols: readonly string[] = ['BTC-PERP', 'ETH-PERP'], updateIntervalMs = 1_000) {
  const clock = new ManualClock(100_000);
  const logger = new RecordingLogger();
  const freshness = new MarkFreshnessMap();
  const config = new FakeConfigController(testConfig({ symbols, updateIntervalMs }));
  const monitor = new MarketActivityMonitor(config, freshness, clock, logger);
  const heartbeats = (): (LogFields | undefined)[] =>
    logger.lines.filter((line) => line.message === 'market_heartbeat').map((line) => line.fields);
  return { clock, logger, freshness, config, monitor, heartbeats };
}

describe('MarketActivityMonitor', () => {
  it('logs a heartbeat with the true source and the symbol for every update (B-36)', () => {
    const { monitor, clock, heartbeats } = parts();

    monitor.recordUpdate('BTC-PERP', 'stream', clock.now() - 40);
    monitor.recordUpdate('ETH-PERP', 'poll', clock.now());

    expect(heartbeats()).toEqual([
      { symbol: 'BTC-PERP', source: 'stream', last_update_ts: 99_960, latency_ms: 40 },
      { symbol: 'ETH-PERP', source: 'poll', last_update_ts: 100_000, latency_ms: 0 },
    ]);
  });

  it('makes no heartbeat when the debug log is off', () => {
    const { monitor, logger, heartbeats } = parts();
    (logger as { debugEnabled: boolean }).debugEnabled = false;

    monitor.recordUpdate('BTC-PERP', 'stream', 1);

    expect(heartbeats()).toEqual([]);
    expect(monitor.status()['symbols']).toMatchObject({ 'BTC-PERP': { updates: 1 } });
  });

  it('swallows heartbeats that cannot be written', () => {
    const { monitor, logger, clock } = parts();
    const broken = (): never => {
      throw new Error('log is full');
    };
    logger.debug = broken;
    logger.warn = broken;

    expect(() => monitor.recordUpdate('BTC-PERP', 'poll', clock.now())).not.toThrow();
    monitor.checkStaleness(clock.now());
    expect(monitor.checkStaleness(clock.advance(5_001))).toHaveLength(2);
  });

  it('reports all stale symbols with their silence, and a heartbeat for each (B-36)', () => {
    const { monitor, clock, heartbeats } = parts(['BTC-PERP', 'ETH-PERP', 'SOL-PERP']);
    monitor.recordUpdate('BTC-PERP', 'stream', 100_000);
    monitor.recordUpdate('ETH-PERP', 'stream', 101_000);
    monitor.recordUpdate('SOL-PERP', 'stream', 103_000);
    clock.set(107_000);

    expect(monitor.checkStaleness(107_000)).toEqual([
      { symbol: 'BTC-PERP', stalenessMs: 7_000 },
      { symbol: 'ETH-PERP', stalenessMs: 6_000 },
    ]);
    expect(heartbeats().slice(3)).toEqual([
      {
        symbol: 'BTC-PERP',
        source: 'staleness_guard',
        last_update_ts: 100_000,
        staleness_ms: 7_000,
        staleness_threshold_ms: 5_000,
      },
      {
        symbol: 'ETH-PERP',
        source: 'staleness_guard',
        last_update_ts: 101_000,
        staleness_ms: 6_000,
        staleness_threshold_ms: 5_000,
      },
    ]);
  });

  it('warns once when a symbol falls silent, and again only after it was back', () => {
    const { monitor, logger } = parts(['BTC-PERP']);
    monitor.recordUpdate('BTC-PERP', 'stream', 100_000);
    monitor.checkStaleness(106_000);
    monitor.checkStaleness(107_000);
    expect(logger.at('warn')).toHaveLength(1);

    monitor.recordUpdate('BTC-PERP', 'stream', 107_000);
    expect(monitor.checkStaleness(108_000)).toEqual([]);
    monitor.checkStaleness(120_000);
    expect(logger.at('warn')).toHaveLength(2);
  });

  it('counts the silence of a symbol that was never updated from the first look at it', () => {
    const { monitor } = parts(['BTC-PERP']);

    expect(monitor.checkStaleness(100_000)).toEqual([]);
    expect(monitor.checkStaleness(105_000)).toEqual([]);
    expect(monitor.checkStaleness(105_001)).toEqual([{ symbol: 'BTC-PERP', stalenessMs: 5_001 }]);
  });

  it('never calls a silence shorter than two polls stale', () => {
    const { monitor } = parts(['BTC-PERP'], 60_000);
    monitor.recordUpdate('BTC-PERP', 'poll', 100_000);

    expect(monitor.checkStaleness(220_000)).toEqual([]);
    expect(monitor.checkStaleness(220_001)).toHaveLength(1);
  });

  it('keeps the newest update time when an older one arrives late', () => {
    const { monitor } = parts(['BTC-PERP']);
    monitor.recordUpdate('BTC-PERP', 'stream', 100_000);
    monitor.recordUpdate('BTC-PERP', 'poll', 90_000);

    expect(monitor.checkStaleness(105_000)).toEqual([]);
  });

  it('advises polling after more than three stream failures in a row, until the stream delivers again', () => {
    const { monitor, clock } = parts(['BTC-PERP']);
    for (let i = 0; i < 3; i += 1) monitor.recordFailure('BTC-PERP', new Error('down'));
    expect(monitor.shouldFallBackToPolling(clock.now())).toBe(false);

    monitor.recordFailure('BTC-PERP', new Error('down'));
    monitor.recordUpdate('BTC-PERP', 'poll', clock.now());
    expect(monitor.shouldFallBackToPolling(clock.now())).toBe(true);
    monitor.recordUpdate('BTC-PERP', 'stream', clock.now());
    expect(monitor.shouldFallBackToPolling(clock.now())).toBe(false);
  });

  it('counts failures and names the last one', () => {
    const { monitor } = parts(['BTC-PERP']);
    monitor.recordFailure('BTC-PERP', new Error('busy'));
    monitor.recordFailure('BTC-PERP', 'refused');

    expect(monitor.status()).toMatchObject({
      fallback_advised: false,
      symbols: { 'BTC-PERP': { failures: 2, last_error: 'refused' } },
    });
  });

  it('counts polled marks through the shared freshness: a polled symbol is not stale (B-36)', () => {
    const { monitor, freshness, clock } = parts(['BTC-PERP']);
    freshness.touch('BTC-PERP', clock.now());
    expect(monitor.checkStaleness(clock.advance(5_000))).toEqual([]);
    expect(monitor.shouldFallBackToPolling(clock.now())).toBe(false);
    expect(monitor.status()['symbols']).toMatchObject({ 'BTC-PERP': { last_update_ts: 100_000, staleness_ms: 5_000 } });

    expect(monitor.checkStaleness(clock.advance(1))).toEqual([{ symbol: 'BTC-PERP', stalenessMs: 5_001 }]);
  });

  it('goes on advising polling while only polls keep a streamed symbol fresh', () => {
    const { monitor, freshness, clock } = parts(['BTC-PERP']);
    monitor.recordUpdate('BTC-PERP', 'stream', clock.now());
    clock.advance(5_001);
    freshness.touch('BTC-PERP', clock.now());

    expect(monitor.checkStaleness(clock.now())).toEqual([]);
    expect(monitor.shouldFallBackToPolling(clock.now())).toBe(true);
    monitor.recordUpdate('BTC-PERP', 'stream', clock.now());
    expect(monitor.shouldFallBackToPolling(clock.now())).toBe(false);
  });

  it('follows a configuration change (B-11)', () => {
    const { monitor, config } = parts(['BTC-PERP']);
    config.apply({ updated: testConfig({ symbols: ['ETH-PERP'] }), diff: {} });

    expect(Object.keys(monitor.status()['symbols'] as object)).toEqual(['ETH-PERP']);
  });

  it('advises polling while a symbol is stale, and says so in status and log', () => {
    const { monitor, clock, logger } = parts(['BTC-PERP']);
    monitor.recordUpdate('BTC-PERP', 'stream', clock.now());

    expect(monitor.shouldFallBackToPolling(clock.advance(5_001))).toBe(true);
    expect(monitor.shouldFallBackToPolling(Number.NaN)).toBe(true);
    expect(logger.at('warn')).toEqual([]);
    expect(monitor.status()).toMatchObject({
      fallback_advised: true,
      stale: ['BTC-PERP'],
      staleness_threshold_ms: 5_000,
      symbols: { 'BTC-PERP': { staleness_ms: 5_001, source: 'stream' } },
    });
    expect(logger.at('warn')).toEqual(['market_heartbeat']);
  });

  it('watches the symbols it is given and ignores all others', () => {
    const { monitor, clock } = parts(['BTC-PERP']);
    monitor.setSymbols(['ETH-PERP']);
    monitor.recordUpdate('BTC-PERP', 'stream', clock.now());
    for (let i = 0; i < 9; i += 1) monitor.recordFailure('BTC-PERP', new Error('down'));

    expect(Object.keys(monitor.status()['symbols'] as object)).toEqual(['ETH-PERP']);
    expect(monitor.shouldFallBackToPolling(clock.now())).toBe(false);
  });
});
