import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { lots, ticks, units } from '#src/domain/units.js';
import { venueOrderId } from '#src/domain/order.js';
import type { ConfigController } from '#src/ports/configuration/settings/config-controller.js';
import { LedgerPortfolio } from '#src/services/accounting/ledger-portfolio.js';
import { DurableSafetyLadder } from '#src/services/risk/durable-safety-ladder.js';
import { QuotePriceMap } from '#src/services/market-data/quote-price-map.js';
import { ForeignOrdersBook } from '#src/services/accounting/foreign-orders-book.js';
import { LiveRiskManager } from '#src/services/risk/live-risk-manager.js';
import { OrderedRuntimeGuards } from '#src/services/risk/guards/ordered-runtime-guards.js';
import { JournaledOrdersStore } from '#src/storage/journaled-orders-store.js';
import { NoOperatorRequests } from '#src/storage/memory/no-operator-requests.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { RecordingTrace } from '../../support/recording-trace.js';
import { agreed, BTC, d, HandEstimator, HandFreshness, HandFunding, HandOrders, NoWindows, settle } from './harness.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const usdt = (amount: number): ReturnType<typeof units> => BTC.toUnits(d(amount), 'nearest');

/** One process: the real books and the real risk manager on a journal that outlives them. */
function process(events: FakeEventStore, clock: ManualClock, config: ConfigController) {
  const logger = new RecordingLogger();
  const portfolio = new LedgerPortfolio(config, new RecordingTrace());
  const ladder = new DurableSafetyLadder(config, events, clock, logger, new NoOperatorRequests());
  ladder.reconcileBy(agreed);
  const risk = new LiveRiskManager(
    config,
    ladder,
    portfolio,
    new HandOrders(),
    new ForeignOrdersBook(),
    new HandFreshness(),
    { objection: () => undefined, worstPrice: () => undefined },
    new NoWindows(),
    new QuotePriceMap(),
    events,
    new JournaledOrdersStore(events),
    new HandEstimator(),
    new HandFunding(),
    logger,
  );
  // What every start replays: the deposit, and one BTC bought at 50,000.
  portfolio.deposit(usdt(10_000), clock.now() - DAY, 'opening');
  portfolio.applyFill({
    tradeId: 't1',
    clientId: 'c1',
    venueId: venueOrderId('v1'),
    instrument: BTC,
    side: 'buy',
    lots: lots(1_000),
    price: ticks(500_000),
    fee: units(0),
    liquidity: 'taker',
    at: clock.now() - DAY,
  });
  portfolio.setKnown(true);
  /** One step at an equity, as the cycle takes it. */
  const at = (equity: number): { lost: boolean; fallen: boolean } => {
    portfolio.mark(BTC.symbol, BTC.toMarks(d(equity - 10_000 + 50_000)));
    portfolio.observe(clock.now());
    return { lost: risk.checkDailyLoss(clock.now()), fallen: risk.checkDrawdown(clock.now()) };
  };
  const guards = (): OrderedRuntimeGuards =>
    new OrderedRuntimeGuards(
      config,
      new FakeBroker(),
      risk,
      ladder,
      portfolio,
      {
        ensure: () => {
          throw new Error('not used');
        },
        find: () => undefined,
        append: () => undefined,
        drop: () => undefined,
      },
      new NoWindows(),
      {
        kind: 'live',
        place: () => ({ outcome: 'dry_run' }),
        placeList: () => [],
        amend: () => ({ outcome: 'unchanged' }),
        cancelMany: () => Promise.resolve([]),
        refuse: () => ({ outcome: 'dry_run' }),
        cancelAll: () => Promise.resolve({ cancelled: [], unconfirmed: [] }),
        metrics: () => ({}),
      },
      events,
      logger,
    );
  return { portfolio, ladder, at, guards };
}

function setUp(risk: { dailyLossLimit?: number; maxDrawdown?: string }) {
  const clock = new ManualClock();
  clock.advance(HOUR);
  const events = new FakeEventStore(() => clock.now());
  const { dailyLossLimit, maxDrawdown } = risk;
  const config = new FakeConfigController(
    testConfig({
      risk: {
        ...(dailyLossLimit === undefined ? {} : { dailyLossLimit: d(dailyLossLimit) }),
        ...(maxDrawdown === undefined ? {} : { maxDrawdown: d(maxDrawdown) }),
      },
    }),
  );
  return { clock, events, start: () => process(events, clock, config) };
}

describe('equity baselines', () => {
  it('survive a restart: the loss of the day is measured from the start of the day, not of the process (PT-11)', () => {
    const { clock, start } = setUp({ dailyLossLimit: 250 });
    const first = start();
    first.at(10_000);
    expect(first.at(9_800).lost).toBe(false);

    clock.advance(HOUR);
    const second = start();
    expect(second.at(9_760).lost).toBe(false);
    expect(second.at(9_749).lost).toBe(true);
  });

  it('survive a restart: the drawdown is measured from the highest equity ever seen (PT-12)', () => {
    const { clock, start } = setUp({ maxDrawdown: '0.1' });
    const first = start();
    first.at(15_000);
    expect(first.at(14_000).fallen).toBe(false);

    clock.advance(HOUR);
    const second = start();
    expect(second.at(13_600).fallen).toBe(false);
    expect(second.at(13_400).fallen).toBe(true);
    expect(second.ladder.state).toBe('REDUCE_ONLY');
  });

  it('let an operator go on after a drawdown: it is measured from the equity he accepted, also after a restart', async () => {
    const { start } = setUp({ maxDrawdown: '0.1' });
    const first = start();
    first.at(10_000);
    expect(first.at(8_900).fallen).toBe(true);
    await first.ladder.loosen('NORMAL', 'loss accepted', 'ada');
    expect(first.at(8_100).fallen).toBe(false);
    expect(first.ladder.state).toBe('NORMAL');

    const second = start();
    second.ladder.restore();
    expect(second.at(8_020).fallen).toBe(false);
    expect(second.at(8_000).fallen).toBe(true);
  });

  it('keep the peak when an operator lifts what had nothing to do with it (I-11)', async () => {
    const { start } = setUp({ maxDrawdown: '0.1' });
    const only = start();
    only.at(10_000);
    only.at(9_500);
    await only.ladder.tighten('HALTED', 'orphan_order');
    await only.ladder.loosen('NORMAL', 'looked at it', 'ada');
    expect(only.at(8_900).fallen).toBe(true);
  });

  it('move with money put in after they were recorded (AC-17)', () => {
    const { clock, start } = setUp({ dailyLossLimit: 250, maxDrawdown: '0.1' });
    start().at(15_000);

    clock.advance(HOUR);
    const second = start();
    second.portfolio.deposit(usdt(5_000), clock.now(), 'more');
    expect(second.at(14_900)).toEqual({ lost: false, fallen: false });
    expect(second.portfolio.equityPeak).toBe(usdt(20_000));
    expect(second.portfolio.dayStartEquity).toBe(usdt(20_000));
  });

  it('begin a new day with the equity of that day, also after a night without a process', () => {
    const { clock, start } = setUp({ dailyLossLimit: 250 });
    start().at(10_000);

    clock.advance(DAY);
    const second = start();
    expect(second.at(9_000).lost).toBe(false);
    expect(second.at(8_749).lost).toBe(true);
  });

  it('are recorded once a day and when the peak has grown by what matters, not at every step', () => {
    const { events, start } = setUp({ dailyLossLimit: 250 });
    const only = start();
    for (const equity of [10_000, 10_001, 10_002, 9_900, 10_003]) only.at(equity);
    expect(events.payloads('equity_baselines')).toHaveLength(1);
    only.at(10_100);
    expect(events.payloads('equity_baselines')).toHaveLength(2);
  });

  it('roll at midnight whoever asks first: guards do not measure the new day from the old one', async () => {
    const { clock, events, start } = setUp({ dailyLossLimit: 250 });
    const only = start();
    only.at(10_000);
    expect(only.at(9_700).lost).toBe(true);

    clock.advance(DAY);
    await only.guards().runAll(clock.now());
    await settle();
    expect(events.payloads('daily_loss_breach')).toHaveLength(1);
    expect(only.at(9_700).lost).toBe(false);
  });
});
