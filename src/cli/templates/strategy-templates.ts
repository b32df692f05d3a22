/** A strategy that runs as it stands, as text. */
interface StrategyTemplate {
  readonly about: string;
  /** Of the example's name in the text, which a file's own name takes the place of. */
  readonly called: string;
  readonly text: string;
}

/** What `perpsbot strategy new` can write: the documentation's examples, letter by letter. The first is the default. */
export const STRATEGY_TEMPLATES = {
  'ema-cross': {
    about: 'enters at market with a stop; leaves when the averages cross back',
    called: 'ema-cross',
    text: `import { defineStrategy, int, percent } from 'perpsbot';

export default defineStrategy({
  name: 'ema-cross',
  timeframe: '15m',
  params: { fast: int(12, { min: 2, max: 100 }), slow: int(48, { min: 5, max: 400 }), risk: percent('0.5%') },
  setup: ({ params, ind }) => ({ fast: ind.ema(params.fast), slow: ind.ema(params.slow), atr: ind.atr(14) }),
  onBar({ bar, params, position, long, flat }, { fast, slow, atr }) {
    if (position.isFlat && fast.crossedAbove(slow)) {
      long({ risk: params.risk, stop: bar.close - 2 * atr.value, why: 'fast EMA crossed above slow' });
    }
    if (position.isLong && fast.crossedBelow(slow)) flat('fast EMA crossed below slow');
  },
});
`,
  },
  ladder: {
    about: 'three take-profits, and the stop at break-even after the first',
    called: 'ema-ladder',
    text: `import { defineStrategy, int, percent, r } from 'perpsbot';

/** Fast EMA over slow: a stop two ATR away, three take-profits, break-even after the first. */
export default defineStrategy({
  name: 'ema-ladder',
  timeframe: '15m',
  params: { fast: int(12, { min: 2 }), slow: int(48, { min: 3 }), atr: int(14, { min: 2 }), risk: percent('0.5%') },
  setup: ({ params, ind }) => ({ fast: ind.ema(params.fast), slow: ind.ema(params.slow), atr: ind.atr(params.atr) }),
  onBar({ bar, params, position, long, flat }, { fast, slow, atr }) {
    if (position.isFlat && fast.crossedAbove(slow)) {
      long({
        why: 'fast EMA crossed above slow',
        risk: params.risk,
        stop: bar.close - 2 * atr.value,
        takeProfit: [{ at: r(1), share: '50%' }, { at: r(2) }, { at: r(4) }],
        breakEven: { after: r(1) },
      });
    }
    if (position.isLong && fast.crossedBelow(slow)) flat('fast EMA crossed below slow');
  },
});
`,
  },
  trailing: {
    about: 'a stop that goes to break-even, then trails, and a time stop',
    called: 'trailing-breakout',
    text: `import { defineStrategy, int, percent, r } from 'perpsbot';

/** Buys a new high of the channel; the stop goes to break-even, then trails, and a day is the most it waits. */
export default defineStrategy({
  name: 'trailing-breakout',
  timeframe: '1h',
  params: { channel: int(20, { min: 3 }), atr: int(14, { min: 2 }), risk: percent('0.5%') },
  setup: ({ params, ind }) => ({ channel: ind.donchian(params.channel), atr: ind.atr(params.atr) }),
  onBar({ bar, params, position, long, hold }, { channel, atr }) {
    // The channel has this very bar in it: what it broke is the channel of the bar before.
    if (position.isFlat && bar.close > channel.upper.previous) {
      long({
        why: 'break above the channel',
        risk: params.risk,
        stop: bar.close - 2 * atr.value,
        // To the entry, with the fees of both trades, once it is one risk ahead.
        breakEven: { after: r(1) },
        // From two risks on it follows the best mark at this distance.
        trail: { by: { price: 3 * atr.value }, after: r(2) },
        // Out at market, whatever it is worth.
        timeStop: '24 bars',
      });
    } else hold(position.isFlat ? 'inside the channel' : 'the stop has the position');
  },
});
`,
  },
  limits: {
    about: 'limit entries that follow a band and have a timeout',
    called: 'bollinger-reversion',
    text: `import { defineStrategy, int, limit, number, percent } from 'perpsbot';

/** Post-only limits at the outer bands, moved with them, gone after three bars; out at the middle. */
export default defineStrategy({
  name: 'bollinger-reversion',
  timeframe: '5m',
  params: { size: int(20, { min: 5 }), width: number(2, { min: 1 }), risk: percent('0.25%'), flatAdx: int(20) },
  setup: ({ params, ind, on }) => ({ bands: ind.bollinger(params.size, params.width), adx: on('1h').adx(14) }),
  onBar({ params, position, long, short, exits, hold }, { bands, adx }) {
    const [low, middle, high] = [bands.lower.value, bands.value, bands.upper.value];
    const half = (high - low) / 2;
    const terms = { risk: params.risk, takeProfit: { at: middle } };
    const at = (price: number) => limit(price, { postOnly: true, timeout: '3 bars' });
    if (!position.isFlat) exits({ takeProfit: { at: middle }, why: 'the middle moved' });
    else if (adx.value > params.flatAdx) hold('a trend on the hour', { adx: adx.value });
    else if (bands.percentB.value < 0.5)
      long({ ...terms, why: 'below the middle', stop: low - half, entry: at(low), timeStop: '24 bars' });
    else short({ ...terms, why: 'above the middle', stop: high + half, entry: at(high), timeStop: '24 bars' });
  },
});
`,
  },
  breakout: {
    about: 'stop entries on both sides, one ends the other; a trailing stop',
    called: 'donchian-breakout',
    text: `import { defineStrategy, int, number, percent, r, stopEntry } from 'perpsbot';

/** Stop entries on both sides of the channel, one ends the other; from one risk on, the stop trails. */
export default defineStrategy({
  name: 'donchian-breakout',
  timeframe: '1h',
  params: { channel: int(20, { min: 3 }), atr: int(14), trail: number(3, { min: 1 }), risk: percent('0.5%') },
  setup: ({ params, ind }) => ({ channel: ind.donchian(params.channel), atr: ind.atr(params.atr) }),
  onBar({ params, position, either, hold }, { channel: { upper, lower }, atr }) {
    const terms = { risk: params.risk, trail: { by: { price: params.trail * atr.value }, after: r(1) } };
    const far = 2 * atr.value;
    const long = { ...terms, why: 'break above the channel', stop: upper.value - far, entry: stopEntry(upper.value) };
    const short = { ...terms, why: 'break below the channel', stop: lower.value + far, entry: stopEntry(lower.value) };
    if (position.isFlat) either({ long, short });
    else hold('the trail has the position');
  },
});
`,
  },
} as const satisfies Readonly<Record<string, StrategyTemplate>>;

export type TemplateName = keyof typeof STRATEGY_TEMPLATES;

/** The text of a file, TypeScript or JavaScript, under a name of its own. */
export function strategyFromTemplate(template: TemplateName, name: string, isTyped: boolean): string {
  const { text, called } = STRATEGY_TEMPLATES[template];
  const named = text.replace(`name: '${called}'`, `name: '${name}'`);
  return isTyped ? named : named.replaceAll(/\((\w+): number\) =>/g, '($1) =>');
}

export const isTemplate = (name: string): name is TemplateName => Object.hasOwn(STRATEGY_TEMPLATES, name);
