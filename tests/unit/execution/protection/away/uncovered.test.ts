import type { OrderRequest } from '#src/domain/order.js';
import type { SubmitResult } from '#src/ports/venue/submit-result.js';
import { MarkFreshness } from '#src/ports/runtime-state/mark-freshness.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { GuardedBot, SYMBOL } from '../guarded-bot.js';

/** Takes everything but stops. */
class WithoutStops extends FakeBroker {
  override placeOrder(request: OrderRequest): Promise<SubmitResult> {
    if (request.stop === undefined) return super.placeOrder(request);
    return Promise.resolve({ outcome: 'rejected', reason: 'other', message: '', at: this.scheduler.clock.now() });
  }
}

const STALE_MS = 30_000;

async function uncovered(broker = new WithoutStops(), execution: object = {}): Promise<GuardedBot> {
  const config = { execution, risk: { maxMarkStaleness: `${STALE_MS}ms` } };
  const bot = new GuardedBot({ broker, config });
  await bot.open();
  return bot.enter();
}

describe('a position whose stop the venue does not hold', () => {
  let bot: GuardedBot;
  afterEach(() => bot.made.stop());

  it('is closed at market once its marks are stale too', async () => {
    bot = await uncovered();
    await bot.made.advance(STALE_MS);
    expect(bot.exits).toEqual([]);
    await bot.made.advance(1);
    expect(bot.exits.map(({ lots }) => lots)).toEqual([10]);
  });

  it('is kept as long as somebody sees the price', async () => {
    bot = await uncovered();
    for (let i = 0; i < 5; i += 1) {
      await bot.made.advance(STALE_MS - 1);
      bot.made.get(MarkFreshness).touch(SYMBOL, bot.made.clock.now());
    }
    expect(bot.exits).toEqual([]);
  });

  it('is given so long to be covered, however stale its marks are', async () => {
    bot = await uncovered(new WithoutStops(), { maxUncovered: '50s' });
    await bot.made.advance(49_999);
    expect(bot.exits).toEqual([]);
    await bot.made.advance(1);
    expect(bot.exits.map(({ lots }) => lots)).toEqual([10]);
  });

  it('is none where the stop stands', async () => {
    bot = await uncovered(new FakeBroker());
    await bot.made.advance(600_000);
    expect(bot.exits).toEqual([]);
  });
});
