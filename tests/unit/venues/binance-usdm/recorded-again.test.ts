import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { RecordedSession } from '#src/data/session/recorded-session.js';
import { SessionRecorder } from '#src/data/session/session-recorder.js';
import { verifySession } from '#src/data/session/verify-session.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { WIRE_FAULTS } from '#src/ports/venue/serving/wire-faults.js';
import { SessionPlayer } from '#src/wire/binance-usdm/market/session-player.js';
import { makeSession } from '../../../support/session.js';
import { UsdmScene } from './usdm-scene.js';

const FILE = 'record.ndjson';

/** What the adapter heard of a session, recorded. */
async function recordOf(scene: UsdmScene, bytes: Uint8Array, ms: number): Promise<Uint8Array> {
  const { clock, scheduler, abort } = scene;
  let text = '';
  const file = {
    path: FILE,
    append: (more: string) => Promise.resolve(void (text += more)),
    close: () => Promise.resolve(),
  };
  const recorder = new SessionRecorder(file, { symbol: 'BTCUSDT', now: () => clock.now(), ended: () => undefined });
  scene.heardRaw = recorder.heard;
  scene.btc.funding(new Decimal('0.0001'), clock.now() + 3_600_000);
  const player = new SessionPlayer(scene.btc, new RecordedSession(bytes, FILE).events(), clock, scheduler);
  player.start();
  await scene.within(Promise.all([scene.book(2), scene.trades()]), 60_000, 1);
  await scheduler.advance(ms);
  player.stop();
  abort.abort();
  await recorder.close();
  return new TextEncoder().encode(text);
}

const marks = (scene: UsdmScene): string[] =>
  [...new Set(scene.heard('mark').map(({ at, mark }) => `${at} ${String(mark?.toString())}`))].map(
    (each) => each.split(' ')[1] as string,
  );
const trades = (scene: UsdmScene): string[] =>
  scene.heard('trade').map(({ price, size }) => `${price.toString()} ${size.toString()}`);

describe('a record of what the adapter heard', () => {
  it('is whole, and tells whoever plays it again the same trades, marks and book', async () => {
    const { lines } = makeSession({ messages: 500, seed: 3, trades: true, everyMs: 3 });
    const first = await new UsdmScene().serve();
    const record = await recordOf(first, new TextEncoder().encode(lines.join('\n')), 4_300);
    const report = verifySession(record, FILE);
    expect(report).toMatchObject({ gaps: 0, untrusted: 0, unread: 0, mismatches: [], endedEarly: null });
    expect([report.diffs > 20, report.matched + report.unchecked]).toEqual([true, report.diffs]);

    const again = await new UsdmScene().serve();
    await recordOf(again, record, 4_500);
    expect(trades(again)).toEqual(trades(first));
    expect(trades(first).length).toBeGreaterThan(450);
    expect(again.bestOf('BTCUSDT')).toBe(first.bestOf('BTCUSDT'));
    // Before its first mark a session is valued by the middle of its book, and its last one may be told no more.
    expect(marks(again).join(' ')).toContain(marks(first).slice(0, -1).join(' '));
    expect(marks(first).length).toBeGreaterThan(2);
  });

  it('of a market on a bad way can be read whatever came', async () => {
    const { lines } = makeSession({ messages: 300, everyMs: 3, seed: 4, trades: true });
    const scene = await new UsdmScene().serve({
      faults: WIRE_FAULTS.filter((name) =>
        ['drop', 'duplicate', 'reorder', 'sequence-gap', 'crossed-book'].includes(name),
      ),
      chance: 0.02,
      random: new SeededRandom().stream('wire', 4),
    });
    const report = verifySession(await recordOf(scene, new TextEncoder().encode(lines.join('\n')), 2_500), FILE);
    expect(report.diffs).toBeGreaterThan(10);
  });
});
