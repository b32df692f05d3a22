import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MINUTE_MS } from '#src/domain/time-spans.js';
import { toldOf } from '../../unit/venues/binance-usdm/told-session.js';

const RECORDING = '../shared/data/sessions/binance_usdm_btcusdt_20240808.ndjson.gz';

(existsSync(RECORDING) ? describe : describe.skip)('the recorded session through the adapter, whole', () => {
  it.each([
    ['0ms', 6_545],
    ['100ms', 2_800],
  ] as const)(
    'the book is what the venue says of itself at every message: every %s',
    async (every, least) => {
      const told = await toldOf(readFileSync(RECORDING), every, 6 * MINUTE_MS);
      expect(told.notices).toEqual([]);
      expect([told.snapshots, told.mismatches, told.unchecked]).toEqual([1, [], 0]);
      expect(told.diffs).toBeGreaterThanOrEqual(least);
      expect(told.trades).toEqual(told.played);
      expect(told.trades.length).toBeGreaterThan(21_000);
    },
    600_000,
  );
});
