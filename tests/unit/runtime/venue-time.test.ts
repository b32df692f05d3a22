import { afterEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import { VenueClock } from '#src/platform/time/venue-clock.js';
import { Clock, HostClock } from '#src/ports/configuration/clock.js';
import { HostScheduler } from '#src/ports/configuration/scheduler.js';
import { VenueTime } from '#src/ports/configuration/venue-time.js';
import { ExecutionEngine, type Submission } from '#src/ports/core-services/execution.js';
import { VenueTimekeeper } from '#src/ports/core-services/venue-timekeeper.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrument } from '#src/testing/instruments.js';
import { settled } from '#src/testing/settled.js';
import { swap, testBot, type TestBot } from 'perpsbot/testing';
import { testConfig } from '../../support/config.js';
import { SkewedHost } from '../../support/skewed-host.js';

const BTC = instrument();
let made: TestBot[] = [];
afterEach(async () => {
  await Promise.all(made.map(({ bot }) => bot.stop()));
  made = [];
});

/** A bot of the live world's time: on a machine whose clock is so far ahead of a venue that tells its own. */
function liveTime(aheadMs: number, serverTime = true) {
  const broker = new FakeBroker({ capabilities: { serverTime } });
  const host = new SkewedHost(broker.scheduler.clock, aheadMs);
  const clock = new VenueClock(host);
  const bot = testBot({
    config: testConfig({ streaming: { enabled: false } }),
    broker,
    overrides: (container) => {
      swap(container, HostClock, host);
      swap(container, Clock, clock);
      swap(container, VenueTime, clock);
      swap(container, HostScheduler, broker.scheduler);
    },
  });
  made.push(bot);
  return { bot, broker, host, clock };
}

function order(bot: TestBot, action: 'buy' | 'sell', reduceOnly = false): Submission {
  bot.get(MarketData).acceptMark('BTC-PERP', BTC.toMarks(new Decimal(50_000)), bot.get(Clock).now());
  const notional = BTC.toUnits(new Decimal(500), 'floor');
  return bot.bot.executeDecision('BTC-PERP', {
    action,
    reason: 'test',
    notional,
    ...(reduceOnly ? { reduceOnly } : {}),
  });
}

describe('a start', () => {
  it.each([
    [1_200, 'ahead of'],
    [-1_200, 'behind'],
    [40_000, 'ahead of'],
    [-40_000, 'behind'],
  ])('is refused on a clock %d ms off, before the first signed call, and says what to do (NW-22)', async (off, way) => {
    const { bot, broker } = liveTime(off);

    await expect(bot.bot.open()).rejects.toMatchObject({
      code: 'BOT-002',
      exitCode: 78,
      cause: {
        code: 'VENUE-006',
        message: `The clock of this machine is ${Math.abs(off)} ms ${way} the venue's.`,
        fix: expect.stringContaining('chronyc makestep'),
      },
    });

    expect(broker.called()).toEqual(['connect', 'getServerTime', 'getServerTime', 'getServerTime', 'disconnect']);
  });

  it.each([-900, 0, 900])('goes on at %d ms, on the time of the venue (NW-22)', async (off) => {
    const { bot, broker, clock } = liveTime(off);

    await bot.open();

    expect(clock.now()).toBe(broker.scheduler.clock.now());
    const warned = bot.logger.at('warn').includes("The host's clock is off the venue's");
    expect(warned).toBe(off !== 0);
  });

  it('needs one answer of three', async () => {
    const { bot, broker } = liveTime(0);
    broker.next('getServerTime', { throws: new Error('502') });
    broker.next('getServerTime', { value: 1_700_000_000 });

    await bot.open();

    expect(bot.get(VenueTimekeeper).status()).toMatchObject({ offset_ms: 0, bound_ms: 1, doubt: null });
  });

  it('is not made without any', async () => {
    const { bot, broker } = liveTime(0);
    broker.always('getServerTime', { throws: new Error('502') });

    await expect(bot.bot.open()).rejects.toMatchObject({ code: 'BOT-002', cause: new Error('502') });
  });

  it('says so where the venue tells no time, and takes the machine for it', async () => {
    const { bot, broker, clock } = liveTime(40_000, false);

    await bot.open();

    expect(broker.called()).not.toContain('getServerTime');
    expect([clock.now() - broker.scheduler.clock.now(), clock.boundMs]).toEqual([40_000, 60_000]);
    expect(bot.logger.at('warn')).toContain(
      'The venue tells no time: its clock is taken to be within a minute of the host',
    );
  });
});

describe('while the bot runs (NW-22)', () => {
  async function running() {
    const parts = liveTime(0);
    await parts.bot.open();
    const stop = new AbortController();
    const task = parts.bot.get(VenueTimekeeper).run(stop.signal);
    const end = async (): Promise<void> => {
      stop.abort();
      await task;
    };
    const asked = (): number => parts.broker.called().filter((member) => member === 'getServerTime').length;
    return { ...parts, end, asked };
  }

  it('it is measured anew every five minutes', async () => {
    const { broker, asked, end } = await running();

    await broker.scheduler.advance(299_000);
    expect(asked()).toBe(3);
    await broker.scheduler.advance(11_000);
    expect(asked()).toBe(6);
    await end();
  });

  it.each([-40_000, 40_000])(
    'a step of %d ms holds entries until it has been measured, and is used then',
    async (off) => {
      const { bot, broker, host, clock, asked, end } = await running();

      host.aheadMs = off;
      expect(order(bot, 'buy')).toMatchObject({ outcome: 'refused', check: 'clock' });
      await broker.scheduler.advance(10_000);

      expect([asked(), clock.offsetMs, clock.now() - broker.scheduler.clock.now()]).toEqual([6, -off, 0]);
      expect(order(bot, 'buy')).toMatchObject({ outcome: 'submitted' });
      await settled();
      expect(broker.lastPlaced.expiresAt).toBe(broker.scheduler.clock.now() + 2_000);
      await end();
    },
  );

  it('a step is measured within a second: what expires would be refused until then, protection too', async () => {
    const { broker, host, asked, end } = await running();
    host.aheadMs = 5_000;
    await broker.scheduler.advance(1_000);
    expect(asked()).toBe(6);
    await end();
  });

  it('what was told before the machine slept says nothing of the time after it', async () => {
    const { broker, host, clock, end } = await running();
    const real = broker.getServerTime.bind(broker);
    let calls = 0;
    broker.getServerTime = () => {
      calls += 1;
      if (calls === 2) {
        broker.scheduler.clock.advance(3_000);
        host.sleptMs += 3_000;
      }
      return real();
    };
    await broker.scheduler.advance(300_000);
    expect(calls).toBeGreaterThan(2);
    expect(Math.abs(clock.now() - broker.scheduler.clock.now())).toBeLessThanOrEqual(clock.boundMs);
    expect(clock.doubt).toBeUndefined();
    await end();
  });

  it('what the venue refuses as late, and was not by our clock, has it measured at once, however rarely it was asked of late', async () => {
    const { bot, broker, host, clock, asked, end } = await running();
    order(bot, 'buy');
    await settled();
    broker.fill(broker.lastPlaced, { price: 50_000 });
    await broker.scheduler.advance(1);
    broker.always('getServerTime', { throws: new Error('502') });
    host.sleptMs = 10_000;
    await broker.scheduler.advance(61_000);
    broker.heal('getServerTime');
    const before = asked();

    expect(order(bot, 'buy')).toMatchObject({ outcome: 'refused', check: 'clock' });
    expect(order(bot, 'sell', true)).toMatchObject({ outcome: 'submitted' });
    await settled();

    expect([asked() - before, clock.now() - broker.scheduler.clock.now(), clock.doubt]).toEqual([3, 0, undefined]);
    await end();
  });

  it('a step is measured within four seconds of when the venue can be asked again, however long it could not', async () => {
    for (let outage = 20_000; outage < 24_000; outage += 500) {
      const { broker, host, clock, end } = await running();
      host.sleptMs = 10_000;
      broker.always('getServerTime', { throws: new Error('502') });
      await broker.scheduler.advance(outage);
      expect(clock.stepped).toBe(true);
      broker.heal('getServerTime');
      await broker.scheduler.advance(4_000);
      expect(clock.stepped).toBe(false);
      await end();
    }
  });

  it('what cannot be measured is asked ever more rarely, and what stays too far off every ten seconds', async () => {
    const { broker, host, asked, end } = await running();
    host.aheadMs = 90_000;
    broker.always('getServerTime', { throws: new Error('502') });
    await broker.scheduler.advance(60_000);
    expect(asked()).toBeGreaterThan(3 + 3 * 5);
    expect(asked()).toBeLessThanOrEqual(3 + 3 * 9);
    broker.heal('getServerTime');
    await broker.scheduler.advance(11_000);
    const before = asked();
    await broker.scheduler.advance(60_000);
    expect(asked() - before).toBe(3 * 6);
    await end();
  });

  it('once the venue refuses what protects for its time, it is asked every second until it answers', async () => {
    const { bot, broker, host, clock, asked, end } = await running();
    order(bot, 'buy');
    await settled();
    broker.fill(broker.lastPlaced, { price: 50_000 });
    await broker.scheduler.advance(1);
    broker.always('getServerTime', { throws: new Error('502') });
    host.sleptMs = 10_000;
    await broker.scheduler.advance(61_000);
    order(bot, 'sell', true);
    await broker.scheduler.advance(30_000);
    const before = asked();
    await broker.scheduler.advance(10_000);
    expect(asked() - before).toBe(10);
    broker.heal('getServerTime');
    await broker.scheduler.advance(1_000);
    expect([clock.now() - broker.scheduler.clock.now(), clock.doubt]).toEqual([0, undefined]);
    await end();
  });

  it('beyond a minute nothing is added; reducing and cancelling go on, by the newest measure', async () => {
    const { bot, broker, host, end } = await running();
    expect(order(bot, 'buy')).toMatchObject({ outcome: 'submitted' });
    await settled();
    broker.fill(broker.lastPlaced, { price: 50_000 });
    await broker.scheduler.advance(1);
    const resting = bot.bot.executeDecision('BTC-PERP', {
      action: 'buy',
      reason: 'test',
      quantity: lots(5),
      orderType: 'limit',
      limit: BTC.toTicks(new Decimal(49_900), 'nearest'),
    });
    await settled();

    host.aheadMs = 90_000;
    await broker.scheduler.advance(20_000);

    expect(order(bot, 'buy')).toMatchObject({ outcome: 'refused', check: 'clock' });
    expect(order(bot, 'sell', true)).toMatchObject({ outcome: 'submitted' });
    await settled();
    expect(broker.lastPlaced).toMatchObject({ side: 'sell', expiresAt: broker.scheduler.clock.now() + 2_000 });
    expect(resting).toEqual({ outcome: 'submitted', clientId: expect.any(String) });
    const report = await bot.get(ExecutionEngine).cancelAll('test');
    expect(report.unconfirmed).toEqual([]);
    expect(broker.cancelled).toHaveLength(2);
    await end();
  });
});
