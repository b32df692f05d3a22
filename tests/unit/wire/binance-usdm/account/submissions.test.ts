import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { SimulatedVenue } from '#src/venues/simulated/brokerage/venue.js';
import { level, NOW, Scene } from '../scene.js';
import { Trader } from './trader.js';

let scene: Scene;
let trader: Trader;
let venue: SimulatedVenue;
beforeEach(async () => {
  scene = await new Scene().serve();
  scene.btc.show([level('100', '2')], [level('100.2', '5')], NOW);
  scene.btc.value(new Decimal('100.1'), new Decimal('100.1'), NOW);
  trader = await new Trader(scene).listen();
  venue = scene.server?.accounts.all()[0]?.account.venue as SimulatedVenue;
});

/** What the exchange does with the next order alone. */
function next(submit: SimulatedVenue['submit']): void {
  const own = venue.submit.bind(venue);
  venue.submit = (request) => {
    venue.submit = own;
    return submit(request);
  };
}

const cutShort = (): never => {
  throw new Error('cut short');
};

describe.each<[string, () => Promise<unknown>]>([
  ['a plain order', () => trader.limit('BUY', '1', '99')],
  ['a conditional order', () => trader.stop('SELL', '90', { quantity: '1' })],
])('%s', (_what, place) => {
  it('that the exchange breaks down over was none, and what happens next is told at once', async () => {
    next(cutShort);
    await expect(place()).rejects.toThrow();
    expect(await trader.heard()).toEqual([]);
    await trader.limit('BUY', '1', '99.5');
    expect(await trader.heard()).toEqual(['NEW NEW 0.000 BOTH']);
    expect(await trader.list('/fapi/v1/openOrders')).toHaveLength(1);
    expect(await trader.list('/fapi/v1/openAlgoOrders')).toEqual([]);
  });

  it('that is refused takes nothing of the news of others with it', async () => {
    await trader.limit('SELL', '1', '100.5');
    await trader.heard();
    next((request) => {
      const { instrument } = request;
      venue.trade(
        'BTCUSDT',
        instrument.toTicks(new Decimal('100.6'), 'nearest'),
        instrument.toLots(new Decimal(99), 'nearest'),
        scene.clock.now(),
        'buy',
      );
      return { outcome: 'rejected', reason: 'other', message: 'no', at: scene.clock.now() };
    });
    expect(await place()).toMatchObject({ code: -1000 });
    expect((await trader.heard()).at(-1)).toBe('TRADE FILLED 1.000 BOTH');
  });
});
