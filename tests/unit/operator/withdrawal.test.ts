import { describe, expect, it } from '@jest/globals';
import { Withdrawal, type WithdrawalPorts } from '#src/operator/control/withdrawal.js';
import type { Order } from '#src/domain/order.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { settled } from '#src/testing/settled.js';

describe('a withdrawal that hangs', () => {
  it('says no more of an order that has been settled meanwhile', async () => {
    const open = ['lost', 'there'];
    const log: WithdrawalPorts['log'] = { open: () => open.map((clientId) => ({ request: { clientId } }) as Order) };
    let hangs = false;
    const engine: WithdrawalPorts['engine'] = {
      cancelAll: () =>
        hangs
          ? new Promise(() => undefined)
          : ((hangs = true),
            Promise.resolve({ cancelled: [], unconfirmed: ['lost', 'there', 'listed by the venue alone'] })),
    };
    const scheduler = new ManualScheduler();
    const withdrawal = new Withdrawal({ engine, log, scheduler, logger: new RecordingLogger() }, 'halt', () => false);
    withdrawal.begin();
    await settled();
    expect(withdrawal.report.mayBeLive).toEqual(['lost', 'there', 'listed by the venue alone']);
    open.splice(0, 1);
    expect(withdrawal.report).toMatchObject({ done: false, mayBeLive: ['there', 'listed by the venue alone'] });
    withdrawal.end();
  });
});
