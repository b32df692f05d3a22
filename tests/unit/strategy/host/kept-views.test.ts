import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy } from '#di/testing.js';
import { defineStrategy, eventStrategy, type EventStrategy, type StrategyDefinition } from 'perpsbot';

const CLOSES = [100, 101, 102, 103, 104];

/** What the handlers of a strategy threw over a few bars. */
async function failed(definition: StrategyDefinition): Promise<string> {
  const run = runStrategy(definition, { bars: bars.closes('1h', CLOSES) });
  return run.then(
    () => 'nothing',
    (error: unknown) => (error as Error).message,
  );
}

/** Reads at one bar what it was shown at the bar before. */
function keeping(keep: (context: Context) => () => unknown): StrategyDefinition {
  let kept: (() => unknown) | undefined;
  return defineStrategy({
    name: 'keeping',
    timeframe: '1h',
    setup: ({ on }) => ({ day: on('2h').ema(1) }),
    onBar(context) {
      kept?.();
      kept = keep(context);
      context.hold('kept');
    },
  });
}
type Context = Parameters<NonNullable<Parameters<typeof defineStrategy>[0]['onBar']>>[0];

describe('a view that is kept beyond its handler', () => {
  it.each<readonly [string, (context: Context) => () => unknown, RegExp]>([
    [
      'the bar',
      ({ bar }) =>
        () =>
          bar.close,
      /STRAT-001 bar must be read while onBar runs, was asked for close/,
    ],
    [
      'the position',
      ({ position }) =>
        () =>
          position.isFlat,
      /position must be read .* was asked for isFlat afterwards/,
    ],
    [
      'another timeframe',
      ({ bars: of }) => {
        const bar = of('2h');
        return () => bar?.high;
      },
      /bars\('2h'\) must be read .* was asked for high/,
    ],
    ['the context', (context) => () => context.now, /the context must be read .* was asked for now/],
    ['what the context gives later', (context) => () => context.mark, /the context must be read .* was asked for mark/],
    [
      'a copy that is made too late',
      ({ bar }) =>
        () => ({ ...bar }),
      /bar must be read .* was asked for at/,
    ],
    [
      'a part of a copied context',
      (context) => {
        const { position } = { ...context };
        return () => position.size;
      },
      /position must be read .* was asked for size/,
    ],
  ])('is refused by name: %s', async (_name, keep, message) => {
    expect(await failed(keeping(keep))).toMatch(message);
  });

  it('is found in other handlers, and in strategies by events', async () => {
    let kept: (() => unknown) | undefined;
    const timed = defineStrategy({
      name: 'timed',
      every: {
        '1h'({ position }) {
          kept?.();
          kept = () => position.isFlat;
        },
      },
    });
    expect(await failed(timed)).toMatch(/position must be read while every 1h runs/);
    for (const handler of ['onBar', 'onMark'] as const) {
      const told: unknown[] = [];
      const byEvents = eventStrategy({
        name: 'by-events',
        parameters: [],
        create: (_settings, symbols): EventStrategy => ({
          name: 'by-events',
          needs: { symbols, timeframes: [{ ms: 3_600_000, lookback: 1 }] },
          [handler](view: { readonly at: number }) {
            for (const each of told) (each as typeof view).at.toFixed();
            told.push(view);
          },
          snapshot: () => undefined,
          restore: () => undefined,
        }),
      });
      expect(await failed(byEvents)).toMatch(new RegExp(`must be read while ${handler} runs, was asked for at`));
    }
  });

  it('may be copied while the handler runs, and what is no view may be kept', async () => {
    const numbers: unknown[] = [];
    const first: unknown[] = [];
    const copying = defineStrategy({
      name: 'copying',
      timeframe: '1h',
      setup: ({ ind }) => ({ mean: ind.ema(1) }),
      onBar({ bar, params, portfolio, instrument, hold }, { mean }) {
        for (const each of first) numbers.push((each as { readonly equity: number }).equity);
        first.push(portfolio);
        numbers.push({ ...bar }.close, mean.value, Object.keys(bar).length, 'close' in bar, instrument.symbol, params);
        hold('copied');
      },
    });
    expect(await failed(copying)).toBe('nothing');
    expect(numbers).toContain(10_000);
    expect(numbers).toContain(104);
  });

  it('is shown as ever where nobody asked for the guard', async () => {
    const definition = keeping(
      ({ bar }) =>
        () =>
          bar.close,
    );
    const run = await runStrategy(definition, {
      bars: bars.closes('1h', CLOSES),
      config: { strategy: { guardViews: false } },
    });
    expect(run.decisions.at(-1)?.reason).toBe('kept');
  });
});
