import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type StrategyRunOptions } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import { chase, defineStrategy, limit, type BarContext } from '#src/services/strategy/define/index.js';

const GRID = { tick: new Decimal(1), step: new Decimal('0.001') };
const order = { why: 'in', quantity: 1, stop: 50 } as const;

/** Asks at the closes of these bars, counted from 1. */
const asking = (asks: Readonly<Record<number, (context: BarContext<unknown>) => unknown>>) => {
  let bar = 0;
  return defineStrategy({
    name: 'asks',
    timeframe: '1h',
    onBar(context: BarContext<unknown>) {
      bar += 1;
      asks[bar]?.(context);
    },
  });
};
const over = (closes: readonly number[], more: Partial<StrategyRunOptions> = {}) => ({
  ...{ bars: bars.closes('1h', closes), instrument: GRID, ...more },
});

describe('an order that follows the mark', () => {
  it('stands one tick on its own side of a mark that is on a tick, where it does not take', async () => {
    const strategy = asking({ 1: ({ long }) => long({ ...order, entry: chase({ timeout: '9 bars' }) }) });
    const run = await runStrategy(strategy, over([100, 101, 102, 100, 100]));
    expect(run.fillLines).toEqual(['entry buy 1 @101 bar 3']);
    const short = asking({
      1: (context) => context.short({ ...order, stop: 150, entry: chase({ timeout: '9 bars' }) }),
    });
    expect((await runStrategy(short, over([100, 99, 98, 100, 100]))).fillLines).toEqual(['entry sell 1 @99 bar 3']);
  });

  it('is tried one tick further at the next step where the venue says that it would take, until it stands', async () => {
    const strategy = () => asking({ 1: ({ long }) => long({ ...order, entry: chase({ timeout: '9 bars' }) }) });
    const reject = { fault: 'reject', reason: 'post_only_would_take' } as const;
    const faults = [1, 2].map((nth) => ({ when: { order: 'entry', is: 'sent', nth } as const, ...reject }));
    const run = await runStrategy(strategy(), { ...over([100, 100, 100, 100, 96, 96]), faults });
    expect(run.lines.filter((line) => line.startsWith('entry'))).toEqual([
      'entry buy 1 @99 limit rejected',
      'entry buy 1 @98 limit rejected',
      'entry buy 1 @97 limit filled',
    ]);
    await run.expectSound();
    expect(run.lines.filter((line) => /^stop .* (open|cancelled)$/.test(line))).toHaveLength(1);
  });

  it('is not tried again once the strategy wants nothing of it, or its time is over', async () => {
    const entry = chase({ timeout: '1 bar' });
    const faults = [
      { when: { order: 'entry', is: 'sent' } as const, fault: 'reject', reason: 'post_only_would_take' } as const,
    ];
    const withdrawn = defineStrategy({
      name: 'withdrawn',
      timeframe: '1h',
      setup: () => ({ seen: { bars: 0 } }),
      onBar({ long }, { seen }) {
        seen.bars += 1;
        if (seen.bars === 1) long({ ...order, entry: chase({ timeout: '9 bars' }) });
      },
      onOrder({ flat, update }) {
        if (update.cause === 'rejected') flat('no more');
      },
    });
    const once = asking({ 1: ({ long }) => long({ ...order, entry }) });
    for (const strategy of [withdrawn, once]) {
      const run = await runStrategy(strategy, { ...over([100, 100, 100, 100]), faults });
      expect(run.lines.filter((line) => !line.startsWith('stop'))).toEqual(['entry buy 1 @99 limit rejected']);
    }
  });

  it('is not tried again when more than a bar has gone by while nothing could be asked', async () => {
    const entry = chase({ timeout: '20h' });
    const reject = { fault: 'reject', reason: 'post_only_would_take' } as const;
    const halted = (order: string) =>
      [
        { when: { order, is: 'sent' }, ...reject },
        { when: { at: order === 'add' ? '7201s' : '3601s' }, fault: 'state', to: 'HALTED' },
        { when: { at: '18001s' }, fault: 'state', to: 'NORMAL' },
      ] as const;
    const closes = [100, 100, 100, 100, 100, 100, 100, 100];
    const alone = asking({ 1: ({ long }) => long({ ...order, entry }) });
    const run = await runStrategy(alone, { ...over(closes), faults: halted('entry') });
    expect(run.lines.filter((line) => line.startsWith('entry'))).toEqual(['entry buy 1 @99 limit rejected']);
    const more = asking({
      1: ({ long }) => long(order),
      2: ({ add }) => add({ why: 'more', quantity: 1, entry }),
    });
    const added = await runStrategy(more, { ...over(closes), faults: halted('add') });
    expect(added.lines.filter((line) => line.startsWith('entry'))).toEqual([
      'entry buy 1 market filled',
      'entry buy 1 @99 limit rejected',
    ]);
  });

  it('adds to a position, and takes off it, and enters with a bracket', async () => {
    const strategy = asking({
      1: ({ long }) => long(order),
      2: ({ add }) => add({ why: 'more', quantity: 1, entry: chase({ timeout: '9 bars' }) }),
      6: ({ reduce }) => reduce({ why: 'less', share: '50%', entry: chase({ timeout: '9 bars' }) }),
    });
    const run = await runStrategy(strategy, over([100, 100, 102, 104, 103, 103, 101, 100, 102, 102]));
    expect(run.fillLines).toEqual(['entry buy 1 @100 bar 1', 'entry buy 1 @102 bar 6', 'exit sell 0.5 @101 bar 8']);
    const bracket = asking({
      1: ({ orders }) =>
        orders.bracket(
          { side: 'buy', quantity: 1, why: 'in', entry: chase({ timeout: '9 bars' }) },
          { stop: 90, takeProfit: { at: 110 } },
        ),
    });
    const with_ = await runStrategy(bracket, over([100, 102, 104, 102, 112, 112]));
    expect(with_.fillLines).toEqual(['entry buy 1 @103 bar 3', 'take_profit sell 1 @110 bar 4']);
  });

  it('stays where it is asked for at a price, and follows where that is asked of one that stood', async () => {
    const share = { why: 'less', share: '50%' } as const;
    const stays = asking({
      1: ({ long }) => long({ ...order, quantity: 2 }),
      2: ({ reduce }) => reduce({ ...share, entry: chase({ timeout: '9 bars' }) }),
      3: ({ reduce }) => reduce({ ...share, entry: limit(107) }),
    });
    const stood = await runStrategy(stays, over([100, 100, 99, 98, 97, 99, 106, 108, 108]));
    expect(stood.fillLines).toEqual(['entry buy 2 @100 bar 1', 'exit sell 1 @107 bar 7']);
    const follows = asking({
      1: ({ long }) => long({ ...order, quantity: 2 }),
      2: ({ reduce }) => reduce({ ...share, entry: limit(120) }),
      3: ({ reduce }) => reduce({ ...share, entry: chase({ timeout: '9 bars' }) }),
    });
    const followed = await runStrategy(follows, over([100, 100, 100, 98, 97, 102, 102]));
    expect(followed.fillLines).toEqual(['entry buy 2 @100 bar 1', 'exit sell 1 @98 bar 5']);
  });

  it('ends with its time, and what it is tried again with goes under the same name', async () => {
    const strategy = asking({
      1: ({ long }) => long(order),
      2: ({ add }) => add({ why: 'more', quantity: 1, entry: chase({ timeout: '3 bars' }) }),
      6: ({ reduce }) => reduce({ why: 'less', share: '50%', entry: chase({ timeout: '9 bars' }) }),
    });
    const reject = { fault: 'reject', reason: 'post_only_would_take' } as const;
    const run = await runStrategy(strategy, {
      ...over([100, 100, 102, 104, 106, 106, 106, 106, 110, 110]),
      faults: [
        { when: { order: 'add', is: 'sent' }, ...reject },
        { when: { order: 'reduce', is: 'sent' }, ...reject },
      ],
    });
    expect(run.lines.filter((line) => !line.startsWith('stop'))).toEqual([
      'entry buy 1 market filled',
      'entry buy 1 @99 limit rejected',
      'entry buy 1 @102 limit cancelled',
      'exit sell 0.5 @107 limit rejected',
      'exit sell 0.5 @108 limit filled',
    ]);
    expect(run.unused).toEqual([]);
    await run.expectSound();
  });

  it('goes on following after the process has died', async () => {
    const strategy = () =>
      asking({
        1: ({ long }) => long(order),
        2: ({ reduce }) =>
          reduce({ why: 'less', share: '50%', entry: chase({ timeout: '20 bars', limit: { price: 9 } }) }),
      });
    const run = await runStrategy(strategy(), {
      ...over([100, 100, 99, 98, 97, 96, 95, 99, 99]),
      faults: [{ when: { bar: 4 }, fault: 'kill', wait: '1m' }],
    });
    expect(run.lives).toBe(2);
    expect(run.fillLines).toEqual(['entry buy 1 @100 bar 1', 'exit sell 0.5 @96 bar 7']);
  });
});
