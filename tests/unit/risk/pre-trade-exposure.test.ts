import { describe, expect, it } from '@jest/globals';
import type { MarketSnapshot } from '#src/domain/market.js';
import type { Side } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import { instrument as makeInstrument } from '#src/testing/instruments.js';
import { BTC, d, Desk, ETH, WIDE } from './harness.js';

const SNAPSHOT: MarketSnapshot = {
  symbol: BTC.symbol,
  mid: d(50_000),
  spreadBps: d(1),
  depthL1: d(10_000_000),
  depthL10: d(90_000_000),
  volume1m: d(1e6),
  at: 0,
};

describe('pre-trade risk, exposure', () => {
  it('values an order at the mark, never at an invented price (B-01)', () => {
    const desk = new Desk({ ...WIDE, maxOrderNotional: d(10_000) });
    desk.quote(BTC, 50_100);
    expect(desk.verdict(desk.intent('buy', '0.199'))).toBe('approved');
    expect(desk.reason(desk.intent('buy', '0.2'))).toBe('Order value must be at most 10000, was 10020.');
  });

  it('enforces the largest position (B-02)', () => {
    const desk = new Desk({ ...WIDE, maxPositionSize: d(100) });
    expect(desk.verdict(desk.intent('buy', '0.199'))).toBe('max_position_size');
    expect(desk.verdict(desk.intent('buy', '0.002'))).toBe('approved');
  });

  it.each([
    ['position', (desk: Desk) => desk.hold(BTC, '0.01')],
    ['open orders', (desk: Desk) => desk.rest('buy', '0.01', { limit: 49_900 })],
    [
      'position and open orders',
      (desk: Desk) => (desk.hold(BTC, '0.004'), desk.rest('buy', '0.006', { limit: 49_900 })),
    ],
  ])('counts what is already there: %s (B-52)', (_name, arrange) => {
    const desk = new Desk({ ...WIDE, maxNotionalPerSymbol: { 'BTC-PERP': d(1_000) } });
    arrange(desk);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('approved');
    expect(desk.verdict(desk.intent('buy', '0.011'))).toBe('max_symbol_notional');
  });

  it('counts the worse side: resting sells do not pay for buys', () => {
    const desk = new Desk({ ...WIDE, maxNotionalPerSymbol: { 'BTC-PERP': d(1_000) } });
    desk.rest('sell', '0.02', { limit: 50_200 });
    expect(desk.verdict(desk.intent('buy', '0.02', { type: 'limit', limit: BTC.toTicks(d(49_900), 'nearest') }))).toBe(
      'approved',
    );
    expect(desk.verdict(desk.limit('sell', '0.001', 50_300))).toBe('max_symbol_notional');
  });

  it('does not let many small orders pass a cap that one large order would not (U4)', () => {
    const desk = new Desk({ ...WIDE, maxNotionalPerSymbol: { 'BTC-PERP': d(1_000) } });
    let approved = 0;
    for (let i = 0; i < 50; i += 1) {
      if (desk.verdict(desk.intent('buy', '0.018')) === 'approved') {
        approved += 1;
        desk.rest('buy', '0.018', { limit: 49_900 });
      }
    }
    expect(approved).toBe(1);
  });

  it('bounds the sum over all symbols, open orders of other symbols included', () => {
    const desk = new Desk({ ...WIDE, maxGrossNotional: d(5_000) });
    desk.quote(ETH, 2_000);
    desk.rest('buy', 2, { instrument: ETH, limit: 1_990 });
    expect(desk.verdict(desk.intent('buy', '0.02'))).toBe('approved');
    expect(desk.verdict(desk.intent('buy', '0.021'))).toBe('max_gross_notional');
  });

  it('bounds the leverage of the account, not only that of the symbol', () => {
    const desk = new Desk({ ...WIDE, maxLeverage: d(2) });
    desk.quote(ETH, 2_000);
    desk.hold(ETH, 5);
    expect(desk.reason(desk.intent('buy', '0.21'))).toBe('Leverage of the account must be at most 2x, was 2.05x.');
  });

  it('refuses to add while another symbol has exposure and no mark', () => {
    const desk = new Desk(WIDE);
    desk.hold(ETH, 1);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('unpriced_exposure');
  });

  it.each([0, -1])('adds nothing on an equity of %p', (equity) => {
    const desk = new Desk(WIDE);
    desk.setEquity(equity);
    expect(desk.verdict(desk.intent('buy', '0.001'))).toBe('leverage');
  });

  it('covers margin of every symbol, fee and slippage from equity', () => {
    const desk = new Desk({ ...WIDE, maxLeverage: d(1), slippageGuardBps: d(50) });
    desk.quote(ETH, 2_000);
    desk.hold(ETH, 2);
    expect(desk.verdict(desk.intent('buy', '0.119'))).toBe('approved');
    expect(desk.verdict(desk.intent('buy', '0.12'))).toBe('free_margin');
  });

  it('does not sell spot that is not held, and does not lever it', () => {
    const spot = makeInstrument({ kind: 'spot' });
    const desk = new Desk(WIDE);
    expect(desk.verdict(desk.intent('sell', '0.01', { instrument: spot }))).toBe('spot_short');
    expect(desk.verdict(desk.intent('buy', '0.201', { instrument: spot }))).toBe('leverage');
    const off = new Desk(WIDE, { derivatives: false });
    expect(off.verdict(off.intent('sell', '0.01'))).toBe('spot_short');
  });

  it('uses a changed limit from the next order on', () => {
    const desk = new Desk(WIDE);
    desk.change({ maxPositionSize: d(100) });
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('max_position_size');
  });

  it('refuses a size whose value no exact integer can hold, instead of failing', () => {
    const desk = new Desk(WIDE);
    expect(desk.verdict(desk.intent('buy', 1, { lots: lots(9e15) }))).not.toBe('approved');
  });
});

describe('pre-trade risk, resting and triggered orders', () => {
  it('counts what a reduce-only order of another symbol may leave open', () => {
    const desk = new Desk({ ...WIDE, maxGrossNotional: d(5_000) });
    desk.quote(ETH, 2_000);
    desk.hold(ETH, -1);
    desk.rest('buy', 1, { instrument: ETH, reduceOnly: true });
    desk.rest('buy', 2, { instrument: ETH, limit: 1_990 });
    expect(desk.verdict(desk.intent('buy', '0.02'))).toBe('approved');
    expect(desk.verdict(desk.intent('buy', '0.021'))).toBe('max_gross_notional');
  });

  it('counts a reduce-only order whole: it may have filled before the fills that are here, when there was more to reduce (I-06)', () => {
    const desk = new Desk({ ...WIDE, maxNotionalPerSymbol: { 'BTC-PERP': d(1_000) } });
    // Sold 0.02, told to buy them back, and then 0.019 bought by another order whose fill came first.
    desk.hold(BTC, '-0.001');
    desk.rest('buy', '0.02', { reduceOnly: true });
    expect(desk.verdict(desk.intent('buy', '0.001'))).toBe('approved');
    expect(desk.verdict(desk.intent('buy', '0.002'))).toBe('max_symbol_notional');
  });

  it('sells into its own resting buy only where the prices do not meet', () => {
    const desk = new Desk({ ...WIDE, slippageGuardBps: d(50) });
    desk.rest('buy', '0.01', { limit: 49_700 });
    expect(desk.verdict(desk.intent('sell', '0.01'))).toBe('approved');
    desk.rest('buy', '0.01', { limit: 49_750 });
    expect(desk.verdict(desk.intent('sell', '0.01'))).toBe('self_cross');
  });

  it('measures what a stop limit gives away from its trigger', () => {
    const desk = new Desk({ ...WIDE, slippageGuardBps: d(50) });
    const at = (price: number): ReturnType<typeof ticks> => BTC.toTicks(d(price), 'nearest');
    expect(desk.verdict(desk.intent('buy', '0.01', { type: 'stop_limit', stop: at(51_000), limit: at(51_255) }))).toBe(
      'approved',
    );
    expect(
      desk.verdict(desk.intent('buy', '0.01', { type: 'stop_limit', stop: at(51_000), limit: at(51_255.1) })),
    ).toBe('slippage');
  });

  it('holds a close to the largest order of the venue', () => {
    const instrument = makeInstrument({ maxSize: d('0.5') });
    const desk = new Desk(WIDE);
    desk.hold(instrument, 1);
    expect([
      desk.verdict(desk.intent('sell', '0.501', { instrument })),
      desk.verdict(desk.intent('sell', '0.5', { instrument })),
    ]).toEqual(['max_order_size', 'approved']);
  });
});

describe('pre-trade risk, market impact', () => {
  const estimate = (bps: number, liquiditySufficient = true) => ({
    impactBps: d(bps),
    slippageCost: d(1),
    liquiditySufficient,
  });

  it.each([
    ['within the limit', estimate(50), 'approved'],
    ['above the limit', estimate(50.01), 'market_impact_guard'],
    ['not a number', estimate(NaN), 'market_impact_guard'],
    ['too thin a book', estimate(1, false), 'market_impact_guard'],
    ['no book', undefined, 'market_impact_guard'],
    ['a failing estimator', new Error('broken'), 'market_impact_guard'],
  ])('%s (B-07)', (_name, answer, expected) => {
    const desk = new Desk({ ...WIDE, marketImpactGuard: true, maxMarketImpactBps: d(50) });
    desk.estimator.answer = answer;
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe(expected);
    expect(desk.events.payloads('market_impact_guard')[0]).toMatchObject({
      symbol: 'BTC-PERP',
      status: expected === 'approved' ? 'allowed' : 'blocked',
      threshold_bps: '50',
      quantity: '0.01',
      price: '50000',
    });
  });

  it('is not asked while it is off', () => {
    const desk = new Desk(WIDE);
    desk.estimator.answer = new Error('not asked');
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('approved');
  });

  it('does not keep a position open because the book is not known, and never holds an operator back', () => {
    const desk = new Desk({ ...WIDE, marketImpactGuard: true });
    desk.hold(BTC, 1);
    expect(desk.verdict(desk.intent('sell', 1))).toBe('approved');
    desk.estimator.answer = estimate(900);
    expect(desk.verdict(desk.intent('sell', 1))).toBe('market_impact_guard');
    expect(desk.verdict(desk.intent('sell', 1, { urgent: true }))).toBe('approved');
  });
});

describe('pre-trade risk, what would trade at no worse than the mark', () => {
  it.each<[Side, number, string]>([
    ['buy', 50_000, 'approved'],
    ['buy', 50_000.1, 'market_impact_guard'],
    ['buy', 48_500, 'approved'],
    ['sell', 50_000, 'approved'],
    ['sell', 49_999.9, 'market_impact_guard'],
    ['sell', 51_500, 'approved'],
  ])('is not asked what it does to a book that is not known: a %s at %d', (side, price, expected) => {
    const desk = new Desk({ ...WIDE, marketImpactGuard: true });
    expect(desk.verdict(desk.limit(side, '0.01', price))).toBe(expected);
  });

  it.each<[Side, number, string]>([
    ['buy', 50_000, 'approved'],
    ['buy', 50_001, 'slippage_guard'],
    ['sell', 50_000, 'approved'],
    ['sell', 49_999, 'slippage_guard'],
  ])('nor what it would lose to a wide spread: a %s at %d', (side, price, expected) => {
    const desk = new Desk({ ...WIDE, slippageGuardBps: d(50) });
    const wide = { ...SNAPSHOT, spreadBps: d(80) };
    expect(desk.verdict(desk.limit(side, '0.01', price, { snapshot: wide }))).toBe(expected);
  });

  it('has the least value at its trigger, as the venue counts it', () => {
    const desk = new Desk(WIDE);
    const dear = makeInstrument({ minNotional: d(45) });
    const waits = (price: number): string => {
      const stop = dear.toTicks(d(price), 'nearest');
      return desk.verdict(desk.intent('sell', '0.001', { instrument: dear, type: 'stop_market', stop }));
    };
    expect([waits(45_000), waits(44_999)]).toEqual(['approved', 'min_notional']);
  });
});

describe('pre-trade risk, terms of few orders', () => {
  it.each<[string, Partial<OrderIntent>, string]>([
    ['a trailing stop', { type: 'trailing_stop', options: { trailBps: 50 } }, 'approved'],
    ['one that trails further than the band', { type: 'trailing_stop', options: { trailBps: 1_001 } }, 'passive_band'],
    ['one of half a basis point', { type: 'trailing_stop', options: { trailBps: 0.5 } }, 'order_terms'],
    ['one without a distance', { type: 'trailing_stop' }, 'order_terms'],
    ['a stop that trails', { type: 'stop_market', stop: ticks(510_000), options: { trailBps: 50 } }, 'order_terms'],
    [
      'a close with a size',
      { type: 'stop_market', stop: ticks(510_000), options: { closePosition: true } },
      'order_terms',
    ],
    [
      'a close at a limit',
      { type: 'limit', limit: ticks(500_000), lots: lots(0), options: { closePosition: true } },
      'order_terms',
    ],
  ])('knows the terms of %s', (_name, terms, expected) => {
    const desk = new Desk({ ...WIDE, passiveBand: d('0.1') });
    desk.hold(BTC, -1);
    expect(desk.verdict(desk.intent('buy', '2', terms))).toBe(expected);
  });
});

describe('pre-trade risk, records', () => {
  it('records refusals of one kind once a minute, with the number left out', () => {
    const desk = new Desk({ ...WIDE, maxOrderNotional: d(100) });
    for (let i = 0; i < 5; i += 1) desk.verdict(desk.intent('buy', '0.01'));
    expect(desk.events.payloads('risk_rejected')).toEqual([
      {
        symbol: 'BTC-PERP',
        side: 'buy',
        check: 'max_order_notional',
        reason: 'Order value must be at most 100, was 500.',
        quantity: '0.01',
      },
    ]);
    desk.clock.advance(60_000);
    desk.quote(BTC, 50_000);
    desk.verdict(desk.intent('buy', '0.01'));
    expect(desk.events.payloads('risk_rejected')[1]).toMatchObject({ suppressed: 4 });
  });

  it('records nothing for an approval', () => {
    const desk = new Desk(WIDE);
    desk.verdict(desk.intent('buy', '0.01'));
    expect(desk.events.events).toEqual([]);
  });

  it('gives the refusal its check, its reason and the intent as it was', () => {
    const desk = new Desk({ ...WIDE, maxOrderNotional: d(100) });
    const intent = desk.intent('buy', '0.01');
    expect(desk.risk.approve(intent, desk.now)).toEqual({
      approved: false,
      value: intent,
      check: 'max_order_notional',
      reason: 'Order value must be at most 100, was 500.',
    });
  });
});

describe('pre-trade risk, daily loss', () => {
  it('refuses increasing orders once the loss of the day passes the limit, and lets positions be reduced (B-03)', () => {
    const desk = new Desk({ ...WIDE, dailyLossLimit: d(100) });
    desk.hold(BTC, 1);
    desk.setEquity(9_900);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('approved');
    desk.setEquity('9899.99');
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('daily_loss');
    expect(desk.verdict(desk.intent('sell', '0.01'))).toBe('approved');
    expect(desk.ladder.state).toBe('NORMAL');
  });

  it('refuses increasing orders while the equity of the day start is not known', () => {
    const desk = new Desk({ ...WIDE, dailyLossLimit: d(100) });
    desk.portfolio.dayStartEquity = undefined;
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('daily_loss');
  });
});
