import { describe, expect, it } from '@jest/globals';
import type { CancelReport, ExecutionEngine } from '#src/ports/core-services/execution.js';
import type { Series, SeriesStore } from '#src/ports/runtime-state/series.js';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import { RiskStatus } from '#src/services/risk/risk-status.js';
import { OrderedRuntimeGuards } from '#src/services/risk/guards/ordered-runtime-guards.js';
import { lots, marks, units } from '#src/domain/units.js';
import { venueOrderId } from '#src/domain/order.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { BTC, d, Desk, ETH, NoWindows, settle, WIDE } from './harness.js';

const MINUTE = 60_000;
const SEVEN = [
  'pnl_telemetry',
  'daily_loss',
  'liquidation_buffer',
  'mark_staleness',
  'risk_metrics',
  'correlation_risk',
  'volatility_circuit_breaker',
];

class FakeEngine implements ExecutionEngine {
  readonly kind = 'live';
  readonly reasons: string[] = [];
  answer: CancelReport | Error = { cancelled: ['a'], unconfirmed: [] };
  place(): never {
    throw new Error('guards place nothing');
  }
  placeList(): never {
    throw new Error('guards place nothing');
  }
  refuse(): never {
    throw new Error('guards place nothing');
  }
  amend(): never {
    throw new Error('guards change nothing');
  }
  cancelMany(): never {
    throw new Error('guards cancel everything');
  }
  cancelAll(reason: string): Promise<CancelReport> {
    this.reasons.push(reason);
    return this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
  }
  metrics(): Readonly<Record<string, number>> {
    return {};
  }
}

/** A series that swings by 10 percent at every value. */
const WILD: Series = {
  instrument: BTC,
  intervalMs: MINUTE,
  length: 30,
  capacity: 30,
  count: 30,
  lastAt: 0,
  at: (back) => marks(back % 2 === 0 ? 1_000 : 1_100),
};

function setUp(risk: Partial<RiskSettings> = {}) {
  const desk = new Desk({ ...WIDE, ...risk });
  const broker = new FakeBroker();
  const engine = new FakeEngine();
  const series: SeriesStore = { ensure: () => WILD, find: () => WILD, append: () => undefined, drop: () => undefined };
  const guards = new OrderedRuntimeGuards(
    desk.config,
    broker,
    desk.risk,
    desk.ladder,
    desk.portfolio,
    series,
    new NoWindows(),
    engine,
    desk.events,
    desk.logger,
  );
  const run = (minutes = 0): ReturnType<OrderedRuntimeGuards['runAll']> => {
    const now = desk.now + minutes * MINUTE;
    desk.freshness.touch('BTC-PERP', now);
    return guards.runAll(now);
  };
  const asked = (): number => broker.called().filter((call) => call === 'listPositions').length;
  return { desk, broker, engine, guards, run, asked };
}

describe('runtime guards', () => {
  it('run all seven in order and count their successes', async () => {
    const { run, guards } = setUp();
    expect(await run()).toEqual({ ran: SEVEN, tripped: [], failed: [] });
    expect(guards.status()['counters']).toEqual(
      Object.fromEntries(SEVEN.map((guard) => [`risk.guards.${guard}.success`, 1])),
    );
  });

  it('run every later guard although an earlier one breaks, and tighten once (B-81)', async () => {
    const { desk, run, guards } = setUp();
    desk.risk.checkDailyLoss = () => {
      throw new TypeError('broken');
    };
    const report = await run();
    expect(report.ran).toEqual(SEVEN);
    expect(report.failed).toEqual([{ guard: 'daily_loss', recoverable: false, message: 'broken' }]);
    expect([desk.ladder.state, desk.ladder.reason]).toEqual(['REDUCE_ONLY', 'guard_failure']);
    expect(guards.status()['counters']).toMatchObject({
      'risk.guards.daily_loss.critical_failures': 1,
      'risk.guards.daily_loss.computation': 1,
      'risk.guards.volatility_circuit_breaker.success': 1,
    });
    expect(desk.events.payloads('safety_state')).toHaveLength(1);
  });

  it('treat a silent venue as recoverable, evaluate the position without it, and ask again at the next run', async () => {
    const { desk, broker, run, asked, guards } = setUp({ maxLeverage: d(5), minLiquidationBuffer: d('0.15') });
    desk.hold(BTC, '0.9');
    broker.always('listPositions', { throws: new Error('503') });
    const report = await run();
    expect(report.failed).toEqual([
      { guard: 'liquidation_buffer', recoverable: true, message: 'Positions of the venue are not available: 503' },
    ]);
    expect(report.tripped).toEqual(['liquidation_buffer BTC-PERP']);
    expect(desk.ladder.state).toBe('NORMAL');
    expect(guards.status()['counters']).toMatchObject({
      'risk.guards.liquidation_buffer.recoverable_failures': 1,
      'risk.guards.liquidation_buffer.data_unavailable': 1,
    });
    await run();
    expect(asked()).toBe(2);
  });

  it('tighten to REDUCE_ONLY when a guard was blind for the configured minutes in a row', async () => {
    const { desk, broker, run } = setUp({ blindGuardMinutes: 5 });
    broker.always('listPositions', { throws: new Error('503') });
    for (const minute of [0, 1, 4]) await run(minute);
    broker.heal();
    await run(4.5);
    broker.always('listPositions', { throws: new Error('503') });
    for (const minute of [6, 10.9]) await run(minute);
    expect(desk.ladder.state).toBe('NORMAL');
    await run(11);
    expect([desk.ladder.state, desk.ladder.reason]).toEqual(['REDUCE_ONLY', 'blind_guards']);
  });

  it('are blind for losses while positions are not confirmed', async () => {
    const { desk, run } = setUp();
    desk.portfolio.setKnown(false);
    expect((await run()).failed).toMatchObject([{ guard: 'daily_loss', recoverable: true }]);
  });

  it('are blind for the liquidation of a position without a mark, and still evaluate the others', async () => {
    const { desk, broker, run } = setUp({ minLiquidationBuffer: d('0.15') });
    desk.hold(ETH, 1);
    desk.hold(BTC, '0.01');
    desk.freshness.touch('ETH-PERP', desk.now);
    broker.account.positions = [
      { symbol: 'BTC-PERP', size: d('0.01'), entryPrice: d(50_000), liquidationPrice: d(45_000) },
    ];
    const report = await run();
    expect(report.tripped).toEqual(['liquidation_buffer BTC-PERP', 'correlation_risk']);
    expect(report.failed).toEqual([
      { guard: 'liquidation_buffer', recoverable: true, message: 'No mark for ETH-PERP.' },
    ]);
  });

  it('do not tighten because telemetry fails', async () => {
    const { desk, run } = setUp();
    desk.hold(BTC, 1);
    desk.logger.info = () => {
      throw new Error('log is full');
    };
    for (const minute of [0, 5, 10])
      expect((await run(minute)).failed).toMatchObject([{ guard: 'pnl_telemetry', recoverable: true }]);
    expect(desk.ladder.state).toBe('NORMAL');
  });

  it('cancel resting orders once on the first loss breach of the day, and again on another day', async () => {
    const { desk, engine, run } = setUp({ dailyLossLimit: d(100) });
    desk.setEquity(9_000);
    for (const minute of [0, 1, 2]) expect((await run(minute)).tripped).toEqual(['daily_loss']);
    expect(engine.reasons).toEqual(['daily_loss_limit']);
    expect(desk.ladder.state).toBe('NORMAL');
    await run(24 * 60);
    expect(engine.reasons).toHaveLength(2);
  });

  it('cancel again while the venue has not confirmed every cancellation', async () => {
    const { desk, engine, run } = setUp({ dailyLossLimit: d(100) });
    desk.setEquity(9_000);
    engine.answer = { cancelled: [], unconfirmed: ['x'] };
    await run();
    engine.answer = { cancelled: ['x'], unconfirmed: [] };
    await run(1);
    await run(2);
    expect(engine.reasons).toHaveLength(2);
  });

  it('tighten when the cancel itself fails', async () => {
    const { desk, engine, run } = setUp({ dailyLossLimit: d(100) });
    desk.setEquity(9_000);
    engine.answer = new Error('offline');
    expect((await run()).failed).toEqual([
      { guard: 'daily_loss', recoverable: false, message: 'Orders could not be cancelled: offline' },
    ]);
    expect(desk.ladder.state).toBe('REDUCE_ONLY');
  });

  it('measure the liquidation buffer by the price the venue reports, which takes 0 for none', async () => {
    const { desk, broker, run } = setUp({ minLiquidationBuffer: d('0.15') });
    desk.hold(BTC, '0.01');
    broker.account.positions = [
      { symbol: 'BTC-PERP', size: d('0.01'), entryPrice: d(50_000), liquidationPrice: d(45_000) },
    ];
    expect((await run()).tripped).toEqual(['liquidation_buffer BTC-PERP']);
    expect(desk.risk.isSymbolReduceOnly('BTC-PERP')).toBe(true);
    broker.account.positions = [{ symbol: 'BTC-PERP', size: d('0.01'), entryPrice: d(50_000), liquidationPrice: d(0) }];
    expect((await run(1)).tripped).toEqual([]);
    expect(desk.risk.isSymbolReduceOnly('BTC-PERP')).toBe(false);
  });

  it('ask the venue at most once a minute, and at once after a fill', async () => {
    const { desk, run, asked } = setUp();
    await run(0);
    await run(0.5);
    expect(asked()).toBe(1);
    desk.portfolio.applyFill({
      tradeId: 't',
      clientId: 'c',
      venueId: venueOrderId('v'),
      instrument: BTC,
      side: 'buy',
      lots: lots(1),
      price: BTC.toTicks(d(50_000), 'nearest'),
      fee: units(0),
      liquidity: 'taker',
      at: 0,
    });
    await run(0.6);
    expect(asked()).toBe(2);
    await run(1.6);
    expect(asked()).toBe(3);
  });

  it('trip on a stale mark, on a drawdown, on concentration and on volatility (B-80)', async () => {
    const { desk, guards } = setUp({
      maxDrawdown: d('0.05'),
      volatility: {
        enabled: true,
        window: 20,
        warning: d('0.15'),
        reduceOnly: d('0.2'),
        kill: d('0.25'),
        cooldownMs: MINUTE,
      },
    });
    desk.setEquity(9_000);
    desk.risk.checkConcentration = () => true;
    const report = await guards.runAll(desk.now + 60 * MINUTE);
    expect(report.tripped).toEqual([
      'max_drawdown',
      'mark_staleness BTC-PERP',
      'correlation_risk',
      'volatility_circuit_breaker BTC-PERP',
    ]);
    expect(desk.ladder.state).toBe('HALTED');
  });

  it('report profit per position and write one snapshot a round', async () => {
    const { desk, run } = setUp();
    desk.hold(BTC, 1);
    await run();
    expect(desk.logger.lines.find(({ message }) => message === 'pnl_update')?.fields).toEqual({
      symbol: 'BTC-PERP',
      realized_pnl: '0',
      unrealized_pnl: '0',
      position_size: '1',
    });
    expect(desk.events.payloads('risk_snapshot')).toHaveLength(1);
  });

  it('say what a position has earned when it has changed, else once an hour', async () => {
    const { desk, guards } = setUp();
    const lines = (): number => desk.logger.lines.filter(({ message }) => message === 'pnl_update').length;
    const rounds = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round += 1) await guards.runAll(desk.clock.advance(MINUTE));
    };
    await rounds(60);
    expect(lines()).toBe(0);
    desk.hold(BTC, 1);
    await rounds(60);
    expect(lines()).toBe(1);
    await rounds(60);
    expect(lines()).toBe(2);
    desk.hold(BTC, 2);
    await rounds(2);
    expect(lines()).toBe(3);
  });

  it('join a round that is still running instead of starting a second one (B-19)', async () => {
    const { desk, guards, asked } = setUp();
    const [first, second] = await Promise.all([guards.runAll(desk.now), guards.runAll(desk.now)]);
    expect(first).toBe(second);
    expect(asked()).toBe(1);
  });

  it('take equity from the books alone: balances of other currencies change nothing (B-79)', async () => {
    const { desk, broker, engine, run } = setUp({ dailyLossLimit: d(100) });
    broker.account.balances = [{ asset: 'SHIB', total: d(1e9), available: d(1e9) }];
    desk.setEquity(9_000);
    await run();
    expect(engine.reasons).toHaveLength(1);
    expect(broker.called()).not.toContain('listBalances');
  });
});

describe('risk status', () => {
  it('says what holds trading back and since when', async () => {
    const { desk, run } = setUp({ dailyLossLimit: d(100), minLiquidationBuffer: d('0.15'), maxLeverage: d(5) });
    desk.hold(BTC, '0.9');
    await desk.ladder.tighten('HALTED', 'drill', 'ada');
    await run();
    const status = new RiskStatus(desk.config, desk.ladder, desk.risk, desk.portfolio).status();
    expect(status).toEqual({
      safety_state: 'HALTED',
      safety_reason: 'drill',
      safety_since: desk.now,
      reduce_only: true,
      kill_switch: true,
      reduce_only_symbols: ['BTC-PERP'],
      disabled_strategies: [],
      positions_known: true,
      equity: '10000',
      equity_peak: '10000',
      gross_notional: '0',
      daily_pnl: '0',
      daily_loss_limit: '100',
    });
    await settle();
  });
});
