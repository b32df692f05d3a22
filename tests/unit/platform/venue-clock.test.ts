import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { VenueClock } from '#src/platform/time/venue-clock.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { measured, SkewedHost } from '../../support/skewed-host.js';

const HOUR = 3_600_000;

describe('the clock of the live world', () => {
  it("is the host's until the venue has told its time, and proves nothing within a minute", () => {
    const host = new SkewedHost(new ManualClock(), -40_000);
    const clock = new VenueClock(host);

    expect(clock.now()).toBe(host.wall());
    expect([clock.offsetMs, clock.boundMs, clock.measuredMs, clock.doubt, clock.stepped]).toEqual([
      undefined,
      60_000,
      0,
      undefined,
      false,
    ]);
  });

  it.each([-40_000, -300, 0, 300, 40_000])("is the venue's once measured, on a host %d ms ahead", (aheadMs) => {
    const { venue, clock } = measured(aheadMs);

    expect([clock.now(), clock.offsetMs]).toEqual([venue.now(), 0 - aheadMs]);
    venue.advance(61_000);
    expect(clock.now()).toBe(venue.now());
  });

  it('takes the quickest answer: its stamp lies between question and answer, and half of that is the error', () => {
    const venue = new ManualClock();
    const host = new SkewedHost(venue, 0);
    const clock = new VenueClock(host);
    const ask = (there: number, back: number) => {
      const askedAt = host.monotonic();
      const at = venue.advance(there);
      venue.advance(back);
      return { at, askedAt, answeredAt: host.monotonic() };
    };

    clock.adjust([ask(10, 790), ask(30, 50), ask(5, 400)]);

    expect(clock.measuredMs).toBe(41);
    expect(Math.abs(clock.now() - venue.now())).toBe(10);
  });

  it.each([HOUR, -HOUR])('does not move when the wall clock steps by %d ms (TM-01, TM-02), and says so', (step) => {
    const { venue, host, clock } = measured(0);
    expect(clock.doubt).toBeUndefined();

    host.aheadMs = step;
    venue.advance(1_000);

    expect([clock.now(), clock.stepped]).toEqual([venue.now(), true]);
    expect(clock.doubt).toMatch(/clock is .* ahead|has stepped/);
  });

  it('drifts: the error grows by 500 ppm until it decides nothing any more', () => {
    const { venue, clock } = measured(0);

    venue.advance(5 * 60_000);
    expect([clock.measuredMs, clock.doubt]).toEqual([151, undefined]);
    venue.advance(29 * 60_000);
    expect(clock.doubt).toMatch(/known to within 1021 ms/);
  });

  it.each([
    [59_000, undefined],
    [61_000, /61000 ms ahead/],
    [-61_000, /-61000 ms ahead/],
  ])('is doubted beyond a minute, measured or not: %d ms', (aheadMs, doubt) => {
    const { clock } = measured(aheadMs);

    if (doubt === undefined) expect(clock.doubt).toBeUndefined();
    else expect(clock.doubt).toMatch(doubt);
  });

  it.each([
    [0, ['suspected']],
    [-200, ['suspected']],
    [5_000, ['suspected', 'corrected']],
    [-5_000, ['suspected', 'corrected']],
  ])('suspected once, and found %d ms off: %j', (off, expected) => {
    const { venue, host, clock } = measured(0);
    const news: string[] = [];
    const end = clock.onDoubt((each) => news.push(each));
    clock.suspect();
    clock.suspect();
    expect([clock.stepped, clock.doubt]).toEqual([true, expect.stringContaining('refused an order for its time')]);

    const answer = (at: number): void =>
      clock.adjust([{ at, askedAt: host.monotonic(), answeredAt: host.monotonic() }]);
    answer(venue.now() + off);
    expect([news, clock.stepped, clock.doubt]).toEqual([expected, false, undefined]);

    end();
    answer(venue.now() + 60_000);
    expect(news).toEqual(expected);
  });
});
