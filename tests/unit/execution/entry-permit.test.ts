import { describe, expect, it } from '@jest/globals';
import type { RequestKind } from '#src/ports/core-services/request-budget.js';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import { ExactVenueTime } from '#src/platform/time/exact-venue-time.js';
import { Decimal } from '#src/domain/decimal.js';
import { approve } from '#src/domain/risk.js';
import { ticks } from '#src/domain/units.js';
import { UNLIMITED } from '#src/flow/unlimited-requests.js';
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

describe('an order that is on its way when the venue asks to be left alone (NW-15)', () => {
  const spot = { kind: 'spot' as const };

  it.each([
    ['an entry', {}, undefined, /^cool_down: The venue is left alone until 2024-01-02T00:00:06/],
    ['a limit that adds', { type: 'limit', limit: ticks(490_000) }, undefined, /^cool_down/],
    ['a purchase on a spot market', {}, spot, /^cool_down/],
    ['a sale on a spot market', { side: 'sell' }, spot, undefined],
    ['what reduces', { side: 'sell', reduceOnly: true }, undefined, undefined],
    ['a stop', { side: 'sell', reduceOnly: true, type: 'stop_market', stop: ticks(490_000) }, undefined, undefined],
    ['what leaves a reached stop', { side: 'sell', protects: true }, undefined, undefined],
  ] as const)('%s', async (_name, terms, spec, reason) => {
    const { rig, order, checked } = await told({ ...terms }, spec);

    expect(rig.log.find(order.request.clientId)?.reason).toEqual(
      reason === undefined ? undefined : expect.stringMatching(reason),
    );
    expect([rig.broker.placed.length, checked]).toEqual(reason === undefined ? [1, 1] : [0, 0]);
  });

  /** The pause is told after the decision: in a lane, or while the intent is made durable. */
  async function told(terms: Partial<OrderIntent>, spec: { readonly kind: 'spot' } | undefined) {
    const held = { until: Number.NEGATIVE_INFINITY };
    const heldUntil = (now: number, kind?: RequestKind): number | undefined =>
      now < held.until && kind !== 'protection' ? held.until : undefined;
    const budget = { ...UNLIMITED, heldUntil };
    const rig = new Rig({ budget, ...(spec === undefined ? {} : { spec }) });
    if (spec === undefined) rig.hold(10);
    let checked = 0;
    const check = (): Promise<undefined> => {
      checked += 1;
      return Promise.resolve(undefined);
    };
    const order = rig.gateway.submit(approve(rig.intent(terms)), rig.clock.now(), [check]);
    held.until = rig.clock.now() + 6_184;
    await rig.pending.idle();
    return { rig, order, checked };
  }
});

describe('a limit that adds', () => {
  it.each([
    ['buy', 505_000, 505_000, undefined],
    ['buy', 505_001, 505_000, /^price_collar: The collar ends at 50500 as the order leaves, its limit is 50500.1/],
    ['sell', 495_000, 495_000, undefined],
    ['sell', 494_999, 495_000, /^price_collar/],
  ] as const)('%s at %d, once the collar ends at %d', async (side, limit, worst, reason) => {
    const rig = new Rig({ permit: { objection: () => undefined, worstPrice: () => ticks(worst) } });
    const order = rig.submit({ side, type: 'limit', limit: ticks(limit) });
    await rig.pending.idle();

    expect(rig.log.find(order.request.clientId)?.reason).toEqual(
      reason === undefined ? undefined : expect.stringMatching(reason),
    );
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
