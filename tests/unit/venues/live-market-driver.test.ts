import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { HOUR_MS, MINUTE_MS } from '#src/domain/time-spans.js';
import { level, NOW } from '../wire/binance-usdm/scene.js';
import { Followed } from './followed.js';

describe("the exchange inside on a venue's own market", () => {
  let followed: Followed;
  beforeEach(async () => {
    followed = await new Followed().follow();
  });

  it('has its book, its mark and its index, and fills at its prices', async () => {
    expect(followed.inside).toEqual({
      bid: '100.1',
      ask: '100.3',
      sizes: [2_000, 250],
      mark: '100.2',
      index: '100.15',
    });
    expect(followed.buy(500)).toEqual([500, '100.35']);
    followed.btc.update([], [level('100.3', '0'), level('100.4', '0'), level('100.6', '3')], NOW + 1_000);
    await followed.scheduler.advance(100);
    expect(followed.inside).toMatchObject({ bid: '100.1', ask: '100.6' });
    await followed.end();
  });

  it('pays the funding that the venue names, at the stamps that it names, whatever its interval was', async () => {
    const { btc, scheduler, venue } = followed;
    followed.buy(250);
    // By its terms every eight hours, at 16:00.
    const named = [
      [10, '0.0001'],
      [20, '0.0002'],
      [50, '0.0004'],
    ] as const;
    for (const [minutes, rate] of named) {
      const at = NOW + minutes * MINUTE_MS;
      btc.funding(new Decimal(rate), at);
      await scheduler.advance(at - followed.clock.now());
    }
    await scheduler.advance(MINUTE_MS);
    expect(venue.fundings.map(({ at, amount }) => [(at - NOW) / MINUTE_MS, Number(amount) / 1e8])).toEqual([
      [10, -0.002505],
      [20, -0.00501],
      [50, -0.01002],
    ]);
    await followed.end();
  });

  it.each([-400, 400])('pays a stamp once and at its own rate where the clocks are %i ms apart', async (ahead) => {
    const { btc, scheduler, venue, clock } = followed;
    followed.buy(250);
    const at = NOW + 5 * MINUTE_MS;
    btc.funding(new Decimal('0.0001'), at);
    // The venue passes its stamp before our clock does, or after it.
    await scheduler.advance(at - ahead - clock.now());
    btc.funding(new Decimal('0.05'), at + HOUR_MS);
    await scheduler.advance(MINUTE_MS);
    expect(venue.fundings.map(({ amount }) => Number(amount) / 1e8)).toEqual([-0.002505]);
    await followed.end();
  });

  it.each([
    [4_000, true],
    [6_000, false],
  ])('tells a market that is %i ms late: %s', async (lateMs, isTold) => {
    followed.way = (text) => [text.replaceAll(/"T":(\d+),"s"/g, (_, at: string) => `"T":${Number(at) - lateMs},"s"`)];
    followed.btc.update([level('100.2', '1')], [], followed.clock.now());
    await followed.scheduler.advance(300);
    if (isTold) expect(followed.inside).toMatchObject({ bid: '100.2' });
    else {
      expect(followed.inside).toBe('no quote stands');
      expect(followed.log.at('warn')).toContain('The market is heard too late');
    }
    await followed.end();
  });

  it.each<readonly [string, number, (each: Followed) => void]>([
    ['the network is silent', 31_000, (each) => (each.network.outage = 'silent')],
    ['the depth is late', 200, (each) => (each.way = (text) => [text.replaceAll(/"T":\d+/g, `"T":${NOW - HOUR_MS}`)])],
    [
      'a message of the depth is missing, and no snapshot can be had',
      31_000,
      (each) => {
        each.answer = { status: 503, headers: {}, body: '' };
        each.way = (text) => (text.includes('"depthUpdate"') ? [text.replace(/"pu":\d+/, '"pu":1')] : [text]);
      },
    ],
  ])('fills nothing while %s, and goes on when that is over', async (_, afterMs, happen) => {
    followed.btc.update([level('99', '1')], [], NOW);
    await followed.scheduler.advance(200);
    happen(followed);
    followed.btc.update([level('100.2', '1')], [], NOW + 1_000);
    await followed.scheduler.advance(afterMs);
    expect(followed.inside).toBe('no quote stands');
    expect(followed.buy(100)[0]).toBe(0);
    followed.network.outage = undefined;
    followed.answer = undefined;
    followed.way = (text) => [text];
    await followed.scheduler.advance(120_000);
    followed.btc.update([level('100.2', '2')], [], followed.clock.now());
    await followed.scheduler.advance(1_000);
    expect(followed.inside).toMatchObject({ bid: '100.2', ask: '100.3' });
    expect(followed.log.at('warn').length).toBeGreaterThan(0);
    await followed.end();
  });

  it('is as fresh as its venue says of a market in which nothing happens, and no fresher', async () => {
    const age = (): number => followed.clock.now() - Number(followed.venue.markets.get('BTCUSDT')?.at);
    await followed.scheduler.advance(10 * MINUTE_MS);
    expect(age()).toBeLessThan(35_000);
    // Marks alone say nothing of the book.
    followed.answer = { status: 503, headers: {}, body: '' };
    await followed.scheduler.advance(10 * MINUTE_MS);
    expect(age()).toBeGreaterThan(9 * MINUTE_MS);
    expect(followed.inside).toMatchObject({ mark: '100.2' });
    await followed.end();
  });

  it('says at the start that large positions cost less margin here, where no brackets are known', async () => {
    const line = /margined more lightly/;
    expect(followed.log.at('warn').filter((each) => line.test(each))).toHaveLength(1);
    await followed.end();
  });

  it('says what of the market is heard, and what of it nobody knows', async () => {
    followed.way = (text) => (text.includes('aggTrade') ? [text] : [text, '{"data":{"e":"tomorrow"}}']);
    followed.btc.update([level('100.2', '1')], [], NOW + 1);
    await followed.scheduler.advance(200);
    expect(followed.driver.status()).toMatchObject({
      ...{ venue: 'binance-usdm', environment: 'testnet', heard: ['book', 'trades'], lost_since: {} },
      unknown_events: { tomorrow: expect.any(Number) as unknown },
    });
    await followed.listening?.close();
    await followed.scheduler.advance(1_000);
    expect(followed.driver.status()['heard']).toEqual([]);
    expect(Object.keys(followed.driver.status()['lost_since'] as object).sort()).toEqual(['book', 'trades']);
    await followed.end();
  });

  it('ends in order, and leaves no timer of its own', async () => {
    await followed.end();
    await followed.scheduler.advance(HOUR_MS * 2);
    expect(followed.scheduler.pending).toBe(0);
  });
});
