import { describe, expect, it } from '@jest/globals';
import type { Side } from '#src/domain/order.js';
import type { PriceKind } from '#src/ports/runtime-state/quote-prices.js';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import { instrument } from '#src/testing/instruments.js';
import { BTC, d, Desk, ETH, WIDE } from './harness.js';

type Told = Partial<Record<PriceKind, number>>;

/** A desk whose mark is 50,000, and what the venue tells beside it. */
function deskOf(told: Told, risk: Partial<RiskSettings> = {}): Desk {
  const desk = new Desk({ ...WIDE, maxMarkStalenessMs: 1_000, ...risk });
  tell(desk, told);
  return desk;
}

function tell(desk: Desk, told: Told, at = desk.now): void {
  for (const [kind, price] of Object.entries(told))
    desk.prices.take(BTC.symbol, kind as PriceKind, BTC.toMarks(d(price)), at);
}

describe('prices that do not agree (DA-03, DA-11)', () => {
  const collar = { priceCollarBps: d(100) };

  it.each<[string, Told, string]>([
    ['a last price ten times the mark', { last: 500_000, mark: 50_000, index: 50_001 }, 'price_band'],
    ['a last price a tenth of the mark', { last: 5_000, mark: 50_000, index: 50_001 }, 'price_band'],
    ['an index 3.1 % off', { mark: 50_000, index: 51_550 }, 'price_band'],
    ['an index 2.9 % off', { mark: 50_000, index: 51_450 }, 'approved'],
    ['a middle 3.1 % off', { mid: 51_550, index: 50_000 }, 'price_band'],
    ['all at one price', { last: 50_000, mid: 50_000, mark: 50_000, index: 50_000 }, 'approved'],
  ])('hold what can add: %s', (_name, told, expected) => {
    const desk = deskOf(told, collar);

    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe(expected);
    expect(desk.verdict(desk.intent('sell', '0.01'))).toBe(expected);
    desk.hold(BTC, 1);
    expect(desk.verdict(desk.intent('sell', '0.01', { reduceOnly: true }))).toBe('approved');
  });

  it('say which they are', () => {
    const desk = deskOf({ last: 500_000, mark: 50_000 }, collar);

    expect(desk.reason(desk.intent('buy', '0.01'))).toBe(
      'Prices of BTC-PERP must agree within 300 bps, were last 500000, mark 50000.',
    );
  });

  it('are those that are fresh: an old one holds nothing and measures nothing', () => {
    const desk = deskOf({});
    tell(desk, { last: 500_000 }, desk.now - 1_001);
    tell(desk, { mark: 50_000 });

    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('approved');
  });

  it('hold their own symbol alone', () => {
    const desk = deskOf({ last: 500_000, mark: 50_000 }, collar);
    desk.quote(ETH, 2_500);

    expect(desk.verdict(desk.intent('buy', '0.01', { instrument: ETH }))).toBe('approved');
  });

  it('stand in order: a crossed quote holds until it is none (NW-13)', () => {
    const desk = deskOf({ mark: 50_000 });
    desk.prices.cross(BTC.symbol, true);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('crossed_quote');

    desk.prices.cross(BTC.symbol, false);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('approved');
  });
});

describe('the collar (PT-04)', () => {
  it.each<[Side, number, Told, string]>([
    ['buy', 50_500, { mark: 50_000, index: 50_000 }, 'approved'],
    ['buy', 50_500, { mark: 49_900 }, 'price_collar'],
    ['buy', 50_500, { index: 49_900 }, 'price_collar'],
    ['buy', 50_500, { last: 49_900 }, 'price_collar'],
    ['buy', 50_399, { mark: 49_900, index: 50_100 }, 'approved'],
    ['sell', 49_500, { mark: 50_000, index: 50_000 }, 'approved'],
    ['sell', 49_500, { mark: 50_100 }, 'price_collar'],
    ['sell', 49_500, { index: 50_100 }, 'price_collar'],
    ['sell', 49_599, { mark: 49_900, index: 50_100 }, 'approved'],
  ])('is around mark and index: a %s at %d', (side, price, told, expected) => {
    const desk = deskOf(told, { priceCollarBps: d(100) });

    expect(desk.verdict(desk.limit(side, '0.01', price))).toBe(expected);
  });

  it.each<[Side, number, number]>([
    ['sell', 40_000, 49_599],
    ['sell', 49_700, 49_700],
    ['sell', 60_000, 60_000],
    ['buy', 60_000, 50_399],
    ['buy', 40_000, 40_000],
  ])('moves what reduces to itself and never keeps it back: a %s at %d leaves at %d', (side, price, sent) => {
    const desk = deskOf({ mark: 49_900, index: 50_100 }, { priceCollarBps: d(100) });
    desk.hold(BTC, side === 'sell' ? 1 : -1);

    const verdict = desk.risk.approve(desk.limit(side, 1, price, { reduceOnly: true }), desk.now);

    expect(verdict.approved).toBe(true);
    expect(BTC.price(verdict.value.limit!).toNumber()).toBe(sent);
  });
});

describe('limits (PT-03, PT-05)', () => {
  it.each<[string, Partial<RiskSettings>, string]>([
    ['an order', { maxOrderNotional: d(505) }, 'max_order_notional'],
    ['a position', { maxPositionSize: d(505) }, 'max_position_size'],
    ['all symbols', { maxGrossNotional: d(505) }, 'max_gross_notional'],
    ['all symbols, net', { maxNetNotional: d(505) }, 'max_net_notional'],
  ])('are measured at the dearest fresh price: %s', (_name, limit, check) => {
    const dear = deskOf({ mark: 50_000, index: 51_000 }, limit);
    const plain = deskOf({ mark: 50_000, index: 50_000 }, limit);

    expect(dear.verdict(dear.intent('buy', '0.01'))).toBe(check);
    expect(plain.verdict(plain.intent('buy', '0.01'))).toBe('approved');
  });
});

describe("the venue's own band", () => {
  const band = instrument({ ...BTC.spec, band: { above: d('0.004'), below: d('0.002') } });

  it.each<[Side, number, string]>([
    ['buy', 50_200, 'approved'],
    ['buy', 50_201, 'price_collar'],
    ['buy', 49_600, 'approved'],
    ['sell', 49_900, 'approved'],
    ['sell', 49_899, 'price_collar'],
    ['sell', 50_400, 'approved'],
  ])('checks what can increase: a %s at %d', (side, price, expected) => {
    const desk = deskOf({ mark: 50_000 }, { priceCollarBps: d(100) });

    expect(desk.verdict(desk.limit(side, '0.01', price, { instrument: band }))).toBe(expected);
  });

  it.each<[Side, number, number]>([
    ['sell', 40_000, 49_900],
    ['buy', 60_000, 50_200],
  ])('clips the collar of what reduces: a %s at %d leaves at %d', (side, price, sent) => {
    const desk = deskOf({ mark: 50_000 }, { priceCollarBps: d(100) });
    desk.hold(BTC, side === 'sell' ? 1 : -1);

    const verdict = desk.risk.approve(desk.limit(side, 1, price, { reduceOnly: true, instrument: band }), desk.now);

    expect(verdict.approved).toBe(true);
    expect(BTC.price(verdict.value.limit!).toNumber()).toBe(sent);
  });

  it.each<[Side, number]>([
    ['sell', 49_600],
    ['buy', 50_396],
  ])('and the collar lies on the grid that the venue takes: a %s', (side, sent) => {
    const coarse = instrument({ ...BTC.spec, orderGrid: { tick: d('4'), step: BTC.spec.step } });
    const desk = deskOf({ mark: 49_900, index: 50_100 }, { priceCollarBps: d(100) });
    desk.hold(BTC, side === 'sell' ? 1 : -1);
    const far = side === 'sell' ? 40_000 : 60_000;

    const verdict = desk.risk.approve(desk.limit(side, 1, far, { reduceOnly: true, instrument: coarse }), desk.now);

    expect(BTC.price(verdict.value.limit!).toNumber()).toBe(sent);
  });
});
