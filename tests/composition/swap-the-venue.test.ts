import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MarketData, WindowStore } from 'perpsbot';
import { FakeBroker, testBot, type TestBot } from 'perpsbot/testing';

let made: TestBot;
afterEach(() => made.stop());

// #region swap
class HaltedVenue extends FakeBroker {
  override getQuote(): Promise<never> {
    return Promise.reject(new Error('market halted'));
  }
}

describe('a halted market', () => {
  it('is logged, and no mark is made up', async () => {
    made = await testBot({ broker: new HaltedVenue() }).open();
    await made.cycle();

    expect(made.bot.markWindows.get('BTC-PERP')?.last).toBeUndefined();
    expect(made.logger.lines).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ error: expect.stringContaining('market halted') }) }),
    );
  });
});
// #endregion

describe('a test bot', () => {
  it('is the production wiring on a venue, a clock and timers that the test holds in its hand', async () => {
    made = await testBot().open();
    await made.cycle({ 'BTC-PERP': 50_000 });

    expect(made.get(MarketData).windows.read('BTC-PERP').map(String)).toEqual(['50000']);
  });

  it('keeps the marks that are prices, whatever the venue answers', async () => {
    // #region property
    const answers = fc.array(fc.integer({ min: -3, max: 5 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(answers, async (prices) => {
        made = await testBot().open();
        await made.play('BTC-PERP', prices);
        expect(made.get(WindowStore).read('BTC-PERP').map(Number)).toEqual(prices.filter((price) => price > 0));
        await made.stop();
      }),
      { numRuns: 25 },
    );
    // #endregion
  });
});
