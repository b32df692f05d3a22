import { describe, expect, it } from '@jest/globals';
import { OrderRounds } from '#src/services/execution/coordinator/order-rounds.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { settled } from '#src/testing/settled.js';

function rig(look: () => Promise<void> = () => Promise.resolve()) {
  const scheduler = new ManualScheduler();
  const { clock } = scheduler;
  const [at, failures]: [number[], unknown[]] = [[], []];
  const listeners = new Set<() => void>();
  const start = clock.now();
  const rounds = new OrderRounds({
    look: () => {
      at.push(clock.now() - start);
      return look();
    },
    intervalMs: () => 60_000,
    failed: (error) => failures.push(error),
    stream: {
      onRecovered: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    scheduler,
    clock,
  });
  const stop = new AbortController();
  const run = rounds.run(stop.signal);
  const recovered = async (): Promise<void> => {
    listeners.forEach((listener) => listener());
    await settled();
  };
  const end = async (): Promise<void> => {
    stop.abort();
    await run;
    expect([scheduler.pending, listeners.size]).toEqual([0, 0]);
  };
  return { at, failures, scheduler, recovered, end };
}

describe('looks at the orders of the venue', () => {
  it('come after each interval, whatever became of the one before', async () => {
    const { at, failures, scheduler, end } = rig(() => Promise.reject(new Error('nobody answers')));
    await settled();
    await scheduler.advance(120_000);
    await end();
    expect(at).toEqual([0, 60_000, 120_000]);
    expect(failures).toHaveLength(3);
  });

  it('come at once when the stream of the account has come back', async () => {
    const { at, scheduler, recovered, end } = rig();
    await settled();
    await scheduler.advance(40_000);
    await recovered();
    await scheduler.advance(60_000);
    await end();
    expect(at).toEqual([0, 40_000, 100_000]);
  });

  it('come four times a minute at most, for a stream that comes and goes', async () => {
    const { at, scheduler, recovered, end } = rig();
    await settled();
    for (let second = 0; second < 60; second += 1) {
      await scheduler.advance(1_000);
      await recovered();
    }
    await end();
    expect(at).toEqual([0, 15_000, 30_000, 45_000, 60_000]);
  });

  it('come again for what came back while one was under way', async () => {
    let answer: () => void = () => undefined;
    const { at, scheduler, recovered, end } = rig(() => new Promise((resolve) => (answer = resolve)));
    await settled();
    await scheduler.advance(20_000);
    await recovered();
    answer();
    await settled();
    expect(at).toEqual([0, 20_000]);
    answer();
    await settled();
    await scheduler.advance(59_000);
    expect(at).toEqual([0, 20_000]);
    await scheduler.advance(1_000);
    answer();
    await end();
    expect(at).toEqual([0, 20_000, 80_000]);
  });

  it('end at once, while they wait for the least between two as well', async () => {
    const { at, scheduler, recovered, end } = rig();
    await settled();
    await scheduler.advance(1_000);
    await recovered();
    await end();
    expect(at).toEqual([0]);
  });
});
