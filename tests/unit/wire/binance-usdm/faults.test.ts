import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { TransportError } from '#src/ports/transport/transport-error.js';
import { WIRE_FAULTS, type WireFault } from '#src/ports/venue/serving/wire-faults.js';
import { Reader } from './reader.js';
import { level, NOW, Scene } from './scene.js';

const PING = '/fapi/v1/ping';
const random = (seed: number): ReturnType<SeededRandom['stream']> => new SeededRandom().stream('faults', seed);

/** A fault at every answer and message, or at some. */
async function faulty(faults: readonly WireFault[], chance = 1, seed = 1): Promise<Scene> {
  const scene = await new Scene().serve({ faults, chance, random: random(seed) });
  scene.btc.show([level('100', '1')], [level('100.3', '1')], NOW);
  return scene;
}

/** Books, one after the other, each of one update. */
function move(scene: Scene, times: number): void {
  for (let i = 0; i < times; i += 1) scene.btc.update([level('99', String(i + 2))], [], NOW);
}

const updates = (messages: readonly unknown[], from: number): number[] =>
  (messages as { u: number }[]).map(({ u }) => u - from);

describe('faults of answers', () => {
  it.each([
    ['server-error', 503, -1000, undefined],
    ['rate-limited', 429, -1003, '5'],
    ['banned', 418, -1003, '120'],
  ] as const)('%s', async (fault, status, code, retryAfter) => {
    const scene = await faulty([fault]);
    expect(await scene.refusal(PING)).toEqual([status, code]);
    const { headers } = await scene.ask(PING);
    expect(headers.get('retry-after')).toBe(retryAfter);
  });

  it('html comes with a status of success', async () => {
    const { status, body } = await (await faulty(['html'])).ask(PING);
    expect([status, body.startsWith('<html>')]).toEqual([200, true]);
  });

  it.each([
    ['reset', 0, 'its connection ended'],
    ['truncated', 0, 'its answer ended early'],
    ['no-answer', 1_000, 'no answer within 1000 ms'],
    ['late-answer', 1_000, 'no answer within 1000 ms'],
  ] as const)('%s is no answer, and what became of the request is not known', async (fault, afterMs, message) => {
    const scene = await faulty([fault]);
    const asked = scene.ask(PING);
    const failed = asked.catch((error: unknown) => error);
    await scene.scheduler.advance(afterMs);
    const error = await failed;
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ reached: 'maybe' });
    expect(String(error)).toContain(message);
  });

  it('stale-snapshot answers with the book of before', async () => {
    const scene = await faulty(['stale-snapshot']);
    const id = async (): Promise<number> =>
      ((await scene.get('/fapi/v1/depth?symbol=BTCUSDT')) as { lastUpdateId: number }).lastUpdateId;
    const first = await id();
    move(scene, 3);
    expect([await id(), await id()]).toEqual([first, first + 3]);
  });
});

describe('faults of streams', () => {
  const open = (scene: Scene, names = 'btcusdt@depth@0ms'): Promise<Reader> => Reader.open(scene, `/ws/${names}`);

  it.each([
    ['drop', []],
    ['sequence-gap', []],
    ['duplicate', [1, 1, 2, 2, 3, 3, 4, 4]],
    ['reorder', [2, 1, 4, 3]],
  ] as const)('%s', async (fault, expected) => {
    const scene = await faulty([fault]);
    const reader = await open(scene);
    const from = scene.btc.updateId;
    move(scene, 4);
    expect(updates(await reader.heard(), from)).toEqual(expected);
  });

  it('sequence-gap leaves other streams alone, and each diff still names the one before', async () => {
    const scene = await faulty(['sequence-gap'], 0.3);
    const reader = await open(scene);
    const best = await open(scene, 'btcusdt@bookTicker');
    const from = scene.btc.updateId;
    for (let i = 0; i < 50; i += 1) scene.btc.update([level('100', String(i + 2))], [], NOW);
    const heard = (await reader.heard()) as { u: number; pu: number }[];
    expect(heard.length).toBeLessThan(50);
    expect(heard.every(({ u, pu }) => u - pu === 1 && u > from)).toBe(true);
    expect(await best.heard()).toHaveLength(50);
  });

  it('delay keeps the order', async () => {
    const scene = await faulty(['delay']);
    const reader = await open(scene);
    const from = scene.btc.updateId;
    move(scene, 3);
    await scene.scheduler.advance(1_999);
    expect(await reader.heard()).toEqual([]);
    await scene.scheduler.advance(1);
    expect(updates(await reader.heard(), from)).toEqual([1, 2, 3]);
  });

  it('crossed-book bids what is asked', async () => {
    const scene = await faulty(['crossed-book']);
    const reader = await open(scene);
    scene.btc.update([], [level('100.2', '3')], NOW);
    expect(await reader.heard()).toMatchObject([{ b: [['100.2', '3.000']], a: [['100.2', '3.000']] }]);
  });

  it('silent-channel takes one stream away, and no other', async () => {
    const scene = await faulty(['silent-channel'], 0.1);
    const reader = await Reader.open(scene, '/stream?streams=btcusdt@depth@0ms/btcusdt@depth5@0ms');
    let last = '';
    for (let i = 0; i < 40; i += 1) {
      move(scene, 1);
      const streams = ((await reader.heard()) as { stream: string }[]).map(({ stream }) => stream);
      last ||= streams.length === 1 ? String(streams[0]) : '';
    }
    expect(last).toMatch(/^btcusdt@depth/);
    expect(await reader.ask({ method: 'LIST_SUBSCRIPTIONS', id: 1 })).toHaveLength(1);
    expect(reader.end).toBeUndefined();
  });

  it('half-open says and answers nothing any more, and ends nothing', async () => {
    const scene = await faulty(['half-open']);
    const reader = await open(scene);
    move(scene, 2);
    expect(await reader.ask({ method: 'LIST_SUBSCRIPTIONS', id: 1 })).toEqual([]);
    expect(reader.end).toBeUndefined();
  });

  it('disconnect ends without a word, and the next socket begins anew', async () => {
    const scene = await faulty(['disconnect']);
    const reader = await open(scene);
    move(scene, 2);
    expect([await reader.heard(), reader.end, scene.btc.listeners.size]).toEqual([[], '1006', 0]);
    expect((await open(scene)).end).toBeUndefined();
  });

  it('slow-reader answers late', async () => {
    const scene = await faulty(['slow-reader']);
    const reader = await open(scene);
    move(scene, 1);
    await reader.heard();
    expect(await reader.ask({ method: 'LIST_SUBSCRIPTIONS', id: 1 })).toEqual([]);
    await scene.scheduler.advance(5_000);
    expect(await reader.heard()).toHaveLength(1);
  });
});

describe('a swarm of faults', () => {
  const run = async (seed: number): Promise<unknown> => {
    const scene = await faulty(WIRE_FAULTS, 0.02, seed);
    const seen: unknown[] = [];
    let reader = await Reader.open(scene, '/ws/btcusdt@depth@0ms');
    for (let i = 0; i < 60; i += 1) {
      move(scene, 3);
      await scene.scheduler.advance(100);
      seen.push(updates(await reader.heard(), 0), reader.end);
      if (reader.end !== undefined) reader = await Reader.open(scene, '/ws/btcusdt@depth@0ms');
      const asked = scene.ask(PING).then(
        ({ status }) => status,
        () => 'lost',
      );
      await scene.scheduler.advance(1_000);
      seen.push(await asked);
    }
    return seen;
  };

  it('is the same for the same seed, and another for another', async () => {
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });
});
