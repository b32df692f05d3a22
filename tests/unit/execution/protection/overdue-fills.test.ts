import { describe, expect, it } from '@jest/globals';
import type { Order, OrderStatus, OrderType } from '#src/domain/order.js';
import { OverdueFills } from '#src/services/execution/protection/overdue-fills.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';

const order = (status: OrderStatus, type: OrderType = 'market'): Order =>
  ({ request: { clientId: 'one', type }, status }) as unknown as Order;

function rig(answers: () => Promise<number> = () => Promise.resolve(0)) {
  const scheduler = new ManualScheduler();
  const asked: number[] = [];
  const overdue = new OverdueFills({
    stream: {
      backfill: () => {
        asked.push(scheduler.clock.now());
        return answers();
      },
    },
    pending: { track: () => undefined } as never,
    logger: new RecordingLogger(),
    clock: scheduler.clock,
    scheduler,
  });
  return { overdue, asked, scheduler, from: scheduler.clock.now() };
}

describe('an order at market of which nothing is heard', () => {
  it('has the venue asked what it has filled, after a second, and then after pauses that grow', async () => {
    const { overdue, asked, scheduler, from } = rig(() => Promise.reject(new Error('no answer')));
    overdue.follow(order('open'));
    overdue.follow(order('open'));
    await scheduler.advance(10_000);
    expect(asked.map((at) => at - from)).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  it.each<OrderStatus>(['filled', 'cancelled', 'expired', 'rejected_late', 'liquidated', 'unknown'])(
    'is left alone once it is %s',
    async (status) => {
      const { overdue, asked, scheduler } = rig();
      overdue.follow(order('partially_filled'));
      await scheduler.advance(500);
      overdue.follow(order(status));
      await scheduler.advance(60_000);
      expect(asked).toEqual([]);
      expect(scheduler.pending).toBe(0);
    },
  );

  it('is none of those that rest, nor one of a bot that is going down', async () => {
    const { overdue, asked, scheduler } = rig();
    overdue.follow(order('open', 'limit'));
    overdue.follow(order('open'));
    overdue.rest();
    await scheduler.advance(60_000);
    expect(asked).toEqual([]);
  });
});
