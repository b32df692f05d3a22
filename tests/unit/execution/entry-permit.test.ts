import { describe, expect, it } from '@jest/globals';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import { ExactVenueTime } from '#src/platform/time/exact-venue-time.js';
import { Decimal } from '#src/domain/decimal.js';
import { ticks } from '#src/domain/units.js';
import { ReentrantMarkLock } from '#src/services/market-data/reentrant-mark-lock.js';
import { RingWindowStore } from '#src/services/market-data/ring-window-store.js';
import { QuotePriceMap } from '#src/services/market-data/quote-price-map.js';
import { MarketEntryPermit } from '#src/services/risk/market-entry-permit.js';
import { instrument } from '#src/testing/instruments.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { HandFreshness } from '../risk/harness.js';
import { Rig, SYMBOL, T0 } from './rig.js';

function permitted(last?: number) {
  const freshness = new HandFreshness();
  const prices = new QuotePriceMap();
  const windows = new RingWindowStore(new ReentrantMarkLock());
  windows.ensure(instrument(), 1);
  if (last !== undefined) windows.append(SYMBOL, instrument().toMarks(new Decimal(last)), T0);
  const config = new FakeConfigController(testConfig({ risk: { maxMarkStalenessMs: 1_000 } }));
  const permit = new MarketEntryPermit(config, freshness, new ExactVenueTime(), windows, prices);
  freshness.touch(SYMBOL, T0);
  return { freshness, prices, permit };
}

/** Sends an order, and lets `happens` happen after it was decided on and before its bytes leave. */
async function sendThrough(happens: (rig: Rig, freshness: HandFreshness) => void, terms: Partial<OrderIntent> = {}) {
  const { freshness, permit } = permitted();
  const rig = new Rig({ permit });
  const order = rig.submit(terms);
  happens(rig, freshness);
  await rig.pending.idle();
  return { sent: rig.broker.placed.length, reason: rig.log.find(order.request.clientId)?.reason };
}

describe('an order that is on its way when its price is lost', () => {
  it('is not sent when it can add to a position', async () => {
    const outcome = await sendThrough((_rig, freshness) => freshness.forget(SYMBOL));

    expect(outcome).toEqual({ sent: 0, reason: expect.stringMatching(/^stale_mark: Mark of BTC-PERP is not known/) });
  });

  it('is not sent when its price has aged meanwhile', async () => {
    const outcome = await sendThrough((rig) => rig.clock.advance(1_001));

    expect(outcome).toEqual({ sent: 0, reason: expect.stringMatching(/^stale_mark: Mark of BTC-PERP is 1001 ms old/) });
  });

  it('is sent when it can only reduce', async () => {
    const outcome = await sendThrough((_rig, freshness) => freshness.forget(SYMBOL), { reduceOnly: true });

    expect(outcome).toEqual({ sent: 1, reason: undefined });
  });

  it('is sent while its price is good', async () => {
    expect(await sendThrough(() => undefined)).toEqual({ sent: 1, reason: undefined });
  });
});

describe('a market order (PT-04)', () => {
  const at = ticks(505_000);

  it.each([
    ['leaves as an immediate limit at the collar', {}, at, 'limit'],
    ['leaves as it is where no fresh price is known', {}, undefined, 'market'],
    ['leaves as it is where the venue has no such limit', { timeInForce: ['GTC'] as const }, at, 'market'],
  ] as const)('%s', async (_name, capabilities, worst, type) => {
    const rig = new Rig({ permit: { objection: () => undefined, worstPrice: () => worst } });
    rig.broker.capabilities = { ...rig.broker.capabilities, ...capabilities };
    const order = rig.submit();
    await rig.pending.idle();

    const { clientId, lots, expiresAt } = order.request;
    expect(rig.broker.lastPlaced).toMatchObject({ clientId, lots, expiresAt, type });
    expect([rig.broker.lastPlaced.limit, rig.broker.lastPlaced.timeInForce]).toEqual(
      type === 'limit' ? [worst, 'IOC'] : [undefined, 'GTC'],
    );
    expect(rig.log.find(clientId)?.request.type).toBe('market');
  });

  it.each([
    ['buy', 50_000, 49_900, 503_990, 503_990],
    ['buy', 50_000, 50_100, 505_000, 506_010],
    ['sell', 50_000, 50_100, 495_990, 495_990],
    ['sell', 50_000, 49_900, 495_000, 494_010],
    ['sell', 500_000, 50_000, 4_950_000, 495_000],
    ['sell', 5_000, 50_000, 495_000, 495_000],
  ] as const)(
    'may %s, of %d and the mark %d, at the collar of the nearest where it adds, of the mark where it reduces',
    (side, last, mark, worst, reducing) => {
      const { permit, prices } = permitted(last);
      prices.take(SYMBOL, 'mark', instrument().toMarks(new Decimal(mark)), T0);
      const terms = { instrument: instrument(), side };

      expect(permit.worstPrice({ ...terms, reduceOnly: false }, T0)).toBe(worst);
      expect(permit.worstPrice({ ...terms, reduceOnly: true }, T0)).toBe(reducing);
      expect(permit.worstPrice({ ...terms, reduceOnly: false }, T0 + 1_001)).toBeUndefined();
    },
  );
});

describe('what can add to a position', () => {
  it.each([
    ['a purchase on a spot market', 'spot', 'buy', false, true],
    ['a sale on a spot market', 'spot', 'sell', false, false],
    ['a purchase of a perpetual', 'perpetual', 'buy', false, true],
    ['a sale of a perpetual', 'perpetual', 'sell', false, true],
    ['a reduce-only sale of a perpetual', 'perpetual', 'sell', true, false],
  ] as const)('%s', (_name, kind, side, reduceOnly, held) => {
    const { freshness, permit } = permitted();
    freshness.forget(SYMBOL);

    const objection = permit.objection({ instrument: instrument({ kind }), side, reduceOnly }, T0);

    expect(objection?.check).toBe(held ? 'stale_mark' : undefined);
  });
});
