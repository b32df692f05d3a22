import assert from 'node:assert/strict';
import {
  defineStrategy,
  Decimal,
  OrderEntry,
  OrderLog,
  Portfolio,
  type OrderRequest,
  type SubmitResult,
} from 'perpsbot';
import { FakeBroker, swap, testBot } from 'perpsbot/testing';

/** Buys a tenth of the equity when the price falls below 100. */
export const dip = defineStrategy({
  name: 'dip',
  setup: () => ({}),
  onBar({ bar, position, long, flat }) {
    if (position.isFlat && bar.close < 100) long({ fraction: '10%', stop: 'none', why: 'a dip' });
    if (position.isLong && bar.close > 110) flat('back up');
  },
});

export async function buysTheDip(): Promise<void> {
  // #region cycles
  const made = testBot({ strategies: [dip] }); // a bot in memory: fake venue, clock and timers in your hand
  await made.open();
  made.broker.next('placeOrder', { fill: { price: 99 } }); // what becomes of the next order
  await made.play('BTC-PERP', [105, 101, 98]); // a cycle each
  assert.equal(made.broker.lastPlaced.side, 'buy');
  assert.equal(made.get(Portfolio).position(made.broker.lastPlaced.instrument).size.toString(), '10.204');
  made.broker.assertDone(); // nothing that was scripted is left over
  await made.stop();
  // #endregion
}

export function everyAnswer(): void {
  const { broker } = testBot();
  // #region answers
  broker.next('placeOrder', { fill: 'all' }); // executes wholly, at its own price or the last one
  broker.next('placeOrder', { fill: { size: 1, price: 99 }, rest: 'expired' }); // in part; the rest ends
  broker.next('placeOrder', { fill: [{ size: 1 }, { afterMs: 500 }], delayMs: 200 }); // twice; the answer takes its time
  broker.next('placeOrder', { refuse: 'insufficient_margin', message: 'no funds' });
  broker.next('placeOrder', { throws: new Error('socket hang up') }); // it never arrived, and the bot does not know
  broker.next('placeOrder', { lost: 'answer', fill: 'all' }); // it arrived, and the bot does not know
  broker.next('placeOrder', { silent: true }); // no answer ever: the bot's own timeout decides
  broker.always('getQuote', { throws: new Error('503') }); // until broker.heal('getQuote')
  broker.next('listBalances', { value: [], delayMs: 300 });
  // #endregion
  assert.throws(() => broker.assertDone(), /7 of placeOrder, 1 of listBalances/);
}

export async function refusedOrder(): Promise<void> {
  const made = testBot({ strategies: [dip] });
  const { broker } = made;
  await made.open();
  // #region refused
  broker.always('placeOrder', { refuse: 'insufficient_margin', message: 'no funds' });
  await made.play('BTC-PERP', [98]);
  const { clientId } = broker.lastPlaced; // refused ones are among those that were placed
  assert.equal(made.get(OrderLog).find(clientId)?.status, 'rejected');
  assert.equal(made.get(OrderLog).find(clientId)?.reason, 'insufficient_margin: no funds');
  assert.ok([...made.bot.portfolio.positions()].every(({ isFlat }) => isFlat));
  // #endregion
  await made.stop();
}

export async function accountNews(): Promise<void> {
  const made = testBot({ strategies: [dip] });
  const { broker } = made;
  await made.open();
  await made.play('BTC-PERP', [98]);
  // #region news
  const order = broker.lastPlaced;
  broker.fill(order, { size: 4, price: 97.5, liquidity: 'maker' }); // the account stream tells the bot
  broker.end(order, 'cancelled', 'self trade'); // the venue ends what is left
  broker.push({ kind: 'gap', message: 'events were lost', at: made.clock.now() }); // any event at all
  await made.advance(60_000); // moves the time, and fires what becomes due
  // #endregion
  assert.equal(made.get(Portfolio).position(order.instrument).size.toString(), '4');
  await made.stop();
}

export async function oneRole(): Promise<void> {
  // #region role
  class ShyVenue extends FakeBroker {
    override placeOrder(request: OrderRequest): Promise<SubmitResult> {
      assert.ok(request.size.lt(new Decimal(100)), 'too large for this venue');
      return super.placeOrder(request);
    }
  }
  const shy = new ShyVenue();
  const made = testBot({ strategies: [dip], overrides: (container) => swap(container, OrderEntry, shy) });
  await made.open();
  await made.play('BTC-PERP', [98]);
  assert.deepEqual(shy.called(), ['placeOrder']); // the role that was swapped
  assert.ok(!made.broker.called().includes('placeOrder')); // the venue plays the others
  await made.stop();
  // #endregion
}
