import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type StrategyRunOptions } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import { lots, ticks } from '#src/domain/units.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import type { EventStrategy } from '#src/ports/strategy/event-strategy.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { defineStrategy, limit, type BarContext } from '#src/services/strategy/define/index.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';

const GRID = { tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) };
/** Ten lots from a hundred: at 85 the day has lost 150, and at 80 the bid that rests would fill. */
const CLOSES = [100, 100, 95, 85, 80, 78, 78];
const DAY = Date.UTC(2024, 0, 1);

const symbolOf = (desk: StrategyDesk): string => desk.open()[0]?.symbol ?? 'TEST-PERP';

/** Long ten with a stop far away, and a bid that rests at 82. */
function byEvents(told: string[]): StrategyDefinition {
  let bar = 0;
  return eventStrategy({
    name: 'loser',
    parameters: [],
    create: (_settings, symbols): EventStrategy => ({
      ...{ name: 'loser', snapshot: () => undefined, restore: () => undefined },
      needs: { symbols, timeframes: [{ ms: 3_600_000, lookback: 1 }] },
      onBar(_bar, desk) {
        bar += 1;
        const common = { instrument: desk.instrument(symbolOf(desk)), why: 'test', lots: lots(10) } as const;
        if (bar === 1) desk.place({ ...common, side: 'buy', type: 'market', role: 'entry', tag: 'in' });
        if (bar !== 2) return;
        const exit = { ...common, side: 'sell', reduceOnly: true } as const;
        desk.place({ ...exit, type: 'stop_market', stop: ticks(50), role: 'stop', tag: 'cover' });
        desk.place({ ...exit, type: 'limit', limit: ticks(150), role: 'take_profit', tag: 'target' });
        desk.place({ ...common, side: 'buy', type: 'limit', limit: ticks(82), role: 'entry', tag: 'bid' });
      },
      onGate: ({ mode, name }) => void told.push(`${mode} ${String(name)}`),
    }),
  });
}

function shortForm(): StrategyDefinition {
  let bar = 0;
  return defineStrategy({
    name: 'loser',
    timeframe: '1h',
    onBar({ long, add }: BarContext<unknown>) {
      bar += 1;
      if (bar === 1) long({ why: 'test', quantity: 10, stop: 50, takeProfit: { at: 150 } });
      if (bar === 2) add({ why: 'more', quantity: 10, entry: limit(82), tag: 'bid' });
    },
  });
}

const options: StrategyRunOptions = {
  bars: bars.closes('1h', CLOSES),
  instrument: GRID,
  config: { risk: { dailyLossLimit: '100 USDT' }, execution: { allowUncoveredEntries: true } },
};
const FORMS: readonly (readonly [string, (told: string[]) => StrategyDefinition])[] = [
  ['by events', byEvents],
  ['of the short form', shortForm],
];

describe('a day that has lost as much as it may', () => {
  it.each(FORMS)(
    'withdraws entries that rest, and leaves what protects: a strategy %s, in a backtest',
    async (_how, of) => {
      const told: string[] = [];
      const run = await runStrategy(of(told), options);
      expect(run.fillLines).toEqual([expect.stringMatching(/^entry buy 10 @100/)]);
      expect(run.order('bid')).toMatchObject({ status: 'cancelled', filled: 0 });
      expect(run.order('stop').status).toBe('open');
      expect(run.order('take_profit').status).toBe('open');
      expect(told).toEqual(told.length === 0 ? [] : ['reduce_only daily_loss']);
    },
  );

  it.each(FORMS)('does so in paper too: a strategy %s', async (_how, of) => {
    const run = await runStrategy(of([]), { ...options, faults: [] });
    expect(run.order('bid')).toMatchObject({ status: 'cancelled', filled: 0 });
    expect(run.order('stop').status).toBe('open');
  });

  it.each(FORMS)('leaves targets in every world, which take risk off: a strategy %s', async (_how, of) => {
    const rising = { ...options, bars: bars.closes('1h', [...CLOSES, 100, 151, 151]) };
    const took = ['entry buy 10 @100 bar 1', 'take_profit sell 10 @150 bar 8'];
    expect((await runStrategy(of([]), rising)).fillLines).toEqual(took);
    expect((await runStrategy(of([]), { ...rising, faults: [] })).fillLines).toEqual(took);
  });

  it('opens again with the next day, and puts nothing back', async () => {
    const told: string[] = [];
    const closes = [...CLOSES, ...Array.from({ length: 20 }, () => 78)];
    const run = await runStrategy(byEvents(told), { ...options, bars: bars.closes('1h', closes) });
    expect(told).toEqual(['reduce_only daily_loss', 'trading undefined']);
    expect(run.orders.filter(({ tag }) => tag === 'bid')).toHaveLength(1);
    expect(Date.parse(run.result.to)).toBeGreaterThan(DAY + 24 * 3_600_000);
  });
});
