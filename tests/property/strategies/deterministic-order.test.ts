import 'reflect-metadata';
import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { openBacktest } from '#di/backtest.js';
import type { Feed } from '#src/data/columns.js';
import { Instrument } from '#src/domain/instrument.js';
import type { Fill } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import type { EventStrategy } from '#src/ports/strategy/event-strategy.js';
import type { Intent } from '#src/ports/strategy/intent.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { historyConfig } from '../../support/oracle/backtest.js';
import { OPEN, randomWalk, seeded } from '../../support/oracle/market.js';

const SYMBOLS = ['ADA-PERP', 'BTC-PERP', 'ETH-PERP'] as const;
const STEP = 1_000;
const ROWS = 400;

/** Trades of every symbol at the very same instants, several of them within one, and marks beside them. */
function feedsOf(symbol: string, seed: number): Feed[] {
  const random = seeded(seed);
  const instrument = new Instrument(instrumentSpec({ symbol }));
  const [at, price, size, side] = Array.from({ length: 4 }, () => new Float64Array(ROWS)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let value = 500_000;
  for (let row = 0; row < ROWS; row += 1) {
    value += Math.round((random() - 0.5) * 400);
    [at[row], price[row], size[row]] = [OPEN + Math.floor(row / 2) * 250, value, 5_000];
    side[row] = random() < 0.5 ? 1 : -1;
  }
  const columns = { symbol, length: ROWS, at };
  return [
    { kind: 'trades', columns: { ...columns, price, size, side: Int8Array.from(side) } },
    { kind: 'mark', columns: { ...columns, price: price.map((each) => each * instrument.marksPerTick) } },
  ];
}
const FEEDS = SYMBOLS.flatMap((symbol, nth) => feedsOf(symbol, nth + 7));

type Handlers = Pick<EventStrategy, 'onBar' | 'onStep' | 'onMark' | 'onOrder' | 'onFill' | 'onTimer'>;
const HANDLERS = ['onBar', 'onStep', 'onMark', 'onOrder', 'onFill', 'onTimer'] as const;
const TIMEFRAMES = [2_000, 5_000, 10_000] as const;

/** Trades by its bars, fills and timers, and writes down all that it is told. */
function trader(symbol: string, tape: string[]): Handlers {
  const say = (text: string): unknown => tape.push(`${symbol} ${text}`);
  const ask = (desk: StrategyDesk, terms: Omit<Intent, 'instrument' | 'why'>): void => {
    const { status, refusal } = desk.place({ instrument: desk.instrument(symbol), why: terms.tag, ...terms });
    say(`asks ${terms.tag} at ${desk.now}: ${refusal?.check ?? status}`);
  };
  return {
    onBar({ at, close, timeframeMs }, desk) {
      say(`bar ${timeframeMs} ${at} ${close}`);
      const terms = { lots: lots(1_000), role: 'entry' } as const;
      const tag = `${timeframeMs}/${at}`;
      if (timeframeMs === 2_000) desk.cancelAll({ role: 'entry' }, 'the bar is over');
      if (timeframeMs === 2_000) ask(desk, { ...terms, side: 'buy', type: 'limit', limit: ticks(close - 100), tag });
      if (timeframeMs === 5_000) ask(desk, { ...terms, side: close % 2 === 0 ? 'sell' : 'buy', type: 'market', tag });
      if (timeframeMs === 10_000) desk.setTimer('look', 1_500);
    },
    onStep: (desk) => void say(`step ${desk.now} ${desk.account(symbol).lots}`),
    onMark: ({ mark, at }) => void say(`mark ${mark} ${at}`),
    onOrder: ({ ticket, cause, at }) => void say(`order ${ticket.tag} ${cause} ${at}`),
    onFill: (fill, ticket) => void say(`fill ${ticket.tag} ${fill.lots}@${fill.price} ${fill.at}`),
    onTimer({ name, dueAt, at }, desk) {
      say(`timer ${name} ${dueAt} ${at}`);
      desk.close(symbol, { why: 'the timer says so' });
    },
  };
}

interface Order {
  readonly symbols: readonly string[];
  readonly feeds: readonly Feed[];
  readonly handlers: readonly (keyof Handlers)[];
  readonly timeframes: readonly number[];
  /** Place of the strategy that trades among those that are registered. */
  readonly place: number;
}
const PLAIN: Order = { symbols: SYMBOLS, feeds: FEEDS, handlers: HANDLERS, timeframes: TIMEFRAMES, place: 0 };

const idle = (name: string): StrategyDefinition =>
  eventStrategy({
    ...{ name, parameters: [] },
    create: (_settings, symbols) => ({
      ...{ name, needs: { symbols, timeframes: [] }, snapshot: () => undefined, restore: () => undefined },
    }),
  });

const written = ({ instrument, at, side, lots: size, price, fee }: Fill): string =>
  `${instrument.symbol} ${at} ${side} ${size} ${price} ${fee}`;

async function run({ symbols, feeds, handlers, timeframes, place }: Order) {
  const tape: string[] = [];
  const definition = eventStrategy({
    ...{ name: 'trader', parameters: [] },
    create: (_settings, of) => {
      const all = trader(of[0] ?? '', tape);
      return {
        ...{ name: 'trader', snapshot: () => undefined, restore: () => undefined },
        needs: { symbols: of, timeframes: timeframes.map((ms) => ({ ms, lookback: 1 })) },
        ...Object.fromEntries(handlers.map((name) => [name, all[name]])),
      };
    },
  });
  const base = historyConfig(randomWalk(2, 1), { equity: 10_000_000 });
  const strategies = ['one', 'two'].map(idle);
  strategies.splice(place, 0, definition);
  const session = await openBacktest(
    {
      ...{ ...base, symbols, updateIntervalMs: STEP, strategy: { ...base.strategy, name: 'trader' } },
      instruments: Object.fromEntries(symbols.map((symbol) => [symbol, instrumentSpec({ symbol })])),
    },
    { mode: 'fast', startAt: OPEN, strategies },
  );
  try {
    const { runner } = session;
    await runner.run(feeds, { parameters: {} });
    return { tape, fills: runner.watched.exchange.fills.map(written), equity: runner.watched.portfolio.equity };
  } finally {
    await session.close();
  }
}

const of = (lines: readonly string[], symbol: string): string[] => lines.filter((line) => line.startsWith(symbol));

describe('S-18: the order of events is that of time and of the configuration', () => {
  it('is not that in which feeds, handlers, timeframes and strategies were named', async () => {
    const plain = await run(PLAIN);
    expect(plain.fills.length).toBeGreaterThan(50);
    expect(plain.tape.filter((line) => line.includes('timer')).length).toBeGreaterThan(5);
    const orders = fc.record({
      feeds: fc.shuffledSubarray([...FEEDS], { minLength: FEEDS.length }),
      handlers: fc.shuffledSubarray([...HANDLERS], { minLength: HANDLERS.length }),
      timeframes: fc.shuffledSubarray([...TIMEFRAMES], { minLength: TIMEFRAMES.length }),
      place: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        expect(await run({ ...order, symbols: SYMBOLS })).toEqual(plain);
      }),
      { numRuns: 4, seed: 18, endOnFailure: true },
    );
  });

  it('is within one instant that of the configured symbols, and what becomes of each is not touched by it', async () => {
    const plain = await run(PLAIN);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...SYMBOLS], { minLength: SYMBOLS.length }), async (symbols) => {
        const { tape, fills, equity } = await run({ ...PLAIN, symbols });
        expect(equity).toBe(plain.equity);
        for (const symbol of symbols) {
          expect(of(tape, symbol)).toEqual(of(plain.tape, symbol));
          expect(of(fills, symbol)).toEqual(of(plain.fills, symbol));
        }
        // Of one instant each symbol is told what there is before the next one is.
        const steps = tape.filter((line) => line.includes(' step '));
        const first = steps.slice(0, symbols.length).map((line) => line.split(' ')[0]);
        expect(first).toEqual(symbols);
      }),
      { numRuns: 3, seed: 18, endOnFailure: true },
    );
  });
});
