import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { lots, ticks, units } from '#src/domain/units.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import { WIDE } from '../risk/harness.js';
import { Rig, SYMBOL } from './rig.js';

const EQUITY = units(100_000e8);

/** A strategy with sizes of its own, under a method; `strategy.positionFraction` is a fraction that it never reads. */
function rigOf(risk: Partial<BotConfig['risk']>, strategy: Partial<BotConfig['strategy']> = {}): Rig {
  const rig = new Rig({
    engine: 'advanced',
    risk: 'live',
    config: {
      risk: { ...WIDE, dynamicPositionSizing: true, ...risk },
      strategy: { positionFraction: new Decimal('0.048'), ...strategy },
    },
  });
  rig.portfolio.deposit(EQUITY, rig.clock.now(), 'start');
  rig.portfolio.setKnown(true);
  return rig;
}

/** Round trips of one lot that win or lose the same. */
function trade(rig: Rig, wins: number, losses: number): void {
  for (let index = 0; index < wins + losses; index += 1) {
    const exit = ticks(index < wins ? 500_100 : 499_900);
    const free = { fee: units(0) };
    rig.portfolio.applyFill(rig.fill('other', 1, `in-${index}`, { ...free, side: 'buy' }));
    rig.portfolio.applyFill(rig.fill('other', 1, `out-${index}`, { ...free, side: 'sell', price: exit }));
  }
  rig.portfolio.mark(SYMBOL, rig.markOf('50000'));
}

/** 33 % of equity, as the strategy itself computed it. */
async function buyAThird(rig: Rig): Promise<number> {
  const { equity } = rig.portfolio;
  const fraction = new Decimal('0.33');
  rig.place({ action: 'buy', quantity: lots(660), basis: { equity, fraction, leverage: 1 } });
  await rig.pending.idle();
  return rig.broker.placed.at(-1)?.lots ?? 0;
}

describe('a strategy that sizes itself, under kelly', () => {
  it('keeps its own 33 % before enough trades have closed', async () => {
    const rig = rigOf({ positionSizingMethod: 'kelly' });
    expect(await buyAThird(rig)).toBe(660);
  });

  it('keeps its own 33 % after thirty closed trades that allow more: no other fraction is read', async () => {
    const rig = rigOf({ positionSizingMethod: 'kelly' });
    trade(rig, 28, 2);
    // Half Kelly is (28/30 - 2/30) / 2 = 0.43.
    expect(await buyAThird(rig)).toBe(660);
  });

  it('is cut to half Kelly of the equity it decided with, and says so', async () => {
    const rig = rigOf({ positionSizingMethod: 'kelly' });
    trade(rig, 20, 10);
    // Half Kelly is (2/3 - 1/3) / 2 = 0.166667 of 100,001: 16,666.8 at 50 a lot.
    expect(await buyAThird(rig)).toBe(333);
    const [order] = rig.log.open();
    expect(order?.origin?.reason).toBe('test; size as advised: kelly');
    expect(rig.records('position_sizing_advice').at(-1)).toMatchObject({ bound: 'advised', decided_quantity: '0.66' });
  });

  it('sends nothing where Kelly leaves nothing, and the refusal says why', async () => {
    const rig = rigOf({ positionSizingMethod: 'kelly' });
    trade(rig, 10, 20);
    expect(await buyAThird(rig)).toBe(0);
    expect(rig.records('order_rejected').at(-1)).toMatchObject({ check: 'position_sizing', reason: 'kelly' });
  });
});

describe('the size that risk advises', () => {
  it('never makes an order larger', async () => {
    expect(await buyAThird(rigOf({ positionSizingMethod: 'fixed', positionSizingMultiplier: new Decimal(2) }))).toBe(
      660,
    );
  });

  it('makes it smaller by the configured multiplier', async () => {
    const rig = rigOf({ positionSizingMethod: 'fixed', positionSizingMultiplier: new Decimal('0.5') });
    expect(await buyAThird(rig)).toBe(330);
  });

  it('keeps the cap of one entry, for a strategy that does not cap itself too', async () => {
    const rig = rigOf({ positionSizingMethod: 'fixed' }, { maxTradeNotional: new Decimal(5_049) });
    expect(await buyAThird(rig)).toBe(100);
  });

  it('is not asked about an order that only shrinks the position', async () => {
    const rig = rigOf({ positionSizingMethod: 'fixed', positionSizingMultiplier: new Decimal('0.5') });
    rig.hold(10);
    rig.place({ action: 'close' });
    await rig.pending.idle();
    expect(rig.broker.placed.at(-1)).toMatchObject({ side: 'sell', lots: 10, reduceOnly: true });
    expect(rig.records('position_sizing_advice')).toEqual([]);
  });
});
