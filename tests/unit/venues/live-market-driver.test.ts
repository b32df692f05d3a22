import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { HOUR_MS } from '#src/domain/time-spans.js';
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

  it('pays the funding that the venue names, at its stamps', async () => {
    followed.buy(250);
    await followed.scheduler.advance(HOUR_MS * 9);
    // 0.25 at 100.2 and a rate of one in ten thousand.
    expect(followed.venue.fundings.map(({ amount }) => Number(amount) / 1e8)).toEqual([-0.002505]);
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

  it('ends in order, and leaves no timer of its own', async () => {
    await followed.end();
    await followed.scheduler.advance(HOUR_MS * 2);
    expect(followed.scheduler.pending).toBe(0);
  });
});
