import { describe, expect, it } from '@jest/globals';
import { lots, ticks } from '#src/domain/units.js';
import type { GuardReport } from '#src/ports/core-services/execution.js';
import { SharedRequestBudget } from '#src/services/execution/gateway/shared-request-budget.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { Rig, settled, T0 } from './rig.js';

function coordinated(runAll: (now: number) => Promise<GuardReport>): {
  rig: Rig;
  coordinator: Rig['coordinator'];
} {
  const rig = new Rig();
  rig.runGuards = runAll;
  return { rig, coordinator: rig.coordinator };
}
const fine: GuardReport = { ran: [], tripped: [], failed: [] };

describe('execution coordinator', () => {
  it('makes an order of a decision and returns at once', () => {
    const { rig, coordinator } = coordinated(() => Promise.resolve(fine));
    const result = coordinator.executeDecision(
      rig.instrument,
      { action: 'buy', reason: 'cross', quantity: lots(5) },
      rig.markOf('50000'),
      rig.portfolio.position(rig.instrument),
      T0,
    );
    expect(result).toMatchObject({ outcome: 'submitted' });
    expect(rig.broker.placed).toHaveLength(0);
  });

  it('runs the guards every minute, also after one has thrown (B-81)', async () => {
    const runs: number[] = [];
    const { rig, coordinator } = coordinated((now) => {
      runs.push(now - T0);
      return runs.length === 1 ? Promise.reject(new Error('guard broke')) : Promise.resolve(fine);
    });
    const abort = new AbortController();
    const task = coordinator.runRuntimeGuards(abort.signal);
    await settled();
    await rig.scheduler.advance(120_000);
    abort.abort();
    await task;
    expect(runs).toEqual([0, 60_000, 120_000]);
    expect(rig.logger.at('error')).toEqual(['Runtime guards failed']);
    expect(rig.scheduler.pending).toBe(0);
  });

  it('resolves unknown orders and compares open ones every 45 seconds, also after a failure', async () => {
    const { rig, coordinator } = coordinated(() => Promise.resolve(fine));
    rig.broker.always('listOpenOrders', { throws: new Error('down') });
    const abort = new AbortController();
    const task = coordinator.runOrderReconciliation(abort.signal);
    await settled();
    rig.broker.heal();
    await rig.scheduler.advance(90_000);
    abort.abort();
    await task;
    expect(rig.broker.called().filter((call) => call === 'listOpenOrders')).toHaveLength(3);
    expect(rig.logger.at('error')).toEqual(['Order reconciliation failed']);
  });
});

describe('a close of a strategy that ends at its collar', () => {
  const worst = ticks(495_000);

  function closing() {
    const rig = new Rig({ permit: { objection: () => undefined, worstPrice: () => worst } });
    rig.hold(100);
    rig.place({ action: 'close' });
    return rig;
  }

  /** Fills this much of the newest order, then ends it. */
  async function end(rig: Rig, filled: number): Promise<void> {
    await settled();
    const order = rig.log.find(rig.broker.lastPlaced.clientId);
    if (order === undefined) throw new Error('There is no order.');
    const { clientId, symbol } = order.request;
    if (filled > 0) rig.stream.accept({ kind: 'fill', fill: rig.fill(order, filled, `t-${clientId}`) });
    const report = { status: 'expired', at: rig.clock.now() } as const;
    if (filled < order.request.lots)
      rig.stream.accept({ kind: 'order', clientId, symbol, report, filled: lots(filled) });
    await settled();
  }
  const sizes = (rig: Rig): number[] => rig.broker.placed.map(({ lots: size }) => size);

  it('is closed again until nothing is left, ever more rarely while nobody takes it', async () => {
    const rig = closing();
    await end(rig, 40);
    expect(sizes(rig)).toEqual([100]);
    await rig.scheduler.advance(1_000);
    expect(sizes(rig)).toEqual([100, 60]);
    expect(rig.broker.lastPlaced).toMatchObject({ limit: worst, timeInForce: 'IOC', reduceOnly: true });
    await end(rig, 0);
    await rig.scheduler.advance(999);
    expect(sizes(rig)).toEqual([100, 60]);
    await rig.scheduler.advance(5_000);
    expect(sizes(rig)).toEqual([100, 60, 60]);
    await end(rig, 60);
    await rig.scheduler.advance(600_000);
    expect([sizes(rig), rig.scheduler.pending]).toEqual([[100, 60, 60], 0]);
  });

  it.each([
    [
      'the strategy decides otherwise',
      (rig: Rig): void => void rig.place({ action: 'buy', quantity: lots(1) }),
      [100, 1],
    ],
    [
      'the position is gone by another way',
      (rig: Rig): void => void rig.portfolio.applyFill(rig.fill('elsewhere', 60, 'e', { side: 'sell' })),
      [100],
    ],
  ] as const)('is not closed again once %s', async (_what, happens, expected) => {
    const rig = closing();
    await end(rig, 40);
    rig.clock.advance(1);
    happens(rig);
    await settled();
    await rig.scheduler.advance(600_000);
    expect([sizes(rig), rig.scheduler.pending]).toEqual([expected, 0]);
  });

  it('is closed again although something else that reduces was asked for meanwhile', async () => {
    const rig = closing();
    await end(rig, 40);
    rig.clock.advance(1);
    rig.place({ action: 'sell', quantity: lots(10), reduceOnly: true });
    await end(rig, 10);
    await rig.scheduler.advance(5_000);
    expect(sizes(rig)).toEqual([100, 10, 50]);
  });

  it('waits, with its rest, for the end of a pause that the venue has asked for', async () => {
    const budget = new SharedRequestBudget(
      new FakeConfigController(testConfig()),
      { all: () => new Map<string, never>().values() },
      new FakeEventStore(),
      new RecordingLogger(),
    );
    const rig = new Rig({ budget, permit: { objection: () => undefined, worstPrice: () => worst } });
    rig.hold(100);
    rig.place({ action: 'close' });
    await end(rig, 40);
    budget.heed({ retryAfterMs: 60_000 }, rig.clock.now(), 'protection');
    await rig.scheduler.advance(59_000);
    expect([sizes(rig), [...rig.log.all()].length]).toEqual([[100], 1]);
    await rig.scheduler.advance(5_000);
    expect(sizes(rig)).toEqual([100, 60]);
  });

  it('is not closed again after the bot was told to stop', async () => {
    const rig = closing();
    const abort = new AbortController();
    const task = rig.coordinator.runRuntimeGuards(abort.signal);
    await end(rig, 40);
    abort.abort();
    await task;
    await rig.scheduler.advance(600_000);
    expect(sizes(rig)).toEqual([100]);
  });
});
