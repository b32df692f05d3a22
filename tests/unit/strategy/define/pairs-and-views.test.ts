import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type StrategyRun, type TestBar } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import {
  defineStrategy,
  duration,
  int,
  limit,
  stopEntry,
  type BarContext,
} from '#src/services/strategy/define/index.js';

type Row = readonly [open: number, high: number, low: number, close: number];
const FLAT: Row = [100, 100, 100, 100];
const FEES = { tick: new Decimal(1), makerFee: new Decimal('0.001'), takerFee: new Decimal('0.001') };

const over = (definition: StrategyDefinition, rows: readonly Row[], params = {}): Promise<StrategyRun> =>
  runStrategy(definition, {
    bars: bars.ohlc(
      '1h',
      rows.map(([open, high, low, close]): TestBar => ({ open, high, low, close })),
    ),
    instrument: FEES,
    params,
  });

/** Asks at the close of bars of a number that counts from 1. */
const scripted = (acts: Readonly<Record<number, (context: BarContext<unknown>) => void>>): StrategyDefinition =>
  defineStrategy({
    name: 'scripted',
    timeframe: '1h',
    setup: () => ({ seen: { bars: 0 } }),
    onBar(context, { seen }) {
      seen.bars += 1;
      const act = acts[seen.bars];
      if (act === undefined) context.hold('nothing to do');
      else act(context);
    },
  });
const terms = { why: 'the test says so', quantity: 10 } as const;
const pair = {
  long: { ...terms, stop: 90, entry: stopEntry(105) },
  short: { ...terms, stop: 110, entry: stopEntry(95) },
} as const;

describe('two entries of which one waits for what stands', () => {
  it('wait until an entry of before is gone, and are sent in the same bar under their tickets', async () => {
    const tickets: OrderTicket[] = [];
    const asked: string[] = [];
    const run = await over(
      scripted({
        1: ({ long }) => long({ ...terms, stop: 80, entry: limit(90) }),
        2: ({ either }) => {
          tickets.push(...either(pair));
          asked.push(...tickets.map(({ status }) => status));
        },
      }),
      [FLAT, FLAT, [100, 106, 100, 106]],
    );
    expect(asked).toEqual(['planned', 'planned']);
    expect(tickets.map(({ status, side }) => `${side} ${status}`)).toEqual(['buy filled', 'sell cancelled']);
    expect(run.fillLines).toEqual(['entry buy 10 @105 bar 2']);
    await run.expectSound();
  });

  it('leave the other alone where one has been taken back meanwhile', async () => {
    const run = await over(
      scripted({
        1: ({ long }) => long({ ...terms, stop: 80, entry: limit(90) }),
        2: ({ either }) => void either(pair)[0].cancel('not this one'),
      }),
      [FLAT, FLAT, [100, 106, 94, 100]],
    );
    expect(run.fillLines[0]).toBe('entry sell 10 @95 bar 2');
  });
});

describe('a timeframe that a parameter chooses', () => {
  const chosen = defineStrategy({
    name: 'chosen',
    timeframe: ({ tf }) => tf,
    params: { tf: duration('1h', ['1h', '2h', '4h']), n: int(1) },
    setup: ({ params, ind, on }) => ({ own: ind.sma(params.n), longer: on('4h').sma(1) }),
    onBar: ({ hold, bar }) => hold(`bar ${new Date(bar.at).getUTCHours()}`),
  });
  const closes = Array.from({ length: 13 }, (_, index): Row => [100 + index, 101 + index, 99 + index, 100 + index]);

  it('is that of its bars, in runs and for whoever asks the definition', async () => {
    const hours = async (tf: string): Promise<readonly string[]> =>
      (await over(chosen, closes, { tf })).decisions.flatMap(({ reason }) => /^bar (.*)/.exec(reason)?.[1] ?? []);
    expect(await hours('4h')).toEqual(['4', '8', '12']);
    expect(await hours('2h')).toEqual(['4', '6', '8', '10', '12']);
    expect(chosen.timeframeMs).toBeUndefined();
    expect(chosen.ranges?.['tf']).toEqual({ kind: 'choice', options: ['1h', '2h', '4h'] });
  });

  it('is refused where it is none, in the parameter and from the function', async () => {
    expect(() => duration('1h', ['1h', '7m'])).not.toThrow();
    expect(() => duration('soon', ['soon'])).toThrow(/Timeframe of duration must be/);
    await expect(over(chosen, closes, { tf: '3h' })).rejects.toThrow(/1h, 2h, 4h/);
    const odd = defineStrategy({ name: 'odd', timeframe: () => '2w', onBar: ({ hold }) => hold('a') });
    await expect(over(odd, closes)).rejects.toThrow(/Timeframe of odd must be/);
  });
});

describe('what a handler sees of itself', () => {
  it('its entries, its result, whether its bar is of now, and what it plots', async () => {
    const seen: (readonly [entries: number, result: number, isCurrent: boolean])[] = [];
    const look = ({ position, portfolio, isCurrent, plot }: BarContext<unknown>): void => {
      seen.push([position.entries, portfolio.result, isCurrent]);
      plot('entries', position.entries);
    };
    await over(
      scripted({
        1: (context) => {
          look(context);
          context.long({ ...terms, stop: 80 });
        },
        2: (context) => {
          look(context);
          context.add({ why: 'more', quantity: 5 });
        },
        3: (context) => {
          look(context);
          context.flat('enough');
        },
        4: look,
      }),
      [FLAT, FLAT, FLAT, [110, 110, 110, 110], FLAT],
    );
    // Fees of 0.1%: 1 and 0.5 on the way in, 1.65 on the way out of 15 that have gained 10 each.
    expect(seen).toEqual([
      [0, 0, true],
      [1, -1, true],
      [2, -1.5, true],
      [0, 146.85, true],
    ]);
  });

  it('names what cannot be plotted', async () => {
    const bad = scripted({ 1: ({ plot }) => plot('a name', 1) });
    await expect(over(bad, [FLAT, FLAT])).rejects.toThrow(/plot must have a name/);
  });
});
