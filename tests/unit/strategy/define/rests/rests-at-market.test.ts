import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type StrategyRunOptions } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import { chase, defineStrategy, limit, type BarContext } from '#src/services/strategy/define/index.js';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const GRID = { tick: new Decimal(1), step: new Decimal('0.001') };
const order = { why: 'in', quantity: 2, stop: 50 } as const;
const TERMS = { timeout: '2 bars', then: 'market' } as const;

type Asks = Readonly<Record<number, (context: BarContext<unknown>) => unknown>>;

/** Asks at the closes of these bars, counted from 1. */
const asking = (asks: Asks, onRestart: 'keep' | 'cancel' = 'cancel') => {
  return defineStrategy({
    ...{ name: 'asks', timeframe: '1h', onRestart },
    onBar(context: BarContext<unknown>) {
      asks[(context.bar.at - START) / HOUR]?.(context);
    },
  });
};
const over = (closes: readonly number[], more: Partial<StrategyRunOptions> = {}) => ({
  ...{ bars: bars.closes('1h', closes), instrument: GRID, ...more },
});
const away = [100, 100, 101, 102, 103, 104, 104];

describe('what the time of an order leaves', () => {
  it.each([
    ['a chase', chase({ ...TERMS, limit: { price: 1 } }), 'entry buy 1 @100 limit cancelled'],
    ['a limit', limit(95, TERMS), 'entry buy 1 @95 limit cancelled'],
  ] as const)('goes to the market where an addition says so: %s', async (_, entry, ended) => {
    const run = await runStrategy(
      asking({ 1: ({ long }) => long(order), 2: ({ add }) => add({ why: 'more', quantity: 1, entry }) }),
      over(away),
    );
    expect(run.lines.filter((line) => line.startsWith('entry')).slice(1)).toEqual([ended, 'entry buy 1 market filled']);
    expect(run.fillLines[1]).toBe('entry buy 1 @102 bar 4');
  });

  it('goes to the market where a way out says so, and takes the room that a target held', async () => {
    const down = [100, 100, 99, 98, 97, 96, 96];
    const entry = chase({ ...TERMS, limit: { price: 1 } });
    const less = asking({
      1: ({ long }) => long({ ...order, takeProfit: { at: 150 } }),
      2: ({ reduce }) => reduce({ why: 'less', share: '50%', entry }),
    });
    const run = await runStrategy(less, over(down));
    expect(run.fillLines.slice(0, 2)).toEqual(['entry buy 2 @100 bar 1', 'exit sell 1 @98 bar 4']);
    expect(run.lines.filter((line) => line.startsWith('take_profit')).at(-1)).toMatch(/sell 1 @150/);
    await run.expectSound();
  });

  it('goes to the market with the exits of its bracket, which stand beside those of what has filled', async () => {
    const entry = chase({ ...TERMS, limit: { price: 1 } });
    const bracket = asking({
      1: ({ orders }) =>
        orders.bracket({ side: 'buy', quantity: 2, why: 'in', entry }, { stop: 90, takeProfit: { at: 110 } }),
    });
    const run = await runStrategy(bracket, over([100, 101, 102, 103, 111, 111]));
    expect(run.fillLines).toEqual(['entry buy 2 @102 bar 3', 'take_profit sell 2 @110 bar 4']);
    await run.expectSound();
    const half = await runStrategy(
      bracketOf(limit(99, TERMS)),
      over([100, 99, 103, 103, 89, 89], {
        faults: [{ when: { order: 'in', is: 'sent' }, fault: 'partial', share: 0.5 }],
      }),
    );
    expect(half.fillLines).toEqual([
      'entry buy 1 @99 bar 1',
      'entry buy 1 @103 bar 3',
      ...['stop sell 1 @90 bar 4', 'stop sell 1 @90 bar 4'],
    ]);
  });

  it('does not follow an exit of the bracket that has executed, nor a position that is gone', async () => {
    const gone = asking({
      1: ({ long }) => long(order),
      2: ({ add }) => add({ why: 'more', quantity: 1, entry: limit(60, TERMS) }),
      3: ({ flat }) => flat('out'),
    });
    const run = await runStrategy(gone, over(away));
    expect(run.fillLines).toEqual(['entry buy 2 @100 bar 1', 'exit sell 2 @101 bar 3']);
  });

  it('is left where that is said, and where the strategy has taken its order back', async () => {
    const entry = limit(60, { timeout: '2 bars' });
    const left = asking({ 1: ({ long }) => long(order), 2: ({ add }) => add({ why: 'more', quantity: 1, entry }) });
    expect((await runStrategy(left, over(away))).fillLines).toEqual(['entry buy 2 @100 bar 1']);
    const back = asking({
      1: ({ long }) => long(order),
      2: ({ add }) => add({ why: 'more', quantity: 1, entry: limit(60, TERMS) }),
      3: ({ orders }) => orders.cancelAll('no more', { role: 'entry' }),
    });
    expect((await runStrategy(back, over(away))).fillLines).toEqual(['entry buy 2 @100 bar 1']);
  });

  it('goes on through a restart, of what takes off and of entries that are kept', async () => {
    const terms = { ...TERMS, timeout: '4 bars' } as const;
    const both = asking(
      {
        1: ({ long }) => long(order),
        2({ add, reduce }) {
          reduce({ why: 'less', share: '50%', entry: limit(120, terms) });
          add({ why: 'more', quantity: 3, entry: limit(60, terms) });
        },
      },
      'keep',
    );
    const run = await runStrategy(both, {
      ...over(away),
      faults: [{ when: { bar: 4 }, fault: 'kill', wait: '1m' }],
    });
    expect(run.lives).toBe(2);
    expect(run.fillLines.slice(1).sort()).toEqual(['entry buy 3 @104 bar 6', 'exit sell 1 @104 bar 6']);
  });
});

const bracketOf = (entry: ReturnType<typeof limit>) =>
  asking({
    1: ({ orders }) =>
      orders.bracket({ side: 'buy', quantity: 2, why: 'in', tag: 'in', entry }, { stop: 90, takeProfit: { at: 110 } }),
  });
