import { describe, expect, it } from '@jest/globals';
import { lots } from '#src/domain/units.js';
import type { GuardReport } from '#src/ports/core-services/execution.js';
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
