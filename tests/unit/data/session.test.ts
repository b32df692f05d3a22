import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { verifySession, type SessionReport } from '#src/data/session/verify-session.js';
import { makeSession } from '../../support/session.js';

const bytesOf = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(`${lines.join('\n')}\n`);
const verify = (lines: readonly string[]): SessionReport => verifySession(bytesOf(lines), 'session.ndjson');
const isDiff = (line: string): boolean => line.includes('depthUpdate');

describe('a recorded session through the book', () => {
  it.each([1, 2, 3, 4, 5])("gives the venue's best prices and sizes after every diff (seed %i)", (seed) => {
    const { lines, diffs } = makeSession({ seed });
    expect(verify(lines)).toMatchObject({
      symbol: 'BTCUSDT',
      diffs,
      matched: diffs,
      gaps: 0,
      unchecked: 0,
      mismatches: [],
    });
  });

  it('follows the numbering of spot venues, which name no message before', () => {
    const { lines, diffs } = makeSession({ spot: true });
    expect(verify(lines)).toMatchObject({ diffs, matched: diffs, gaps: 0 });
  });

  it('reads frames without a wrapper, and gzipped files', () => {
    const { lines, diffs } = makeSession({ wrapped: false });
    expect(verifySession(gzipSync(bytesOf(lines)), 'session.ndjson.gz')).toMatchObject({
      diffs,
      matched: diffs,
      gaps: 0,
    });
  });

  it.each([false, true])('notices a deleted diff at the very next one (spot: %s)', (spot) => {
    const { lines } = makeSession({ spot });
    const all = lines.flatMap((line, i) => (isDiff(line) ? [i] : []));
    const deleted = all[100] as number;
    const next = (all[101] as number) - 1;
    const report = verify(lines.filter((_, i) => i !== deleted));
    expect(report.gaps).toBe(1);
    expect(report.gapAt[0]?.line).toBe(next + 1);
  });

  it('trusts the book no more after a hole, until the next snapshot', () => {
    const { lines, diffs } = makeSession();
    const all = lines.flatMap((line, i) => (isDiff(line) ? [i] : []));
    const report = verify(lines.filter((_, i) => i !== all[100]));
    expect(report.untrusted).toBe(99);
    expect(report.matched).toBe(diffs - 100);
    expect(report.diffs).toBe(diffs - 1);
  });

  it('counts a diff whose prices are not those that the venue told, and shows it', () => {
    const { lines, diffs } = makeSession();
    const at = lines.findIndex((line, i) => i > 100 && line.includes('bookTicker'));
    const forged = lines.map((line, i) => (i === at ? line.replace(/"B":"[^"]*"/, '"B":"999.999"') : line));
    const report = verify(forged);
    expect(report.matched).toBe(diffs - 1);
    expect(report.mismatches).toHaveLength(1);
    expect(report.mismatches[0]?.told[1]).toBe('999.999');
  });

  it('judges a diff that was recorded after later best prices by those of its own updates', () => {
    const { lines, diffs } = makeSession();
    // Every diff slips behind the best prices of the next three updates.
    const late = lines
      .map((line, i) => ({ line, at: i + (isDiff(line) && i > 20 ? 6.5 : 0) }))
      .sort((a, b) => a.at - b.at);
    expect(verify(late.map(({ line }) => line))).toMatchObject({ diffs, matched: diffs, unchecked: 0 });
  });

  it('judges no diff by best prices of later updates', () => {
    const { lines, diffs } = makeSession();
    expect(verify(lines.filter((line) => !line.includes('bookTicker')))).toMatchObject({
      diffs,
      matched: 0,
      unchecked: diffs,
    });
  });

  it.each([1, 30, 60])('leaves a last line away that is cut after %i characters, and says so', (length) => {
    const { lines, diffs } = makeSession();
    const cut = new TextEncoder().encode(`${lines.join('\n')}\n${(lines[200] as string).slice(0, length)}`);
    expect(verifySession(cut, 'session.ndjson')).toMatchObject({ diffs, matched: diffs, isCut: true });
    expect(verifySession(bytesOf(lines), 'session.ndjson').isCut).toBe(false);
    expect(verifySession(bytesOf(lines).subarray(0, -1), 'session.ndjson').isCut).toBe(false);
  });

  it.each([
    ['no JSON', '1 {nonsense'],
    ['a price that is no decimal', '1 {"lastUpdateId":1,"bids":[["NaN","1"]],"asks":[]}'],
    ['a fraction of an update', '1 {"lastUpdateId":1.5,"bids":[],"asks":[]}'],
  ])('refuses %s with the number of its line', (_what, line) => {
    expect(() => verify([...makeSession().lines.slice(0, 3), line])).toThrow(
      expect.objectContaining({ code: 'DATA-003', where: expect.stringContaining('session.ndjson:4') }),
    );
  });

  it('refuses a file without a snapshot: nothing in it can be verified', () => {
    expect(() => verify(makeSession().lines.filter((line) => !line.includes('lastUpdateId')))).toThrow(
      expect.objectContaining({ code: 'DATA-006' }),
    );
  });
});
