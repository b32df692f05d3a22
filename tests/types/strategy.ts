// What the compiler must refuse of a strategy in its short form. Nothing here runs; see container.ts.
import { choice, defineStrategy, flag, int, percent } from 'perpsbot';

export const right = defineStrategy({
  name: 'right',
  timeframe: '15m',
  params: { fast: int(12), risk: percent('0.5%'), side: choice('both', ['both', 'long']), quick: flag(true) },
  setup: ({ params, ind }) => ({ fast: ind.ema(params.fast) }),
  onBar({ bar, params, long }, { fast }) {
    if (!params.quick || params.side !== 'both') return;
    if (fast.value > bar.close) long({ risk: params.risk, stop: bar.low, why: 'above' });
  },
});

export const parameters = defineStrategy({
  name: 'parameters',
  params: { fast: int(12), side: choice('both', ['both', 'long']) },
  setup({ params, ind }) {
    // @ts-expect-error a parameter that is not declared
    ind.ema(params.slow);
    // @ts-expect-error a choice is a word and no number
    ind.ema(params.side);
    return { fast: ind.ema(params.fast) };
  },
  onBar({ params }) {
    // @ts-expect-error a parameter is read and never written
    params.fast = 13;
    // @ts-expect-error a word that is none of the choices
    if (params.side === 'short') return;
  },
});

export const indicators = defineStrategy({
  name: 'indicators',
  setup: ({ ind }) => ({ fast: ind.ema(12) }),
  onBar(_context, made) {
    // @ts-expect-error an indicator that setup does not return
    void made.slow;
    // @ts-expect-error an indicator has no such value
    void made.fast.histogram;
  },
});

export const orders = defineStrategy({
  name: 'orders',
  setup: () => ({}),
  onBar({ bar, position, long }) {
    // @ts-expect-error a stop is a price and no word
    long({ risk: '1%', stop: 'below', why: 'a try' });
    // @ts-expect-error an order says why
    long({ risk: '1%', stop: 1 });
    // @ts-expect-error the bar is what the market did
    bar.close = 1;
    // @ts-expect-error the position is the account's
    position.isLong = true;
  },
});

// @ts-expect-error a strategy that is never asked
export const deaf = defineStrategy({ name: 'deaf', setup: () => ({}) });

// @ts-expect-error a default that is no number
export const words = int('twelve');

// @ts-expect-error a default that is none of the choices
export const stranger = choice('short', ['both', 'long']);
