import { describe, expect, it } from '@jest/globals';
import type { Order } from '#src/domain/order.js';
import { lots, marks, ticks } from '#src/domain/units.js';
import { OrderWatch } from '#src/report/order-watch.js';
import { instrument } from '#src/testing/instruments.js';

const btc = instrument();
const MARK = marks(1_000 * btc.marksPerTick);

/** An order as the log tells it, waiting for a price or not. */
const told = (stop: number | undefined): Order =>
  ({
    request: {
      ...{ clientId: 'a', symbol: btc.symbol, side: 'sell', type: stop === undefined ? 'market' : 'stop_market' },
      ...{ lots: lots(1), stop: stop === undefined ? undefined : ticks(stop), instrument: btc },
    },
    ...{ status: 'open', filled: lots(0), updatedAt: 1, origin: { strategy: 's', reason: 'r', decidedAt: 1 } },
  }) as unknown as Order;

describe('the price that a fill is measured by', () => {
  it.each([
    ['the mark as it was decided', [undefined], 1_000],
    ['of one that waits for a price that price', [940], 940],
    ['as it was amended last', [940, 950], 950],
  ])('is %s', (_what, stops, price) => {
    const watch = new OrderWatch(() => MARK);
    for (const stop of stops) watch.observe(told(stop));
    expect(watch.decisionOf('a')).toMatchObject({ reason: 'r', mark: price * btc.marksPerTick });
  });

  it('is none of an order that nobody decided on', () => {
    const watch = new OrderWatch(() => MARK);
    watch.observe({ ...told(940), origin: undefined } as unknown as Order);
    expect(watch.decisionOf('a')).toBeUndefined();
  });
});
