import { describe, expect, it } from '@jest/globals';
import { Throttle, Throttles } from '#src/flow/throttle.js';
import { ManualClock } from '#src/testing/manual-clock.js';

describe('Throttle', () => {
  it('lets the first through at once, then one a minute, and says how many it kept back meanwhile', () => {
    const clock = new ManualClock();
    const throttle = new Throttle();
    expect(throttle.pass(clock.now())).toBe(0);
    expect(throttle.pass(clock.now())).toBeUndefined();
    expect(throttle.pass(clock.advance(59_999))).toBeUndefined();
    expect(throttle.pass(clock.advance(1))).toBe(2);
    expect(throttle.pass(clock.advance(1))).toBeUndefined();
    expect(throttle.pass(clock.advance(60_000))).toBe(1);
    expect(throttle.pass(clock.advance(60_000))).toBe(0);
  });

  it('asks for the interval each time, so that a changed one holds at once; none keeps nothing back', () => {
    const clock = new ManualClock();
    const throttle = new Throttle();
    throttle.pass(clock.now(), 5_000);
    expect(throttle.pass(clock.advance(4_999), 5_000)).toBeUndefined();
    expect(throttle.pass(clock.now(), 1_000)).toBe(1);
    expect([0, 0, 0].map((none) => throttle.pass(clock.now(), none))).toEqual([0, 0, 0]);
  });

  it('is not silenced by a clock that is set back', () => {
    const clock = new ManualClock();
    const throttle = new Throttle();
    const start = clock.now();
    throttle.pass(start);
    clock.set(start - 3_600_000);
    expect(throttle.pass(clock.now())).toBe(0);
    expect(throttle.pass(clock.advance(59_999))).toBeUndefined();
    expect(throttle.pass(clock.advance(1))).toBe(1);
  });
});

describe('Throttles', () => {
  it('keep each kind of each subject apart', () => {
    const clock = new ManualClock();
    const throttles = new Throttles();
    const pass = (subject: string, kind: string) => throttles.pass(subject, kind, clock.now());
    expect([pass('BTC', 'size'), pass('BTC', 'price'), pass('ETH', 'size')]).toEqual([0, 0, 0]);
    expect([pass('BTC', 'size'), pass('BTC', 'size'), pass('ETH', 'size')]).toEqual([undefined, undefined, undefined]);
    clock.advance(60_000);
    expect([pass('BTC', 'size'), pass('BTC', 'price'), pass('ETH', 'size')]).toEqual([2, 0, 1]);
  });

  it('take an interval of their own', () => {
    const clock = new ManualClock();
    const throttles = new Throttles();
    throttles.pass('BTC', 'candles', clock.now(), 30_000);
    expect(throttles.pass('BTC', 'candles', clock.advance(29_999), 30_000)).toBeUndefined();
    expect(throttles.pass('BTC', 'candles', clock.advance(1), 30_000)).toBe(1);
  });
});
