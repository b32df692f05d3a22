import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import type { Decision, SizeBasis } from '#src/domain/decision.js';
import { lots, ticks, units } from '#src/domain/units.js';
import { Rig, SYMBOL } from '../unit/execution/rig.js';
import { WIDE } from '../unit/risk/harness.js';

/** 50 USDT: one lot of 0.001 at 50,000. */
const LOT = 50e8;
const EQUITY = 1_000_000e8;

type Method = 'off' | 'fixed' | 'kelly' | 'intelligent';

interface Case {
  readonly engine: 'live' | 'advanced';
  readonly method: Method;
  readonly multiplier: string;
  /** Of one entry, in USDT; what the strategies' own cap is, too. */
  readonly maxTrade: number | undefined;
  readonly held: number;
  readonly action: 'buy' | 'sell' | 'close';
  readonly reduceOnly: boolean;
  /** In hundredths of a lot, so that a value rarely is a whole number of lots. */
  readonly value: number;
  readonly as: 'notional' | 'quantity';
  /** A strategy that says what it sized itself by: share in thousandths, at this leverage, with this equity. */
  readonly basis: { readonly share: number; readonly leverage: number; readonly equity: number } | undefined;
  /** In ticks below (above) the mark. */
  readonly stop: number | undefined;
}

const cases: fc.Arbitrary<Case> = fc.record({
  engine: fc.constantFrom('live', 'advanced'),
  method: fc.constantFrom('off', 'fixed', 'kelly', 'intelligent'),
  multiplier: fc.constantFrom('0.5', '1', '1', '2'),
  maxTrade: fc.option(fc.integer({ min: 500, max: 200_000 }), { nil: undefined }),
  held: fc.integer({ min: -60, max: 60 }),
  action: fc.constantFrom('buy', 'sell', 'close'),
  reduceOnly: fc.boolean(),
  value: fc.integer({ min: 100, max: 40_000 }),
  as: fc.constantFrom('notional', 'quantity'),
  basis: fc.option(
    fc.record({
      share: fc.integer({ min: 1, max: 400 }),
      leverage: fc.integer({ min: 1, max: 3 }),
      equity: fc.integer({ min: 10_000, max: 1_000_000 }),
    }),
    { nil: undefined },
  ),
  stop: fc.option(fc.integer({ min: 100, max: 20_000 }), { nil: undefined }),
});

const decidedOf = ({ as, value }: Case): number =>
  as === 'notional' ? Number((BigInt(value) * BigInt(LOT)) / 100n / BigInt(LOT)) : Math.floor(value / 100);

function decisionOf(each: Case): Decision {
  const { action, reduceOnly, as, value, basis, stop } = each;
  if (action === 'close') return { action, reason: 'test' };
  const size = as === 'notional' ? { notional: units((value * LOT) / 100) } : { quantity: lots(decidedOf(each)) };
  const far = stop === undefined ? {} : { stop: ticks(500_000 - (action === 'buy' ? stop : -stop)) };
  const ground: SizeBasis | undefined =
    basis === undefined
      ? undefined
      : {
          equity: units(basis.equity * 1e8),
          fraction: new Decimal(basis.share).div(1_000),
          leverage: stop === undefined ? basis.leverage : 1,
          ...far,
        };
  return { action, reason: 'test', reduceOnly, ...size, ...(ground === undefined ? {} : { basis: ground }) };
}

/**
 * The sizing method's answer, from its definition: share of the equity x leverage x multiplier, over what a lot costs.
 */
function advisedOf(each: Case, takerFee: Decimal): number {
  const { multiplier, basis, stop, maxTrade } = each;
  const cap = maxTrade === undefined ? Infinity : Math.floor((maxTrade * 1e8) / LOT);
  if (basis === undefined) return Math.min(cap, new Decimal(multiplier).times(decidedOf(each)).floor().toNumber());
  const allowed = new Decimal(basis.equity)
    .times(1e8)
    .times(basis.share)
    .div(1_000)
    .times(stop === undefined ? basis.leverage : 1)
    .times(multiplier)
    .floor();
  if (stop === undefined) return Math.min(cap, allowed.div(LOT).floor().toNumber());
  // What one lot loses at its stop: the distance, and the taker's fee of both trades, rounded against us.
  const exit = LOT + (each.action === 'buy' ? -stop : stop) * (LOT / 500_000);
  const loss = new Decimal(Math.abs(LOT - exit)).plus(takerFee.times(LOT + exit).ceil());
  return Math.min(cap, allowed.div(loss).floor().toNumber());
}

/** Lots that must reach the venue; 0 for none. */
function expectedOf(each: Case, takerFee: Decimal): number {
  const { action, held, reduceOnly, method } = each;
  const against = action === 'close' || (action === 'buy' ? held < 0 : held > 0);
  if (action === 'close') return Math.abs(held);
  const decided = decidedOf(each);
  if (reduceOnly) return against ? Math.min(decided, Math.abs(held)) : 0;
  // What only shrinks the position is no entry: nothing advises on it.
  if (method === 'off' || (against && decided <= Math.abs(held))) return decided;
  return Math.min(decided, advisedOf(each, takerFee));
}

async function sentOf(each: Case): Promise<{ readonly size: number; readonly reason: string | undefined; rig: Rig }> {
  const { engine, method, multiplier, maxTrade, held } = each;
  const rig = new Rig({
    engine,
    risk: 'live',
    config: {
      risk: {
        ...WIDE,
        dynamicPositionSizing: method !== 'off',
        positionSizingMethod: method === 'off' ? 'fixed' : method,
        positionSizingMultiplier: new Decimal(multiplier),
      },
      // What a strategy that sizes itself never reads.
      strategy: {
        positionFraction: new Decimal('0.001'),
        targetLeverage: 1,
        ...(maxTrade === undefined ? {} : { maxTradeNotional: new Decimal(maxTrade) }),
      },
    },
  });
  rig.portfolio.deposit(units(EQUITY), rig.clock.now(), 'start');
  rig.portfolio.setKnown(true);
  if (held !== 0) rig.hold(held);
  rig.portfolio.mark(SYMBOL, rig.markOf('50000'));
  rig.place(decisionOf(each));
  await rig.pending.idle();
  const [order] = rig.broker.placed;
  const stored = order === undefined ? undefined : rig.log.find(order.clientId);
  return { size: order?.lots ?? 0, reason: stored?.origin?.reason, rig };
}

describe('the size of an order', () => {
  it('is the smaller of what was decided and what is advised on the same ground, whatever the method', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (each) => {
        const { size, reason, rig } = await sentOf(each);
        const expected = expectedOf(each, rig.instrument.spec.takerFee);
        expect(size).toBe(expected);
        const isEntry = each.method !== 'off' && !each.reduceOnly && each.action !== 'close';
        const shrinks =
          decidedOf(each) <= Math.abs(each.held) && (each.action === 'buy' ? each.held < 0 : each.held > 0);
        if (size > 0 && isEntry && !shrinks)
          expect(reason).toMatch(size < decidedOf(each) ? /^test; size as advised: / : /^test; size as decided$/);
        else if (size > 0) expect(reason).toBe('test');
      }),
      { numRuns: 400 },
    );
  });
});
