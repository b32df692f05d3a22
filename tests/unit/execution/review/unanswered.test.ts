import { describe, expect, it } from '@jest/globals';
import { Rig, settled } from '../rig.js';
import { OperatorReview } from '#src/services/execution/review/operator-review.js';
import type { ReconcileReport } from '#src/ports/core-services/account-review.js';

describe('a look at an account whose venue does not answer', () => {
  it('is over within its own time, asks nothing over and over, and says what could not be asked', async () => {
    const rig = new Rig();
    await rig.start();
    const silence = { reply: (): Promise<never> => new Promise(() => undefined) };
    for (const question of ['listOpenOrders', 'listFills', 'listPositions', 'listBalances'] as const)
      rig.broker.always(question, silence);
    let isReconciled = false;
    const runtime = {
      differences: (): Promise<readonly string[]> => {
        isReconciled = true;
        return Promise.resolve([]);
      },
    };
    const { config, brokerage, stream, log, portfolio, catalogue, journal, scheduler, clock, logger } = rig;
    const review = new OperatorReview(
      ...([config, brokerage, brokerage, stream, log, portfolio, catalogue, journal] as const),
      ...([runtime, scheduler, clock, logger] as const),
    );
    const begun = clock.now();
    let report: ReconcileReport | undefined;
    void review.reconcile().then((told) => (report = told));
    for (let passed = 0; report === undefined && passed < 300; passed += 1) {
      await settled();
      await scheduler.advance(200);
    }
    expect(clock.now() - begun).toBeLessThanOrEqual(20_400);
    expect(report).toMatchObject({ agreed: false });
    expect(report?.differences.map(({ what, of }) => `${what} ${of}`)).toEqual(
      expect.arrayContaining(['unanswered open orders', 'unanswered fills', 'unanswered positions']),
    );
    expect(isReconciled).toBe(false);
  });
});
