import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type StrategyRun, type TestTape } from '#di/testing.js';
import { defineStrategy, limit, type BarContext } from '#src/services/strategy/define/index.js';

/** Asks at the close of the first bar, a minute after the run begins. */
const asking = (ask: (context: BarContext<unknown>) => unknown) => {
  let bar = 0;
  return defineStrategy({
    name: 'asks',
    timeframe: '1m',
    onBar(context: BarContext<unknown>) {
      bar += 1;
      if (bar === 1) ask(context);
    },
  });
};
const order = { why: 'in', quantity: 1, stop: 50 } as const;
const over = (tape: TestTape, ask = ({ long }: BarContext<unknown>): unknown => long(order)): Promise<StrategyRun> =>
  runStrategy(asking(ask), { bars: bars.closes('1m', [100, 100, 100, 100]), tape });

describe('a tape beside the bars of a test', () => {
  it('fills at its quotes, the next one after an order', async () => {
    const run = await over({
      quotes: [
        [0, 99.8, 5, 100.2, 5],
        [70_000, 99.9, 5, 100.1, 5],
      ],
    });
    expect(run.fillLines).toEqual(['entry buy 1 @100.1 bar 1']);
    expect(run.timeline.find((line) => line.includes('fill entry'))).toBe('70 s fill entry buy 1 @100.1 bar 1');
  });

  it('fills what rests by its trades, which no bar has', async () => {
    const rests = ({ long }: BarContext<unknown>): unknown => long({ ...order, entry: limit(95) });
    const run = await over({ trades: [[90_000, 94, 3, 'sell']] }, rests);
    expect(run.timeline.at(-1)).toMatch(/^90 s fill entry buy 1 @95 bar 1/);
    expect((await over({ trades: [[30_000, 94, 3, 'sell']] }, rests)).fillLines).toEqual([]);
  });

  it('pays its funding on its marks, in one order of time with both', async () => {
    const paid = async (tape: TestTape): Promise<string> => (await over(tape)).result.pnl.funding;
    expect(await paid({ funding: [[150_000, 0.01]] })).toBe('-1');
    const marks: TestTape['marks'] = [
      [140_000, 200],
      [160_000, 300],
    ];
    expect(await paid({ funding: [[150_000, 0.01]], marks })).toBe('-2');
    expect(await paid({ funding: [[170_000, 0.01]], marks })).toBe('-3');
  });

  it('is refused where its rows are not in order, and where what is asked is of bars alone', async () => {
    const late: TestTape = {
      marks: [
        [20, 1],
        [10, 1],
      ],
    };
    await expect(over(late)).rejects.toThrow(
      'Rows of marks must be milliseconds after the first bar opens, oldest first, was 10 in row 2.',
    );
    await expect(over({ trades: [[-1, 1, 1]] })).rejects.toThrow(/Rows of trades .* was -1 in row 1/);
    const run = await over({ marks: [[20, 100]] });
    const asked = [run.noLookAhead(), run.expectSound(), run.everyFault('unknown')];
    for (const each of asked) await expect(each).rejects.toMatchObject({ code: 'TEST-001' });
    const options = { bars: bars.closes('1m', [100, 100]), tape: {}, faults: [] };
    await expect(
      runStrategy(
        asking(() => undefined),
        options,
      ),
    ).rejects.toMatchObject({ code: 'TEST-001' });
  });
});
