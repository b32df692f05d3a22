import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type StrategyRun, type StrategyRunOptions } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { defineStrategy, limit } from '#src/services/strategy/define/index.js';

const over = (
  definition: StrategyDefinition,
  closes: readonly number[],
  options: Partial<StrategyRunOptions> = {},
): Promise<StrategyRun> =>
  runStrategy(definition, {
    bars: bars.closes('1h', closes),
    instrument: { tick: new Decimal(1), takerFee: new Decimal('0.0005') },
    ...options,
  });

const once = (act: Parameters<typeof defineStrategy>[0]['onBar']): StrategyDefinition =>
  defineStrategy({ name: 'once', timeframe: '1h', setup: () => ({}), onBar: act as never });

describe('between two bars', () => {
  it('a close that a timer asks for is carried out, and not given up', async () => {
    const run = await over(
      defineStrategy({
        name: 'timed',
        timeframe: '1h',
        onBar({ position, long, after, hold }) {
          if (!position.isFlat) return hold('held');
          long({ why: 'in', quantity: 10, stop: 80 });
          after('90m', 'out');
        },
        onTimer: ({ flat }) => flat('the time is over'),
      }),
      [100, 100, 101, 102, 103],
    );
    expect(run.fillLines.slice(0, 2)).toEqual(['entry buy 10 @100 bar 1', 'exit sell 10 @101 bar 3']);
  });

  it('what a fill or a timer asks for is not refused for the age of the close before', async () => {
    const asked: string[] = [];
    const run = await over(
      defineStrategy({
        name: 'at-fills',
        timeframe: '1h',
        onBar({ position, long, after, hold }) {
          if (!position.isFlat) return hold('held');
          long({ why: 'in', quantity: 10, stop: 80, entry: limit(99) });
          after('150m', 'more');
        },
        onFill({ ticket, add }) {
          if (ticket.role === 'entry' && ticket.tag !== 'add')
            asked.push(add({ why: 'more', quantity: 5, entry: limit(97) }).status);
        },
        onTimer: ({ orders }) =>
          void asked.push(orders.limit({ side: 'buy', quantity: 1, price: 90, why: 'later', tag: 'later' }).status),
      }),
      [100, 100, 98, 96, 96, 96],
    );
    expect(asked).not.toContain('refused');
    expect(run.fillLines).toEqual(['entry buy 10 @99 bar 2', 'entry buy 5 @97 bar 3']);
    expect(run.order('later').status).toBe('open');
  });
});

describe('a size that the bot decides', () => {
  it.each([
    ['100%', '97.99'],
    ['50%', '50'],
  ] as const)('of %s of equity passes its own collar', async (fraction, size) => {
    const run = await over(
      once(({ position, long, hold }) => {
        if (position.isFlat) long({ why: 'in', fraction, stop: 80 });
        else hold('held');
      }),
      [100, 100, 101, 102],
    );
    expect(run.fillLines).toEqual([`entry buy ${size} @100 bar 1`]);
  });

  it('short, and at a limit, likewise', async () => {
    const short = await over(
      once(({ position, short: enter, hold }) => {
        if (position.isFlat) enter({ why: 'in', fraction: '100%', stop: 120 });
        else hold('held');
      }),
      [100, 100, 100],
    );
    expect(short.fillLines).toHaveLength(1);
    const resting = await over(
      once(({ position, long, hold }) => {
        if (position.isFlat) long({ why: 'in', fraction: '100%', stop: 80, entry: limit(98) });
        else hold('held');
      }),
      [100, 100, 97],
    );
    expect(resting.fillLines).toHaveLength(1);
  });
});
