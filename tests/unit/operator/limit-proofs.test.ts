import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { proveLimits, type LimitProofs } from '#src/operator/preflight/limit-proofs.js';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import { testConfig } from '../../support/config.js';
import { WIDE } from '../risk/harness.js';
import { Rig, SYMBOL } from '../execution/rig.js';

/** The order of a preflight that breaks it; or why none can, and the test that breaks it instead and names it. */
type Proof = string | readonly [why: string, test: string];

const [PRE_TRADE, CONTROLS, SIZING] = ['pre-trade.test.ts', 'controls.test.ts', 'sizing-and-impact.test.ts'];
const OTHER_CAP = 'one of several caps of leverage, of which the least holds and is tried';
const SHARE = 'a share of equity: of an account with money enough the amounts end first, and are tried';
const RATE = 'a rate by which the projection is worked out, not a limit';
const MARKET = 'it is about the market of the day, which a preflight cannot make';
const ADVICE = 'it makes a size smaller and refuses nothing';
const WARNS = 'it warns and refuses nothing';

/** A setting that is not here does not compile. */
const PROOFS: Readonly<Record<keyof RiskSettings, Proof>> = {
  maxLeverage: 'maxLeverage',
  leverageMaxPerSymbol: [OTHER_CAP, PRE_TRADE],
  daytime: ['it says which of two tables holds', PRE_TRADE],
  dayLeverageMaxPerSymbol: [OTHER_CAP, PRE_TRADE],
  nightLeverageMaxPerSymbol: [OTHER_CAP, PRE_TRADE],
  dayMaintenancePerSymbol: [RATE, PRE_TRADE],
  nightMaintenancePerSymbol: [RATE, PRE_TRADE],
  minLiquidationBuffer: [SHARE, 'changes.test.ts'],
  preTradeLiquidationProjection: [SHARE, PRE_TRADE],
  defaultMaintenanceRate: [RATE, PRE_TRADE],
  dailyLossLimit: 'dailyLossLimit',
  maxDrawdown: 'maxDrawdown',
  maxExposurePct: [SHARE, PRE_TRADE],
  maxPositionPctPerSymbol: [SHARE, PRE_TRADE],
  maxNotionalPerSymbol: 'maxPositionSize and maxGrossNotional',
  maxPositionSize: 'maxPositionSize and maxGrossNotional',
  maxOrderNotional: 'maxOrderNotional',
  maxOrderSize: 'maxOrderSize',
  maxGrossNotional: 'maxPositionSize and maxGrossNotional',
  maxNetNotional: 'maxNetNotional',
  priceCollarBps: 'priceCollar',
  passiveBand: 'passiveBand',
  slippageGuardBps: ['the collar, which is tried, ends before it or it ends before the collar', PRE_TRADE],
  ordersPerMinute: 'ordersPerMinute',
  cancelsPerMinute: [WARNS, '../execution/message-budget.test.ts'],
  maxOrderToTrade: [WARNS, '../execution/message-budget.test.ts'],
  maxUnattendedEntries: 'maxUnattendedEntries',
  killSwitch: 'halt',
  reduceOnly: ['a state that the ladder holds, as the halt that is tried', CONTROLS],
  maxMarkStalenessMs: 'maxMarkStaleness',
  maxEquityAgeMs: ['it is about a position of another symbol', CONTROLS],
  fundingWindowMs: [MARKET, CONTROLS],
  maxFundingCostBps: [MARKET, CONTROLS],
  marketImpactGuard: [MARKET, SIZING],
  maxMarketImpactBps: [MARKET, SIZING],
  dynamicPositionSizing: [ADVICE, SIZING],
  positionSizingMethod: [ADVICE, SIZING],
  positionSizingMultiplier: [ADVICE, SIZING],
  volatility: [MARKET, CONTROLS],
  concentrationLimit: [WARNS, 'runtime-checks.test.ts'],
  blindGuardMinutes: ['guards that cannot be evaluated are not made here', 'runtime-guards.test.ts'],
};

const EVERY: Partial<RiskSettings> = {
  ...WIDE,
  ...{ maxLeverage: new Decimal(5), maxPositionSize: new Decimal(10_000), maxGrossNotional: new Decimal(9_000) },
  ...{
    maxOrderNotional: new Decimal(500),
    maxNetNotional: new Decimal(3_000),
    maxOrderSize: { [SYMBOL]: new Decimal(1) },
  },
  ...{ dailyLossLimit: new Decimal(300), maxDrawdown: new Decimal('0.05'), maxUnattendedEntries: 20 },
  ...{ ordersPerMinute: 30, priceCollarBps: new Decimal(100), passiveBand: new Decimal('0.5') },
};

const rigOf = (risk: Partial<RiskSettings>): Rig =>
  new Rig({ risk: 'live', config: { risk: { ...EVERY, ...risk } }, spec: { maxSize: new Decimal(1_000) } });

/** Over the real gate; what it lets pass is placed at a venue that is not there. */
async function proofsOf(rig: Rig, settings = rig.config.current.risk): Promise<LimitProofs & { placed: number }> {
  const { tried, untried } = await proveLimits({
    ...{ engine: rig.engine, risk: rig.judge, portfolio: rig.portfolio, orders: rig.orders, ladder: rig.ladder },
    market: {
      acceptMark: (symbol, mark, at) => {
        rig.portfolio.mark(symbol, mark);
        rig.freshness.touch(symbol, at);
      },
    },
    ...{ settings, instrument: rig.instrument, price: new Decimal(50_000), now: () => rig.clock.now() },
  });
  await rig.pending.idle();
  return { tried, untried, placed: rig.broker.placed.length };
}

describe('the orders of a preflight', () => {
  it('are one for each limit of the configuration, each refused by the check of its own', async () => {
    const { tried, untried, placed } = await proofsOf(rigOf({}));
    expect(tried.filter(({ refused }) => !refused)).toEqual([]);
    expect([untried, placed]).toEqual([[], 0]);
    const names = Object.values(PROOFS).filter((proof): proof is string => typeof proof === 'string');
    expect(new Set(tried.map(({ limit }) => limit))).toEqual(new Set(names));
  });

  it('leave out no limit that there is: what no order can break is broken by a test', () => {
    expect(Object.keys(testConfig().risk).filter((key) => !(key in PROOFS))).toEqual([]);
    for (const [key, proof] of Object.entries(PROOFS)) {
      if (typeof proof === 'string') continue;
      const [why, test] = proof;
      expect([key, why.length > 10, readFileSync(`tests/unit/risk/${test}`, 'utf8').includes(key)]).toEqual([
        ...[key, true, true],
      ]);
    }
  });

  it.each<[string, Partial<RiskSettings>]>([
    ['maxNetNotional', { maxNetNotional: new Decimal(9_000) }],
    ['maxOrderSize', { maxOrderSize: { [SYMBOL]: new Decimal(1_000_000) } }],
    ['ordersPerMinute', { ordersPerMinute: 1_000_000 }],
    ['maxUnattendedEntries', { maxUnattendedEntries: 1_000_000 }],
  ])('say so where one cannot be broken first: %s', async (limit, risk) => {
    const { tried, untried, placed } = await proofsOf(rigOf(risk));
    expect(untried).toEqual([{ limit, why: expect.any(String) }]);
    expect([tried.filter(({ refused }) => !refused), placed]).toEqual([[], 0]);
  });

  it.each<[string, Partial<RiskSettings>]>([
    ['maxDrawdown', { maxDrawdown: new Decimal(9) }],
    ['maxNetNotional', { maxNetNotional: new Decimal(9_000) }],
    ['maxUnattendedEntries', { maxUnattendedEntries: 1_000_000 }],
    ['ordersPerMinute', { ordersPerMinute: 1_000_000 }],
    ['maxOrderSize', { maxOrderSize: {} }],
    ['passiveBand', { passiveBand: new Decimal(9) }],
  ])('find a gate that does not hold %s', async (name, gate) => {
    const { tried } = await proofsOf(rigOf(gate), testConfig({ risk: EVERY }).risk);
    expect(tried.find(({ limit }) => limit === name)?.refused).toBe(false);
  });
});
