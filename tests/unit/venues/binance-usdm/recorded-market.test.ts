import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sessionLines } from '#src/data/session/session-lines.js';
import { makeSession } from '../../../support/session.js';
import { toldOf } from './told-session.js';

const RECORDING = '../shared/data/sessions/binance_usdm_btcusdt_20240808.ndjson.gz';
const SECOND_MS = 1_000;
const bytesOf = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(lines.join('\n'));

/**
 * What holds of a session: after each message of the depth the adapter's best prices and sizes are those that the
 * venue told last for that update or an earlier one, whenever it told them. The whole recording: `npm run drill`.
 */
describe("the adapter's book over a session that the server plays", () => {
  it.each([
    ['0ms', 600, 590, 1],
    // Busy for longer than a depth that is behind the best prices may stay so.
    ['100ms', 700, 50, 3],
  ] as const)(
    'is what the venue says of itself at every message: every %s',
    async (every, messages, least, everyMs) => {
      const { lines } = makeSession({ messages, seed: 11, trades: true, everyMs });
      const told = await toldOf(bytesOf(lines), every, 7 * SECOND_MS);
      expect(told.notices).toEqual([]);
      expect([told.snapshots, told.mismatches, told.unchecked]).toEqual([1, [], 0]);
      expect(told.diffs).toBeGreaterThanOrEqual(least);
      expect(told.trades).toEqual(told.played);
      expect(told.trades.length).toBeGreaterThan(messages - 10);
    },
  );

  (existsSync(RECORDING) ? it : it.skip)("is the real venue's at every message of its first seconds", async () => {
    const lines = [...sessionLines(readFileSync(RECORDING), RECORDING)].slice(0, 3_000);
    const told = await toldOf(bytesOf(lines), '0ms', 10 * SECOND_MS);
    expect(told.notices).toEqual([]);
    expect([told.snapshots, told.mismatches, told.unchecked]).toEqual([1, [], 0]);
    expect(told.diffs).toBeGreaterThan(100);
  });
});
