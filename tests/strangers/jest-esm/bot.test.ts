import { afterEach, expect, it } from '@jest/globals';
import { Brokerage, defineStrategy, Portfolio } from 'perpsbot';
import { FakeBroker, swap, testBot, type TestBot } from 'perpsbot/testing';

const dip = defineStrategy({
  name: 'dip',
  setup: () => ({}),
  onBar({ bar, position, long }) {
    if (position.isFlat && bar.close < 100) long({ fraction: '10%', stop: 'none', why: 'a dip' });
  },
});

let made: TestBot | undefined;
afterEach(() => made?.stop());

it('buys the dip at a venue of the test', async () => {
  const venue = new FakeBroker();
  made = testBot({ strategies: [dip], broker: venue });
  await made.open();
  venue.next('placeOrder', { fill: { price: 99 } });
  await made.play('BTC-PERP', [105, 101, 98]);

  expect(venue.lastPlaced.side).toBe('buy');
  expect(made.get(Portfolio).position(venue.lastPlaced.instrument).size.toString()).toBe('10.204');
});

it('takes a broker that is rebound', async () => {
  const broker = new FakeBroker();
  made = await testBot({ overrides: (container) => swap(container, Brokerage, broker) }).open();
  await made.cycle();

  expect(broker.called()).toContain('getQuote');
  expect(made.broker.called()).toEqual([]);
});
