import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { level, NOW } from '../../wire/binance-usdm/scene.js';
import { UsdmScene } from './usdm-scene.js';

type Way = 'arrives' | 'is lost' | 'comes twice' | 'comes late';
interface Change {
  readonly side: 'bid' | 'ask';
  readonly away: number;
  readonly size: number;
  readonly way: Way;
}

const change = fc.record<Change>({
  side: fc.constantFrom('bid', 'ask'),
  away: fc.integer({ min: 0, max: 5 }),
  size: fc.integer({ min: 0, max: 3 }),
  way: fc.constantFrom<Way>('arrives', 'arrives', 'arrives', 'is lost', 'comes twice', 'comes late'),
});

describe('a book out of snapshots and changes', () => {
  it('is the one of the venue once all has come, and never told on over a hole, whatever happens on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 25 }), async (changes) => {
        const scene = await new UsdmScene().serve();
        scene.btc.show([level('100', '2')], [level('101', '2')], NOW);
        const subscription = await scene.book(2);
        const late: string[] = [];
        for (const { side, away, size, way } of changes) {
          scene.way = (text) => {
            if (!text.includes('"depthUpdate"') || way === 'arrives') return [...late.splice(0), text];
            if (way === 'comes late') late.push(text);
            return way === 'comes twice' ? [text, text] : [];
          };
          const price = (side === 'bid' ? 100 - away / 10 : 101 + away / 10).toFixed(1);
          const levels = [level(price, String(size))];
          scene.btc.update(side === 'bid' ? levels : [], side === 'ask' ? levels : [], scene.clock.now());
          await scene.scheduler.advance(100);
        }
        scene.way = (text) => [...late.splice(0), text];
        scene.btc.update([level('100', '9')], [level('101', '9')], scene.clock.now());
        await scene.scheduler.advance(30_000);
        const [bid, ask] = [scene.btc.levels('buy', 1)[0], scene.btc.levels('sell', 1)[0]];
        expect(scene.gaps).toBe(0);
        expect(scene.bestOf('BTCUSDT')?.split(' ').map(Number)).toEqual([...(bid ?? []), ...(ask ?? [])].map(Number));
        subscription.close();
      }),
      { numRuns: 60 },
    );
  });
});
