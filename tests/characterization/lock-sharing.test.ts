import { afterEach, describe, expect, it } from '@jest/globals';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { MarkLock } from '#src/ports/runtime-state/mark-lock.js';
import { Streaming } from '#src/ports/streaming/streaming.js';
import { WindowStore } from '#src/ports/runtime-state/window-store.js';
import { instrument, type InstrumentedLock } from './instrumented-lock.js';
import { openRig, rig, type Rig } from './rig.js';

const BTC = 'BTC-PERP';

let made: Rig;
afterEach(() => made.bot.stop());

describe('Lock sharing', () => {
  it('Unit tests verify lock usage via instrumentation: nobody changes the windows without it', async () => {
    made = rig({ overrides: instrument });
    const lock = made.get(MarkLock) as InstrumentedLock;
    const changes: Record<string, () => unknown> = {
      'making a window': () => made.bot.open(),
      'a polled mark': () => made.bot.updateMarks(),
      'a streamed mark': () => made.stream().push(made.book(BTC, 101)),
      'dropping a window': () => made.get(MarketData).setSymbols([]),
    };
    made.quote(BTC, 100);
    const unlocked: string[] = [];
    for (const [name, change] of Object.entries(changes)) {
      const entries = lock.entries();
      await change();
      if (entries() === 0) unlocked.push(name);
    }
    expect(unlocked).toEqual([]);
    expect([...made.bot.markWindows]).toEqual([]);
  });

  it('Characterization tests verify lock sharing: bot._mark_lock is bot._streaming_service.market_data_service._mark_lock', () => {
    made = rig();
    const { marketData } = made.get(Streaming);
    expect(marketData.markLock).toBe(made.get(MarkLock));
    expect(marketData.windows).toBe(made.get(WindowStore));
    expect(marketData).toBe(made.get(MarketData));
  });

  it("Concurrent update_marks + streaming don't race: nothing lost, nothing twice, never beyond the window", async () => {
    made = await openRig();
    const sent: number[] = [];
    const stream = async (price: number): Promise<void> => {
      await Promise.resolve();
      sent.push(price);
      // The venue's clock runs ahead of ours, so what it streams looks newer than what it answers.
      made.stream().push(made.book(BTC, price, price, made.clock.now() + 250));
    };
    const poll = async (price: number): Promise<void> => {
      sent.push(price);
      made.quote(BTC, price);
      await made.bot.updateMarks();
    };
    for (let round = 1; round <= 10; round += 1) {
      made.clock.advance(100);
      await Promise.all([poll(10 * round), stream(10 * round + 1), poll(10 * round + 2), stream(10 * round + 3)]);
    }
    const window = made.bot.markWindows.get(BTC);
    const marks = made.marks(BTC);
    expect(window?.count).toBe(sent.length);
    expect(marks).toHaveLength(window?.capacity as number);
    expect(new Set(marks).size).toBe(marks.length);
    expect(made.get(MarkLock).depth).toBe(0);
  });
});
