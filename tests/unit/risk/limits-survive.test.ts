import { describe, expect, it } from '@jest/globals';
import type { CancelReport } from '#src/ports/core-services/execution.js';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import type { Series } from '#src/ports/runtime-state/series.js';
import { OrderedRuntimeGuards } from '#src/services/risk/guards/ordered-runtime-guards.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { marks } from '#src/domain/units.js';
import { BTC, d, Desk, NoWindows, settle, WIDE } from './harness.js';

const MINUTE = 60_000;
const VOLATILITY: RiskSettings['volatility'] = {
  enabled: true,
  window: 20,
  warning: d('0.15'),
  reduceOnly: d('0.2'),
  kill: d('0.25'),
  cooldownMs: 30 * MINUTE,
};

/** Swings by a tenth at every value: far beyond every threshold. */
const WILD: Series = {
  instrument: BTC,
  intervalMs: MINUTE,
  length: 30,
  capacity: 30,
  count: 30,
  lastAt: 0,
  at: (back) => marks(back % 2 === 0 ? 1_000 : 1_100),
};

/** What a limit has counted or decided in one process, and what it must still say in the next. */
interface Row {
  readonly limit: string;
  readonly risk: Partial<RiskSettings>;
  readonly before: (desk: Desk) => void | Promise<void>;
  readonly after: (desk: Desk) => unknown;
  readonly right: unknown;
}

const ROWS: readonly Row[] = [
  {
    limit: 'PT-13: the order rate',
    risk: { ordersPerMinute: 2 },
    before: (desk) => {
      desk.send(desk.intent('buy', 1));
      desk.send(desk.intent('buy', 1));
    },
    after: (desk) => desk.verdict(desk.intent('buy', 1)),
    right: 'order_rate',
  },
  {
    limit: 'PT-13: the order rate, and no more of it than what has not come back',
    risk: { ordersPerMinute: 2 },
    before: (desk) => {
      desk.send(desk.intent('buy', 1));
      desk.send(desk.intent('buy', 1));
      desk.clock.advance(MINUTE / 2);
      desk.quote(BTC, 50_000);
    },
    after: (desk) => [desk.send(desk.intent('buy', 1)), desk.send(desk.intent('buy', 1))],
    right: ['approved', 'order_rate'],
  },
  {
    limit: 'PT-13: an order of the future, after the clock was set back',
    risk: { ordersPerMinute: 1 },
    before: (desk) => {
      desk.clock.advance(60 * MINUTE);
      desk.quote(BTC, 50_000);
      desk.send(desk.intent('buy', 1));
      desk.clock.set(desk.now - 60 * MINUTE);
      desk.freshness.times.set(BTC.symbol, desk.now);
    },
    after: (desk) => desk.verdict(desk.intent('buy', 1)),
    right: 'order_rate',
  },
  {
    limit: 'the cool-down of the volatility breaker',
    risk: { volatility: VOLATILITY },
    before: async (desk) => {
      desk.risk.checkVolatility(WILD, desk.now);
      await settle();
      await desk.ladder.loosen('NORMAL', 'seen', 'ada');
      desk.clock.advance(VOLATILITY.cooldownMs - 1);
    },
    after: (desk) => [desk.risk.checkVolatility(WILD, desk.now).action, desk.ladder.state],
    right: ['none', 'NORMAL'],
  },
  {
    limit: 'the cool-down of the volatility breaker, and not for longer',
    risk: { volatility: VOLATILITY },
    before: async (desk) => {
      desk.risk.checkVolatility(WILD, desk.now);
      await settle();
      await desk.ladder.loosen('NORMAL', 'seen', 'ada');
      desk.clock.advance(VOLATILITY.cooldownMs);
    },
    after: (desk) => desk.risk.checkVolatility(WILD, desk.now).action,
    right: 'kill_switch',
  },
  {
    limit: 'a symbol that is too close to its liquidation',
    risk: { minLiquidationBuffer: d('0.5'), maxLeverage: d(5) },
    before: (desk) => {
      desk.hold(BTC, 1);
      desk.risk.checkLiquidationBuffer(BTC, BTC.toMarks(d(50_000)), BTC.toMarks(d(40_000)), desk.now);
    },
    after: (desk) => [desk.risk.isSymbolReduceOnly(BTC.symbol), desk.verdict(desk.intent('buy', '0.001'))],
    right: [true, 'reduce_only_block'],
  },
  {
    limit: 'a symbol that was too close to its liquidation, once it is far again',
    risk: { minLiquidationBuffer: d('0.5'), maxLeverage: d(5) },
    before: (desk) => {
      desk.hold(BTC, 1);
      desk.risk.checkLiquidationBuffer(BTC, BTC.toMarks(d(50_000)), BTC.toMarks(d(40_000)), desk.now);
      desk.risk.checkLiquidationBuffer(BTC, BTC.toMarks(d(50_000)), BTC.toMarks(d(10_000)), desk.now);
    },
    after: (desk) => desk.risk.isSymbolReduceOnly(BTC.symbol),
    right: false,
  },
  {
    limit: 'PT-11: the loss of the day',
    risk: { dailyLossLimit: d(100) },
    before: (desk) => {
      desk.setEquity(9_800);
      desk.risk.checkDailyLoss(desk.now);
      desk.setEquity(10_000);
    },
    after: (desk) => desk.verdict(desk.intent('buy', '0.001')),
    right: 'daily_loss',
  },
  {
    limit: 'PT-12: a drawdown, which the operator who comes after the restart accepts',
    risk: { maxDrawdown: d('0.1') },
    before: async (desk) => {
      desk.setEquity(8_000);
      desk.risk.checkDrawdown(desk.now);
      await settle();
    },
    after: async (desk) => {
      const restored = desk.ladder.state;
      await desk.ladder.loosen('NORMAL', 'accepted', 'ada');
      return [restored, desk.risk.checkDrawdown(desk.now), desk.ladder.state];
    },
    right: ['REDUCE_ONLY', false, 'NORMAL'],
  },
  {
    limit: 'PT-12: a drawdown that nobody was told of is not accepted by a loosening for another reason',
    risk: { maxDrawdown: d('0.1') },
    before: async (desk) => {
      await desk.ladder.tighten('HALTED', 'operator', 'ada');
      desk.setEquity(8_000);
    },
    after: async (desk) => {
      await desk.ladder.loosen('NORMAL', 'looked at', 'ada');
      return desk.risk.checkDrawdown(desk.now);
    },
    right: true,
  },
];

describe('what a limit rests on outlives the process', () => {
  it.each(ROWS)('$limit', async ({ risk, before, after, right }) => {
    const desk = new Desk({ ...WIDE, ...risk });
    await before(desk);
    desk.restart();
    expect(await after(desk)).toEqual(right);
  });
});

describe('what the runtime guards rest on outlives the process', () => {
  const setUp = () => {
    const desk = new Desk({ ...WIDE, dailyLossLimit: d(100), blindGuardMinutes: 5 });
    const broker = new FakeBroker();
    const cancelled: string[] = [];
    let report: CancelReport = { cancelled: [], unconfirmed: [] };
    const make = (): OrderedRuntimeGuards =>
      new OrderedRuntimeGuards(
        desk.config,
        broker,
        desk.risk,
        desk.ladder,
        desk.portfolio,
        { ensure: () => WILD, find: () => undefined, append: () => undefined, drop: () => undefined },
        new NoWindows(),
        {
          kind: 'live',
          place: () => ({ outcome: 'dry_run' }),
          placeList: () => [],
          amend: () => ({ outcome: 'unchanged' }),
          cancelMany: () => Promise.resolve([]),
          refuse: () => ({ outcome: 'dry_run' }),
          cancelAll: (reason) => {
            cancelled.push(reason);
            desk.events.append('cancel_all', { reason, ...report });
            return Promise.resolve(report);
          },
          metrics: () => ({}),
        },
        desk.events,
        desk.logger,
      );
    let guards = make();
    return {
      desk,
      broker,
      cancelled,
      answer: (next: CancelReport) => (report = next),
      round: () => guards.runAll(desk.now),
      restart: () => {
        desk.restart();
        guards = make();
      },
    };
  };

  it('how long guards have been blind, without the time in which nothing ran', async () => {
    const { desk, broker, round, restart } = setUp();
    desk.hold(BTC, '0.001');
    broker.always('listPositions', { throws: new Error('503') });
    for (let minute = 0; minute < 4; minute += 1) {
      await round();
      desk.clock.advance(MINUTE);
    }
    desk.clock.advance(600 * MINUTE);
    restart();
    await round();
    expect(desk.ladder.state).toBe('NORMAL');
    desk.clock.advance(MINUTE);
    await round();
    expect(desk.ladder.state).toBe('NORMAL');
    desk.clock.advance(MINUTE);
    await round();
    expect([desk.ladder.state, desk.ladder.reason]).toEqual(['REDUCE_ONLY', 'blind_guards']);
  });

  it('that a guard sees again', async () => {
    const { desk, broker, round, restart } = setUp();
    desk.hold(BTC, '0.001');
    broker.always('listPositions', { throws: new Error('503') });
    await round();
    desk.clock.advance(4 * MINUTE);
    await round();
    broker.always('listPositions', { value: [] });
    await round();
    broker.always('listPositions', { throws: new Error('503') });
    restart();
    desk.clock.advance(4 * MINUTE);
    await round();
    expect(desk.ladder.state).toBe('NORMAL');
  });

  it.each([
    ['is not repeated where the venue has confirmed it', [], 1],
    ['is repeated while it is not confirmed', ['c1'], 2],
  ])('the cancellation of a lost day %s', async (_, unconfirmed, times) => {
    const { desk, cancelled, answer, round, restart } = setUp();
    answer({ cancelled: [], unconfirmed });
    desk.setEquity(9_000);
    await round();
    restart();
    await round();
    expect(cancelled).toHaveLength(times);
  });
});
