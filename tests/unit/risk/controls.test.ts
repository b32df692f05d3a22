import { describe, expect, it } from '@jest/globals';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import { instrument as makeInstrument } from '#src/testing/instruments.js';
import { BTC, d, Desk, ETH, settle, WIDE } from './harness.js';

const SECOND = 1_000;
const HOUR = 3_600_000;

describe('PT-03: notional of one order', () => {
  it.each([
    ['0.02', 'approved'],
    ['0.021', 'max_order_notional'],
  ])('is at most the limit, at the dearest fresh price: %s', (size, verdict) => {
    const made = new Desk({ ...WIDE, maxOrderNotional: d(1_000) });
    made.setEquity(1_000_000);
    expect(made.verdict(made.intent('buy', size))).toBe(verdict);
    expect(made.verdict(made.limit('buy', size, 49_900))).toBe(verdict);
  });

  it('holds back nothing that reduces, and what turns a position for its new part', () => {
    const made = new Desk({ ...WIDE, maxOrderNotional: d(1_000) });
    made.setEquity(1_000_000);
    made.hold(BTC, 1);
    expect(made.verdict(made.intent('sell', 1))).toBe('approved');
    expect(made.verdict(made.intent('sell', '1.03'))).toBe('max_order_notional');
  });
});

describe('PT-17: fresh market data, by a clock that is known', () => {
  const limit = 1_000;
  const desk = (): Desk => {
    const made = new Desk({ ...WIDE, maxMarkStalenessMs: limit });
    made.setEquity(1_000_000);
    return made;
  };

  it.each([
    [0, 'approved'],
    [limit, 'approved'],
    [limit + 1, 'stale_mark'],
    [-limit - 1, 'stale_mark'],
  ])('a mark %d ms old: %s', (age, verdict) => {
    const made = desk();
    made.freshness.touch(BTC.symbol, made.now - age);
    expect(made.verdict(made.intent('buy', '0.01'))).toBe(verdict);
  });

  it('a symbol that nobody has told anything of is stale, and can be left all the same', () => {
    const made = desk();
    expect(made.verdict(made.intent('buy', 1, { instrument: ETH }))).toBe('stale_mark');
    made.hold(ETH, 1);
    expect(made.verdict(made.intent('sell', 1, { instrument: ETH }))).toBe('approved');
  });

  it('a clock that is in doubt adds nothing, and takes away nothing', () => {
    const made = desk();
    made.time.doubt = 'the clock of the host has stepped';
    made.hold(BTC, 1);
    expect(made.verdict(made.intent('buy', '0.01'))).toBe('clock');
    expect(made.verdict(made.intent('sell', 1))).toBe('approved');
  });
});

describe('PT-07: net notional', () => {
  const desk = (limit: string | number = 5_000): Desk => {
    const made = new Desk({ ...WIDE, maxNetNotional: d(limit) });
    made.quote(ETH, 2_500);
    return made;
  };

  it('is what is long less what is short, over all symbols', () => {
    const made = desk();
    made.hold(BTC, '0.1');
    expect(made.verdict(made.intent('buy', '0.001'))).toBe('max_net_notional');
    made.hold(ETH, -1);
    expect(made.verdict(made.intent('buy', '0.05'))).toBe('approved');
    expect(made.verdict(made.intent('buy', '0.051'))).toBe('max_net_notional');
  });

  it('holds on both sides', () => {
    const made = desk();
    made.hold(BTC, '-0.05');
    expect(made.verdict(made.intent('sell', '0.05'))).toBe('approved');
    expect(made.verdict(made.intent('sell', '0.051'))).toBe('max_net_notional');
  });

  it('counts what is open on the side that is added to, and lets the other side not pay for it', () => {
    const made = desk();
    made.rest('buy', '0.06');
    made.rest('sell', 10, { instrument: ETH });
    expect(made.verdict(made.intent('buy', '0.04'))).toBe('approved');
    expect(made.verdict(made.intent('buy', '0.041'))).toBe('max_net_notional');
  });

  it('lets pass what brings the account back towards neutral, however far beyond it is', () => {
    const made = desk();
    made.hold(BTC, '0.2');
    expect(made.verdict(made.intent('sell', 1, { instrument: ETH }))).toBe('approved');
    expect(made.verdict(made.intent('sell', '0.2'))).toBe('approved');
  });

  it('refuses what it cannot add up: a symbol without a mark', () => {
    const made = new Desk({ ...WIDE, maxNetNotional: d(5_000), maxGrossNotional: d(1e9) });
    made.hold(ETH, -1);
    expect(made.verdict(made.intent('buy', '0.01'))).not.toBe('approved');
  });

  it('is optional', () => {
    const made = new Desk(WIDE);
    made.setEquity(1_000_000);
    made.hold(BTC, 10);
    expect(made.verdict(made.intent('buy', '0.1'))).toBe('approved');
  });
});

describe('PT-15: repeated automated execution', () => {
  const LIMIT = 3;
  const desk = (limits: Partial<RiskSettings> = {}): Desk => {
    const made = new Desk({ ...WIDE, maxUnattendedEntries: LIMIT, ...limits });
    made.setEquity(10_000_000);
    return made;
  };
  const of = (strategy: string, made: Desk) => ({ origin: { strategy, reason: 'test', decidedAt: made.now } });
  const enter = (made: Desk, strategy = 'test'): string => made.send(made.intent('buy', 1, of(strategy, made)));
  const enterAll = (made: Desk, strategy = 'test'): string[] =>
    Array.from({ length: LIMIT + 1 }, () => enter(made, strategy));
  const THEN_NO_MORE = ['approved', 'approved', 'approved', 'repeated_execution'];

  it('disables a strategy after so many entries, records it once, and leaves the others alone', () => {
    const made = desk();
    expect(enterAll(made)).toEqual(THEN_NO_MORE);
    enter(made);
    expect(made.events.payloads('strategy_disabled')).toEqual([{ strategy: 'test', entries: 3, limit: 3 }]);
    expect(made.risk.disabledStrategies).toEqual(['test']);
    expect(enter(made, 'other')).toBe('approved');
  });

  it('lets a disabled strategy out of its position', () => {
    const made = desk();
    enterAll(made);
    made.hold(BTC, 3);
    expect(made.verdict(made.intent('sell', 3))).toBe('approved');
    expect(made.verdict(made.intent('sell', 3, { reduceOnly: true }))).toBe('approved');
  });

  it('counts neither exits nor refusals', () => {
    const made = desk({ maxOrderNotional: d(100_000) });
    made.hold(BTC, 100);
    for (let exit = 0; exit < 10; exit += 1) expect(made.send(made.intent('sell', 1))).toBe('approved');
    for (let large = 0; large < 10; large += 1) expect(made.send(made.intent('buy', 3))).toBe('max_order_notional');
    expect(enterAll(made)).toEqual(THEN_NO_MORE);
  });

  it('goes on after a restart where it was', () => {
    const made = desk();
    enter(made);
    enter(made);
    made.hold(BTC, 2);
    made.send(made.intent('sell', 1));
    made.restart();
    expect([enter(made), enter(made)]).toEqual(['approved', 'repeated_execution']);
    made.restart();
    expect(enter(made)).toBe('repeated_execution');
    expect(made.risk.disabledStrategies).toEqual(['test']);
  });

  it('takes the sales of a spot market for exits, after a restart too', () => {
    const coin = makeInstrument({ symbol: 'BTC-USDT', kind: 'spot', fundingIntervalHours: 0 });
    const made = desk();
    made.quote(coin, 50_000);
    made.hold(coin, 1);
    for (let exit = 0; exit < LIMIT; exit += 1) made.send(made.intent('sell', '0.1', { instrument: coin }));
    made.restart();
    expect(made.risk.disabledStrategies).toEqual([]);
    expect(enterAll(made)).toEqual(THEN_NO_MORE);
  });

  it('is lifted by whoever re-arms the strategy, by name and with a reason, over restarts too', async () => {
    const made = desk();
    enterAll(made);
    enterAll(made, 'other');
    made.clock.advance(SECOND);
    made.quote(BTC, 50_000);
    await made.risk.rearm('looked at it', 'ada', 'test');
    expect(made.events.payloads('strategy_rearmed')).toEqual([
      { strategy: 'test', actor: 'ada', reason: 'looked at it' },
    ]);
    expect([enter(made), enter(made, 'other')]).toEqual(['approved', 'repeated_execution']);
    made.clock.advance(SECOND);
    made.quote(BTC, 50_000);
    made.restart();
    expect([enter(made), enter(made), enter(made)]).toEqual(['approved', 'approved', 'repeated_execution']);
    expect(enter(made, 'other')).toBe('repeated_execution');
    await made.risk.rearm('all of them', 'ada');
    expect(made.risk.disabledStrategies).toEqual([]);
  });

  it.each([
    ['', 'why'],
    ['system', 'why'],
    ['ada', ' '],
  ])('is not re-armed by %j because of %j', async (actor, reason) => {
    const made = desk();
    enterAll(made);
    await expect(made.risk.rearm(reason, actor)).rejects.toMatchObject({ code: 'RISK-003' });
    expect(enter(made)).toBe('repeated_execution');
  });

  it('is not re-armed while the record of it cannot be written', async () => {
    const made = desk();
    enterAll(made);
    made.events.failure = new Error('disk full');
    await expect(made.risk.rearm('why', 'ada')).rejects.toThrow('disk full');
    expect(enter(made)).toBe('repeated_execution');
  });

  it('begins anew when a person changes the safety state, and not when the bot does', async () => {
    const made = desk();
    enterAll(made);
    await made.ladder.tighten('REDUCE_ONLY', 'volatility');
    expect(made.risk.disabledStrategies).toEqual(['test']);
    await made.ladder.loosen('NORMAL', 'seen', 'ada');
    await settle();
    expect(made.risk.disabledStrategies).toEqual([]);
    expect(enterAll(made)).toEqual(THEN_NO_MORE);
  });
});

describe('PT-22: age of the equity', () => {
  const desk = (limits: Partial<RiskSettings> = { maxEquityAgeMs: 60 * SECOND }): Desk => {
    const made = new Desk({ ...WIDE, maxMarkStalenessMs: HOUR, ...limits });
    made.quote(ETH, 2_500);
    return made;
  };
  /** ETH is held at a mark of `age`; BTC, which is bought, has one of now. */
  const held = (made: Desk, age: number): Desk => {
    made.hold(ETH, 1);
    made.clock.advance(HOUR);
    made.quote(BTC, 50_000);
    made.freshness.times.set(ETH.symbol, made.now - age);
    return made;
  };

  it.each([
    [60 * SECOND, 'approved'],
    [60 * SECOND + 1, 'equity_age'],
    [-60 * SECOND - 1, 'equity_age'],
    [Number.NaN, 'equity_age'],
  ])('a position at a mark of %d ms: %s', (age, verdict) => {
    const made = held(desk(), age);
    expect(made.verdict(made.intent('buy', '0.001'))).toBe(verdict);
  });

  it('a position without a mark time is not known to be valued', () => {
    const made = held(desk(), 0);
    made.freshness.times.delete(ETH.symbol);
    expect(made.reason(made.intent('buy', '0.001'))).toContain('ETH-PERP at a mark that is not known');
  });

  it('holds back what adds alone', () => {
    const made = held(desk(), HOUR);
    made.hold(BTC, 1);
    expect(made.verdict(made.intent('sell', 1))).toBe('approved');
  });

  it('asks only of what is held', () => {
    const made = held(desk(), HOUR);
    made.hold(ETH, 0);
    expect(made.verdict(made.intent('buy', '0.001'))).toBe('approved');
  });

  it('is required in the live world alone', () => {
    const made = held(desk({}), HOUR);
    expect(made.verdict(made.intent('buy', '0.001'))).toBe('approved');
  });
});

describe('PT-25: the funding window', () => {
  const desk = (): Desk => new Desk({ ...WIDE, fundingWindowMs: 300 * SECOND, maxFundingCostBps: d(5) });
  /** Half of eight hours past the epoch's grid: funding is due in four hours, or when the venue says. */
  const inWindow = (made: Desk, rate: string, before = 300 * SECOND): Desk => {
    made.funding.answer = { symbol: BTC.symbol, rate: d(rate), at: made.now, nextAt: made.now + before };
    return made;
  };

  it.each([
    ['buy', '0.0005', 'approved'],
    ['buy', '0.00050001', 'funding_window'],
    ['buy', '-0.01', 'approved'],
    ['sell', '-0.0005', 'approved'],
    ['sell', '-0.00050001', 'funding_window'],
    ['sell', '0.01', 'approved'],
    ['buy', 'NaN', 'funding_window'],
  ] as const)('%s at a rate of %s: %s', (side, rate, verdict) => {
    const made = inWindow(desk(), rate);
    expect(made.verdict(made.intent(side, 1))).toBe(verdict);
  });

  it('is not asked before the window, whatever funding will cost', () => {
    const made = inWindow(desk(), '0.01', 300 * SECOND + 1);
    expect(made.verdict(made.intent('buy', 1))).toBe('approved');
  });

  it('follows the interval of the instrument where the venue names no instant, or one that is past', () => {
    const made = desk();
    made.clock.advance(8 * HOUR - 301 * SECOND);
    made.quote(BTC, 50_000);
    made.funding.answer = { symbol: BTC.symbol, rate: d('0.01'), at: made.now, nextAt: made.now - 1 };
    expect(made.verdict(made.intent('buy', 1))).toBe('approved');
    made.clock.advance(SECOND);
    expect(made.verdict(made.intent('buy', 1))).toBe('funding_window');
  });

  it('takes a rate that is not known for too high, inside the window', () => {
    const made = desk();
    expect(made.reason(made.intent('buy', 1))).toContain('is not known');
    made.clock.advance(SECOND);
    made.quote(BTC, 50_000);
    expect(made.verdict(made.intent('buy', 1))).toBe('approved');
  });

  it('holds back what adds alone', () => {
    const made = inWindow(desk(), '0.01');
    made.hold(BTC, -1);
    expect(made.verdict(made.intent('buy', 1))).toBe('approved');
  });

  it('is optional', () => {
    const made = new Desk(WIDE);
    inWindow(made, '0.01');
    expect(made.verdict(made.intent('buy', 1))).toBe('approved');
  });
});
