import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { hold } from '#src/domain/decision.js';
import { CountingGateLedger } from '#src/services/runtime/state/counting-gate-ledger.js';
import { LastDecisionsMap } from '#src/services/runtime/state/last-decisions-map.js';
import { SharedOrderStats } from '#src/services/runtime/state/shared-order-stats.js';
import { CountedPendingWork } from '#src/services/runtime/state/counted-pending-work.js';
import { settled } from '#src/testing/settled.js';

describe('LastDecisionsMap', () => {
  it('is empty before the first decision and keeps the newest per symbol, holds included', () => {
    const decisions = new LastDecisionsMap();
    expect([decisions.find('BTC-PERP'), decisions.all().size]).toEqual([undefined, 0]);

    decisions.record('BTC-PERP', { action: 'buy', reason: 'cross' }, 1);
    decisions.record('ETH-PERP', hold('no cross'), 1);
    decisions.record('BTC-PERP', hold('nothing new'), 2);

    expect(decisions.find('BTC-PERP')).toEqual({ decision: { action: 'hold', reason: 'nothing new' }, at: 2 });
    expect([...decisions.all().keys()]).toEqual(['BTC-PERP', 'ETH-PERP']);
  });

  it('makes no entry per decision', () => {
    const decisions = new LastDecisionsMap();
    decisions.record('BTC-PERP', hold('a'), 1);
    const entry = decisions.find('BTC-PERP');
    decisions.record('BTC-PERP', hold('b'), 2);

    expect(decisions.find('BTC-PERP')).toBe(entry);
  });

  it('forgets a symbol', () => {
    const decisions = new LastDecisionsMap();
    decisions.record('BTC-PERP', hold('a'), 1);
    decisions.forget('BTC-PERP');

    expect(decisions.find('BTC-PERP')).toBeUndefined();
  });
});

describe('SharedOrderStats', () => {
  it('starts at zero', () => {
    const { attempted, successful, failed } = new SharedOrderStats();
    expect([attempted, successful, failed]).toEqual([0, 0, 0]);
  });
});

describe('CountingGateLedger', () => {
  it('reports how often and how long each gate held, with its first instance', () => {
    const ledger = new CountingGateLedger();
    ledger.hold('session', 'BTC-PERP', 1_000, 500);
    ledger.hold('stale', 'ETH-PERP', 1_500, 500);
    ledger.hold('session', 'BTC-PERP', 2_000, 500);

    expect(ledger.report()).toEqual([
      { gate: 'session', times: 2, heldMs: 1_000, firstAt: 1_000, firstSymbol: 'BTC-PERP' },
      { gate: 'stale', times: 1, heldMs: 500, firstAt: 1_500, firstSymbol: 'ETH-PERP' },
    ]);
  });

  it('counts the time of one instant once, however many symbols the gate held', () => {
    const ledger = new CountingGateLedger();
    for (const symbol of ['BTC-PERP', 'ETH-PERP', 'SOL-PERP']) ledger.hold('session', symbol, 1_000, 500);

    expect(ledger.report()).toEqual([
      { gate: 'session', times: 3, heldMs: 500, firstAt: 1_000, firstSymbol: 'BTC-PERP' },
    ]);
  });
});

describe('CountedPendingWork', () => {
  const work = (): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } => {
    let resolve!: () => void;
    let reject!: (error: Error) => void;
    const promise = new Promise<void>((good, bad) => {
      resolve = good;
      reject = bad;
    });
    return { promise, resolve, reject };
  };

  it('is idle at once when nothing is pending', async () => {
    await expect(new CountedPendingWork().idle()).resolves.toBeUndefined();
  });

  it('waits until everything has settled, rejections included', async () => {
    const pending = new CountedPendingWork();
    const [first, second] = [work(), work()];
    pending.track(first.promise);
    pending.track(second.promise);
    let idle = 0;
    void pending.idle().then(() => (idle += 1));
    void pending.idle().then(() => (idle += 1));

    first.resolve();
    await settled();
    expect([pending.count, idle]).toEqual([1, 0]);
    second.reject(new Error('refused'));
    await settled();
    expect([pending.count, idle]).toEqual([0, 2]);
  });

  it('does not turn a tracked rejection into an unhandled one', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): number => unhandled.push(reason);
    process.on('unhandledRejection', listener);
    const pending = new CountedPendingWork();
    pending.track(Promise.reject(new Error('refused')));
    await pending.idle();
    await settled();
    process.off('unhandledRejection', listener);

    expect(unhandled).toEqual([]);
  });

  it('goes on waiting for work that was begun while it waited', async () => {
    const pending = new CountedPendingWork();
    const [first, second] = [work(), work()];
    pending.track(first.promise);
    void first.promise.then(() => pending.track(second.promise));
    let idle = false;
    void pending.idle().then(() => (idle = true));

    first.resolve();
    await settled();
    expect([pending.count, idle]).toEqual([1, false]);
    second.resolve();
    await settled();
    expect(idle).toBe(true);
  });
});
