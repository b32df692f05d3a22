import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { WindowStore } from '#src/ports/runtime-state/window-store.js';
import { FakeBroker } from '../support/fake-broker.js';
import { testBot, type TestBot } from '../support/bot.js';

let made: TestBot;
afterEach(() => made.bot.stop());

// #region swap
class HaltedVenue extends FakeBroker {
  override getQuote(): Promise<never> {
    return Promise.reject(new Error('market halted'));
  }
}

describe('a halted market', () => {
  it('is logged, and no mark is made up', async () => {
    made = testBot({ overrides: (container) => container.rebind(Brokerage).toConstantValue(new HaltedVenue()) });
    await made.bot.open();
    await made.bot.runCycle();

    expect(made.bot.markWindows.get('BTC-PERP')?.last).toBeUndefined();
    expect(made.logger.lines).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ error: expect.stringContaining('market halted') }) }),
    );
  });
});
// #endregion

describe('a test bot', () => {
  it('is the production wiring on a venue, a clock and timers that the test holds in its hand', async () => {
    // #region test-bot
    made = testBot();
    made.broker.quotes.set('BTC-PERP', { symbol: 'BTC-PERP', last: new Decimal('50000'), at: made.clock.now() });
    await made.bot.open();
    await made.bot.runCycle();

    expect(made.get(MarketData).windows.read('BTC-PERP').map(String)).toEqual(['50000']);
    // #endregion
  });

  it('keeps the marks that are prices, whatever the venue answers', async () => {
    // #region property
    const answers = fc.array(fc.integer({ min: -3, max: 5 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(answers, async (prices) => {
        made = testBot();
        await made.bot.open();
        for (const price of prices) {
          made.broker.quotes.set('BTC-PERP', {
            symbol: 'BTC-PERP',
            last: new Decimal(price),
            at: made.clock.advance(5_000),
          });
          await made.bot.updateMarks();
        }
        expect(made.get(WindowStore).read('BTC-PERP').map(Number)).toEqual(prices.filter((price) => price > 0));
        await made.bot.stop();
      }),
      { numRuns: 25 },
    );
    // #endregion
  });
});
