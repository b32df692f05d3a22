import { describe, expect, it } from '@jest/globals';
import { venueOrderId, type OrderRequest } from '#src/domain/order.js';
import { approve } from '#src/domain/risk.js';
import { lots } from '#src/domain/units.js';
import type { SubmitResult } from '#src/ports/venue/submit-result.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrument } from '#src/testing/instruments.js';
import { Rig, settled } from './rig.js';

/** Notes when each order leaves, and answers when its time has come; never, for those that hang. */
class SlowVenue extends FakeBroker {
  readonly left: [string, number][] = [];
  readonly hanging = new Set<string>();
  answerMs = 200;

  override async placeOrder(request: OrderRequest): Promise<SubmitResult> {
    const { clientId, symbol } = request;
    this.left.push([symbol, this.scheduler.clock.now()]);
    if (this.hanging.has(symbol)) return new Promise(() => undefined);
    await this.scheduler.sleep(this.answerMs);
    return { outcome: 'accepted', venueId: venueOrderId(`v-${clientId}`), at: this.scheduler.clock.now() };
  }
}

const SYMBOLS = ['A', 'B', 'C', 'D', 'E'].map((base) => instrument({ symbol: `${base}-PERP`, base }));

function rig(): { rig: Rig; venue: SlowVenue; start: number } {
  const venue = new SlowVenue();
  const made = new Rig({ broker: venue, clock: venue.scheduler.clock, scheduler: venue.scheduler });
  return { rig: made, venue, start: made.clock.now() };
}

/** In small steps: whoever waits for an answer acts on it at once. */
async function run({ scheduler }: Rig, ms: number): Promise<void> {
  await settled();
  for (let at = 0; at < ms; at += 50) {
    await scheduler.advance(50);
    await settled();
  }
}

const timesOf = (venue: SlowVenue, start: number): number[] => venue.left.map(([, at]) => at - start);

describe('lanes', () => {
  it('five orders of five symbols, answered after 200 ms, leave within 5 ms', async () => {
    const { rig: made, venue, start } = rig();
    for (const each of SYMBOLS) made.submit({ instrument: each });
    await settled();
    expect(venue.left.map(([symbol]) => symbol)).toEqual(SYMBOLS.map(({ symbol }) => symbol));
    expect(Math.max(...timesOf(venue, start))).toBeLessThanOrEqual(5);
  });

  it('entries of one symbol leave in order, each when the one before has been answered', async () => {
    const { rig: made, venue, start } = rig();
    const orders = [1, 2, 3].map((size) => made.submit({ lots: lots(size) }));
    await run(made, 1_000);
    expect(timesOf(venue, start)).toEqual([0, 200, 400]);
    expect(orders.map((order) => made.status(order))).toEqual(['open', 'open', 'open']);
  });

  it('what reduces, stops and cancels wait for nobody s answer', async () => {
    const { rig: made, venue, start } = rig();
    made.hold(10);
    venue.hanging.add(made.instrument.symbol);
    made.submit();
    await settled();
    venue.hanging.clear();
    const stop = made.submit({ side: 'sell', reduceOnly: true, type: 'stop_market', stop: 490_000 as never });
    made.submit({ side: 'sell', reduceOnly: true, lots: lots(5) });
    await settled();
    expect(timesOf(venue, start)).toEqual([0, 0, 0]);
    await run(made, 200);
    await made.gateway.cancel(stop.request.clientId);
    expect(venue.cancelled.map(({ clientId }) => clientId)).toEqual([stop.request.clientId]);
  });

  it('one answer that hangs blocks no other symbol', async () => {
    const { rig: made, venue, start } = rig();
    venue.hanging.add('A-PERP');
    for (const each of SYMBOLS) made.submit({ instrument: each });
    made.submit({ instrument: SYMBOLS[0] as never });
    await run(made, 1_000);
    expect(venue.left.map(([symbol]) => symbol)).toEqual(SYMBOLS.map(({ symbol }) => symbol));
    expect(Math.max(...timesOf(venue, start))).toBe(0);
  });

  it('what sleeps until an entry fills leaves after that entry has been answered', async () => {
    const { rig: made, venue, start } = rig();
    const entry = made.submit();
    made.submit({
      side: 'sell',
      reduceOnly: true,
      type: 'stop_market',
      stop: 490_000 as never,
      options: { after: entry.request.clientId },
    });
    await run(made, 1_000);
    expect(timesOf(venue, start)).toEqual([0, 200]);
  });

  it('exposure counts every order from the moment of its approval, before any has left', () => {
    const { rig: made } = rig();
    for (const each of SYMBOLS) made.gateway.submit(approve(made.intent({ instrument: each })), made.clock.now());
    expect(SYMBOLS.map(({ symbol }) => made.openOrders.buying(symbol))).toEqual([10, 10, 10, 10, 10]);
  });
});
