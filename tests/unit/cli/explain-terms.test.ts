import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { chase, defineStrategy, limit, r, type EntryOrder } from 'perpsbot';
import { hosted } from './real-host.js';

const HOUR = 3_600_000;
const at = (bar: number): string => new Date(Date.UTC(2024, 0, 1) + (bar + 1) * HOUR).toISOString();

/** Flat bars at these prices, an hour each: what is decided at the end of one meets the next. */
const barsOf = (prices: readonly number[]): string =>
  [
    'ts_ms,symbol,open,high,low,close,volume',
    ...prices.map(
      (price, bar) => `${Date.UTC(2024, 0, 1) + bar * HOUR},BTC-PERP,${price},${price},${price},${price},9`,
    ),
    '',
  ].join('\n');

/** What is told of the instant at the end of a bar of a strategy that asks for one thing, once, at the end of a bar. */
async function told(prices: readonly number[], order: Partial<EntryOrder>, bar: number, asks = 1): Promise<string> {
  const host = hosted(barsOf(prices));
  let bars = 0;
  const once = defineStrategy({
    name: 'once',
    timeframe: '1h',
    onBar({ long, hold, position }) {
      bars += 1;
      if (bars === asks && position.isFlat) long({ fraction: '5%', stop: 90, why: 'in', ...order } as EntryOrder);
      else hold('nothing more');
    },
  });
  host.modules.set('./once.js', once);
  expect(await host.run('explain', '--strategy', './once.js', '--data', 'bars.csv', '--at', at(bar))).toBe(0);
  return host.stdout.written;
}

describe('what the bot did under terms that were asked before', () => {
  it('tells a stop that moves in one line a move, from where to where and by which terms', async () => {
    const text = await told(
      [100, 100, 100, 106, 112, 124, 130, 130],
      { breakEven: { after: r(0.5), offset: '1%' }, trail: { by: { price: 8 }, after: r(1) } },
      0,
    );
    const moves = text.split('\n').filter((line) => line.includes('Protective stop') || line.includes('moved'));
    expect(moves.map((line) => line.replace(/\S+Z|\S+-\d+-\d+/g, '*').trim())).toEqual([
      expect.stringMatching(/^exit \*: sell \S+ stop_market from 90 \(Protective stop at 90\)$/),
      '* stop moved from 90 to 101, as *: break-even after 0.5R',
      '* stop moved from 101 to 104, as *: trail by 8',
      '* stop moved from 104 to 116, as *: trail by 8',
      '* stop moved from 116 to 122, as *: trail by 8',
    ]);
    expect(text).toMatch(/asked in onBar: place entry buy/);
  });

  it('names the timeout of an entry, and does not say that the strategy asked', async () => {
    const text = await told([100, 100, 100, 100, 100], { entry: limit(95, { timeout: '2 bars' }) }, 2);
    expect(text).toMatch(/the bot did: cancel entry .*: the entry's timeout of 2 bars was over\n/);
    expect(text).not.toMatch(/asked/);
    const market = { entry: limit(95, { timeout: '2h', then: 'market' }) } as const;
    const later = await told([100, 100, 100, 100, 100], market, 2);
    expect(later).toMatch(/the bot did: place entry buy .* market .*: in: the entry's timeout of 2h was over\n/);
  });

  it('names the time stop of a position, and a chase', async () => {
    const timed = await told([100, 100, 100, 100, 100], { timeStop: '2 bars' }, 2);
    expect(timed).toMatch(/the bot did: place exit sell .*: Time stop after 2 bars\n/);
    const chased = await told([100, 101, 102, 103], { entry: chase({ offsetTicks: 1, timeout: '9 bars' }) }, 1);
    expect(chased).toMatch(/the bot did: amend entry .*: chase: the entry follows the mark\n/);
  });
});
