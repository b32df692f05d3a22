import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { MarkFreshnessMap } from '#src/services/market-data/mark-freshness-map.js';

describe('MarkFreshnessMap', () => {
  it('keeps the newest time: one that arrives late changes nothing', () => {
    const freshness = new MarkFreshnessMap();
    freshness.touch('BTC-PERP', 2_000);
    freshness.touch('BTC-PERP', 1_000);

    expect([freshness.lastUpdate('BTC-PERP'), freshness.age('BTC-PERP', 2_500)]).toEqual([2_000, 500]);
  });

  it('calls a mark stale when it is older than the limit', () => {
    const freshness = new MarkFreshnessMap();
    freshness.touch('BTC-PERP', 1_000);

    expect([freshness.isStale('BTC-PERP', 4_000, 3_000), freshness.isStale('BTC-PERP', 4_001, 3_000)]).toEqual([
      false,
      true,
    ]);
  });

  it('calls a symbol that was never updated stale (B-54)', () => {
    const freshness = new MarkFreshnessMap();

    expect([
      freshness.lastUpdate('BTC-PERP'),
      freshness.age('BTC-PERP', 1),
      freshness.isStale('BTC-PERP', 1, 1e12),
    ]).toEqual([undefined, undefined, true]);
  });

  it('cannot be made fresh by a time that is none', () => {
    const freshness = new MarkFreshnessMap();
    freshness.touch('BTC-PERP', Number.NaN);
    freshness.touch('BTC-PERP', Number.POSITIVE_INFINITY);

    expect(freshness.isStale('BTC-PERP', 1, 1e12)).toBe(true);
    freshness.touch('BTC-PERP', 5);
    expect(freshness.isStale('BTC-PERP', Number.NaN, 1e12)).toBe(true);
    expect(freshness.isStale('BTC-PERP', 6, Number.NaN)).toBe(true);
  });

  it('forgets a symbol', () => {
    const freshness = new MarkFreshnessMap();
    freshness.touch('BTC-PERP', 5);
    freshness.forget('BTC-PERP');

    expect(freshness.lastUpdate('BTC-PERP')).toBeUndefined();
  });
});
