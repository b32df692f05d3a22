import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Decision } from '#src/domain/decision.js';
import { BaselineStrategy } from '#src/services/strategy/built-in/baseline-strategy.js';
import { fill } from '../../support/fills.js';
import { instrument } from '#src/testing/instruments.js';
import { Market, strategySettings } from '../../support/strategy-parts.js';
import type { Json } from '#src/ports/storage/event-store.js';
import type { StrategySettings } from '#src/ports/configuration/settings/strategy-settings.js';

const d = (value: number | string): Decimal => new Decimal(value);
const SPOT = instrument({ symbol: 'BTC-USDT', kind: 'spot' });

function baseline(overrides: Partial<StrategySettings> = {}): BaselineStrategy {
  return new BaselineStrategy(strategySettings(overrides));
}

/** Twenty marks of 100 and one more: the smallest series that can cross. */
const crossed = (last: number | string, of = instrument()): Market => new Market(of).flatAt(100, 20).push(last);
const notional = (decision: Decision, of = instrument()): string | undefined =>
  decision.notional === undefined ? undefined : of.money(decision.notional).toString();

describe('BaselineStrategy signal', () => {
  it('buys when the short mean crosses above the long one: 100 x 20 then 101', () => {
    const decision = baseline().decide(crossed(101).context());
    expect(decision).toMatchObject({ action: 'buy', reason: 'Bullish MA crossover', leverage: 2 });
    expect(notional(decision)).toBe('10000');
  });

  it('buys half as much without a leverage on spot', () => {
    const decision = baseline().decide(crossed(101, SPOT).context());
    expect(decision.action).toBe('buy');
    expect(notional(decision, SPOT)).toBe('5000');
    expect(decision).not.toHaveProperty('leverage');
  });

  it('is neutral below long + 1 values and says how many it needs', () => {
    const market = new Market().flatAt(100, 19).push(101);
    expect(baseline().decide(market.context())).toEqual({ action: 'hold', reason: 'Need 21 marks' });
  });

  it('holds on a bearish cross while shorts are off, and sells 10000 with shorts on', () => {
    expect(baseline().decide(crossed(99).context()).action).toBe('hold');
    const decision = baseline({ enableShorts: true }).decide(crossed(99).context());
    expect(decision).toMatchObject({ action: 'sell', reason: 'Bearish MA crossover' });
    expect(notional(decision)).toBe('10000');
  });

  it('never sells spot short', () => {
    expect(baseline({ enableShorts: true }).decide(crossed(99, SPOT).context()).action).toBe('hold');
  });

  it.each([
    ['14', 'buy'],
    ['30', 'hold'],
  ])('takes a mean difference of 0.15 with an epsilon of %s bps as %s', (epsilon, action) => {
    expect(baseline({ crossEpsilonBps: d(epsilon) }).decide(crossed(101).context()).action).toBe(action);
  });

  it('fires on the crossing value only', () => {
    const market = crossed(101);
    const strategy = baseline();
    expect(strategy.decide(market.context()).action).toBe('buy');
    expect(strategy.decide(market.push(101).context()).action).toBe('hold');
  });

  it('gives the same answer when it is asked twice at one value', () => {
    const market = crossed(101);
    const strategy = baseline();
    expect(strategy.decide(market.context()).action).toBe('buy');
    expect(strategy.decide(market.context()).action).toBe('buy');
  });

  it('keeps symbols apart', () => {
    const eth = new Market(instrument({ symbol: 'ETH-PERP' })).flatAt(100, 20).push(99);
    const btc = crossed(101);
    const strategy = baseline({ enableShorts: true });
    expect([strategy.decide(btc.context()).action, strategy.decide(eth.context()).action]).toEqual(['buy', 'sell']);
    expect(strategy.decide(btc.push(101).context()).action).toBe('hold');
  });

  it('starts anew after a series was emptied, also when one value came since', () => {
    const market = crossed(101);
    const strategy = baseline();
    strategy.decide(market.context());
    market.series.clear();
    expect(strategy.decide(market.push(100).context()).reason).toBe('Need 21 marks');
    expect(strategy.decide(market.flatAt(100, 19).push(101).context()).action).toBe('buy');
  });

  it('refuses marks too large for exact sums', () => {
    const market = new Market();
    for (let i = 0; i < 21; i += 1) market.series.push((2 ** 50) as never);
    expect(() => baseline().decide(market.context())).toThrow(expect.objectContaining({ code: 'NUM-001' }));
  });
});

describe('BaselineStrategy confirmation', () => {
  const walk = (strategy: BaselineStrategy, prices: readonly number[]): string[] => {
    const market = new Market().flatAt(100, 22);
    strategy.decide(market.context());
    return prices.map((price) => strategy.decide(market.push(price).context()).action);
  };

  it('signals k values after a cross whose side persisted (B-44)', () => {
    expect(walk(baseline({ crossConfirmBars: 0 }), [101, 102, 103, 104])).toEqual(['buy', 'hold', 'hold', 'hold']);
    expect(walk(baseline({ crossConfirmBars: 1 }), [101, 102, 103, 104])).toEqual(['hold', 'buy', 'hold', 'hold']);
    expect(walk(baseline({ crossConfirmBars: 2 }), [101, 102, 103, 104])).toEqual(['hold', 'hold', 'buy', 'hold']);
  });

  it('signals nothing when the side did not persist (B-44)', () => {
    expect(walk(baseline({ crossConfirmBars: 2 }), [101, 90, 90, 90])).toEqual(['hold', 'hold', 'hold', 'hold']);
  });

  it('needs k more values and looks back that far (B-44)', () => {
    const strategy = baseline({ crossConfirmBars: 2 });
    expect(strategy.lookback).toBe(23);
    expect(strategy.decide(new Market().flatAt(100, 20).push(101, 102).context()).reason).toBe('Need 23 marks');
    expect(strategy.decide(new Market().flatAt(100, 20).push(101, 102, 103).context()).action).toBe('buy');
  });
});

describe('BaselineStrategy entry size', () => {
  it('multiplies equity by fraction and leverage: 0.1 x 3 x 100000 = 30000', () => {
    const decision = baseline({ positionFraction: d('0.1'), targetLeverage: 3 }).decide(crossed(101).context());
    expect(notional(decision)).toBe('30000');
    expect(decision.leverage).toBe(3);
  });

  it('caps after leverage: a cap of 1000 with leverage 2 gives 1000 (B-45)', () => {
    expect(notional(baseline({ maxTradeNotional: d(1000) }).decide(crossed(101).context()))).toBe('1000');
  });

  it('rounds the notional down to whole units', () => {
    const market = crossed(101);
    market.equity = 999_999_999 as never;
    expect(baseline({ positionFraction: d('0.0333'), targetLeverage: 1 }).decide(market.context()).notional).toBe(
      33_299_999,
    );
  });

  it('takes a leverage below 1 as 1', () => {
    const decision = baseline({ targetLeverage: 0.5 }).decide(crossed(101).context());
    expect(notional(decision)).toBe('5000');
    expect(decision.leverage).toBe(1);
  });

  it('refuses a fraction that is not positive', () => {
    expect(() => baseline({ positionFraction: d(0) })).toThrow(expect.objectContaining({ code: 'CFG-002' }));
  });
});

describe('BaselineStrategy in a position', () => {
  it('leaves a long on a bearish cross and a short on a bullish one, closing what it holds', () => {
    const long = crossed(99);
    long.fill('buy', 2, 98);
    expect(baseline().decide(long.context())).toEqual({
      action: 'close',
      reason: 'Exit long on bearish signal',
      quantity: 2000,
      reduceOnly: true,
    });

    const short = crossed(101);
    short.fill('sell', 2, 102);
    expect(baseline().decide(short.context())).toEqual({
      action: 'close',
      reason: 'Exit short on bullish signal',
      quantity: 2000,
      reduceOnly: true,
    });
  });

  it('does not add to a position on a further signal', () => {
    const market = crossed(101);
    market.fill('buy', 2, 100);
    expect(baseline().decide(market.context())).toEqual({ action: 'hold', reason: 'No signal' });
  });

  it('watches the stop before it has enough values for a signal', () => {
    const market = new Market().push(100);
    const strategy = baseline();
    market.fill('buy', 2, 100);
    expect(strategy.decide(market.context()).reason).toBe('Need 21 marks');
    expect(strategy.decide(market.push(98).context()).action).toBe('close');
  });
});

describe('BaselineStrategy reduce-only and disabled entries', () => {
  it('opens nothing in reduce-only mode', () => {
    expect(baseline().decide(crossed(101).context({ reduceOnly: true }))).toEqual({
      action: 'hold',
      reason: 'Reduce-only mode - no new entries',
    });
  });

  it('keeps an open position in reduce-only mode by default, and still honours its exit and its stop (B-42)', () => {
    const strategy = baseline();
    const market = new Market().flatAt(100, 21);
    market.fill('buy', 2, 100);
    expect(strategy.decide(market.context({ reduceOnly: true }))).toEqual({
      action: 'hold',
      reason: 'Reduce-only mode - position kept',
    });
    expect(strategy.decide(market.push(98.9).context({ reduceOnly: true })).reason).toBe('Exit long on bearish signal');
    expect(strategy.decide(market.push(98.9).context({ reduceOnly: true })).reason).toBe(
      'Trailing stop hit: peak 100, stop 99, mark 98.9',
    );
  });

  it('closes an open position at once in reduce-only mode when told to (B-42)', () => {
    const market = new Market().flatAt(100, 21);
    market.fill('sell', 2, 100);
    expect(baseline({ onReduceOnly: 'close' }).decide(market.context({ reduceOnly: true }))).toEqual({
      action: 'close',
      reason: 'Reduce-only mode active',
      quantity: 2000,
      reduceOnly: true,
    });
  });

  it('opens nothing while entries are disabled', () => {
    expect(baseline({ disableNewEntries: true }).decide(crossed(101).context())).toEqual({
      action: 'hold',
      reason: 'New entries disabled',
      switchedOffBy: 'strategy.disableNewEntries',
    });
  });

  it('honours exit signals and stops while entries are disabled (B-43)', () => {
    const strategy = baseline({ disableNewEntries: true });
    const market = new Market().flatAt(100, 21);
    market.fill('buy', 2, 100);
    expect(strategy.decide(market.context()).reason).toBe('New entries disabled');
    expect(strategy.decide(market.push(99.5).context()).reason).toBe('Exit long on bearish signal');
    expect(strategy.decide(market.push(99).context()).reason).toBe('Trailing stop hit: peak 100, stop 99, mark 99');
  });
});

describe('BaselineStrategy trailing stop', () => {
  const held = (
    side: 'buy' | 'sell',
    size: number,
  ): { strategy: BaselineStrategy; market: Market; step: (price: number | string) => Decision } => {
    const strategy = baseline({ longMa: 200, shortMa: 100 });
    const market = new Market().push(100);
    const position = market.fill(side, size, 100);
    strategy.onFill(fill(market.of, side, position.lots, 1000), position);
    return { strategy, market, step: (price) => strategy.decide(market.push(price).context()) };
  };

  it('closes a long at 1 % below its peak, inclusive: 100, 102, 101, 100.98', () => {
    const { step } = held('buy', 1);
    expect([100, 102, 101].map((price) => step(price).action)).toEqual(['hold', 'hold', 'hold']);
    expect(step('100.98')).toEqual({
      action: 'close',
      reason: 'Trailing stop hit: peak 102, stop 100.98, mark 100.98',
      quantity: 1000,
      reduceOnly: true,
    });
  });

  it('closes a short at 1 % above its trough, inclusive, with its quantity: 100, 98, 98.9, 98.98', () => {
    const { step } = held('sell', 2);
    expect([100, 98, '98.9'].map((price) => step(price).action)).toEqual(['hold', 'hold', 'hold']);
    expect(step('98.98')).toEqual({
      action: 'close',
      reason: 'Trailing stop hit: peak 98, stop 98.98, mark 98.98',
      quantity: 2000,
      reduceOnly: true,
    });
  });

  it('does not close one mark unit before the stop', () => {
    const { step } = held('buy', 1);
    step(102);
    expect(step('100.981').action).toBe('hold');
  });

  it('rounds the stop towards the market', () => {
    const strategy = baseline({ trailingStop: d('0.0105') });
    const market = new Market();
    market.fill('buy', 1, '100.1');
    // 100.1 less 1.05 % is 99.04895, between two mark units.
    expect(strategy.decide(market.push('99.049').context()).action).toBe('close');
  });

  it('starts from the entry price, not from the first mark after it', () => {
    const { step } = held('buy', 1);
    expect(step(98.9).reason).toBe('Trailing stop hit: peak 100, stop 99, mark 98.9');
  });

  it('keeps the stop when a close was decided and did not fill (B-16)', () => {
    const { step } = held('buy', 1);
    step(110);
    expect(step(108).action).toBe('close');
    expect(step(108.9).reason).toBe('Trailing stop hit: peak 110, stop 108.9, mark 108.9');
    expect(step(109).action).toBe('hold');
  });

  it('keeps the stop when a close filled in part (B-16)', () => {
    const { strategy, market, step } = held('buy', 2);
    step(110);
    market.fill('sell', 1, 108);
    strategy.onFill(fill(market.of, 'sell', 1000, 1080), market.position);
    expect(step(108.9).quantity).toBe(1000);
  });

  it('clears the stop with the fill that ends the position, and starts the next one anew (B-16)', () => {
    const { strategy, market, step } = held('buy', 1);
    step(110);
    market.fill('sell', 1, 110);
    strategy.onFill(fill(market.of, 'sell', 1000, 1100), market.position);
    expect(strategy.snapshot('BTC-PERP')).toBeUndefined();

    market.fill('buy', 1, 100);
    strategy.onFill(fill(market.of, 'buy', 1000, 1000), market.position);
    expect(step('99.5').action).toBe('hold');
  });

  it('starts anew on the other side when a fill flips the position', () => {
    const { strategy, market, step } = held('buy', 1);
    step(110);
    market.fill('sell', 2, 110);
    strategy.onFill(fill(market.of, 'sell', 2000, 1100), market.position);
    expect(strategy.snapshot('BTC-PERP')).toMatchObject({ side: 'short', peak: '110' });
  });

  it('never mistakes a new position for the old one, even when it was told of no fill', () => {
    const { market, step } = held('buy', 1);
    step(110);
    market.fill('sell', 1, 110);
    market.fill('buy', 1, 100);
    expect(step('99.5').action).toBe('hold');
  });

  it('survives a restart: the peak comes back for the same position (B-16)', () => {
    const { strategy, market, step } = held('buy', 1);
    step(110);
    const saved = strategy.snapshot('BTC-PERP');
    expect(saved).toEqual({ side: 'long', opened_at: market.position.openedAt, peak: '110' });

    const restarted = baseline({ longMa: 200, shortMa: 100 });
    restarted.restore('BTC-PERP', JSON.parse(JSON.stringify(saved)) as Json);
    expect(restarted.decide(market.push(108.9).context()).reason).toBe(
      'Trailing stop hit: peak 110, stop 108.9, mark 108.9',
    );
  });

  it('ignores a saved stop of another position', () => {
    const { market } = held('buy', 1);
    const restarted = baseline({ longMa: 200, shortMa: 100 });
    restarted.restore('BTC-PERP', { side: 'long', opened_at: 1, peak: '200' });
    expect(restarted.decide(market.push(100).context()).action).toBe('hold');
  });

  it('never lets a saved peak loosen the stop', () => {
    const { strategy, market, step } = held('buy', 1);
    step(110);
    strategy.restore('BTC-PERP', { side: 'long', opened_at: market.position.openedAt ?? 0, peak: '101' });
    expect(strategy.snapshot('BTC-PERP')).toMatchObject({ peak: '110' });
  });

  it('refuses a saved state it cannot read', () => {
    expect(() => baseline().restore('BTC-PERP', { peak: 3 })).toThrow(expect.objectContaining({ code: 'STORE-001' }));
  });

  it('has no stop when the fraction is 0', () => {
    const strategy = baseline({ trailingStop: d(0), longMa: 200, shortMa: 100 });
    const market = new Market().push(100);
    market.fill('buy', 1, 100);
    expect(strategy.decide(market.push(1).context()).action).toBe('hold');
  });
});
