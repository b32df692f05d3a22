import { describe, expect, it } from '@jest/globals';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import { ExactVenueTime } from '#src/platform/time/exact-venue-time.js';
import { QuotePriceMap } from '#src/services/market-data/quote-price-map.js';
import { MarketEntryPermit } from '#src/services/risk/market-entry-permit.js';
import { instrument } from '#src/testing/instruments.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { HandFreshness, NoWindows } from '../risk/harness.js';
import { Rig, SYMBOL, T0 } from './rig.js';

function permitted() {
  const freshness = new HandFreshness();
  const prices = new QuotePriceMap();
  const config = new FakeConfigController(testConfig({ risk: { maxMarkStalenessMs: 1_000 } }));
  const permit = new MarketEntryPermit(config, freshness, new ExactVenueTime(), new NoWindows(), prices);
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
