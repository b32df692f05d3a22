import {
  bps,
  bySymbol,
  byName,
  choice,
  decimal,
  duration,
  flag,
  integer,
  money,
  NOT_NEGATIVE,
  number,
  parameter,
  percent,
  section,
  text,
} from './fields.js';
import { limit } from './limit-meta.js';

const OSCILLATOR = { atLeast: 0, atMost: 100 };

const symbolRules = section(
  {
    shortMa: integer('Marks in the short mean, for this symbol.'),
    longMa: integer('Marks in the long mean, for this symbol.'),
    positionFraction: percent('Share of equity per entry, before leverage, for this symbol.'),
    volumeFilter: section(
      {
        window: integer('Closed hourly candles in the average volume.'),
        multiplier: decimal('The last volume must reach the average times this.'),
      },
      'Entries need volume.',
    ),
    momentumFilter: section(
      {
        window: integer('Closed hourly candles in the RSI.'),
        oversold: number('Entries need an RSI at or below this.', OSCILLATOR),
        overbought: number('RSI from which the market counts as overbought.', OSCILLATOR),
      },
      'Entries need a low RSI.',
    ),
    trendFilter: section(
      {
        window: integer('Closed hourly candles in the mean.'),
        minSlope: decimal('Least slope of the mean, in price per candle.', {}),
      },
      'Entries need a rising mean.',
    ),
    volatilityFilter: section(
      {
        window: integer('Closed hourly candles in the average true range.'),
        min: percent('Least average true range, as a share of the close.', { atLeast: 0, atMost: 1 }),
        max: percent('Largest average true range, as a share of the close.'),
      },
      'Entries need volatility within bounds.',
    ),
  },
  'Rules of one symbol.',
);

const filters = section(
  {
    maxSpread: bps('Widest spread an entry accepts.'),
    minDepthL1: money('Least depth at the best price.', NOT_NEGATIVE),
    minDepthL10: money('Least depth over ten levels.', NOT_NEGATIVE),
    minVolume1m: money('Least volume of the last minute.', NOT_NEGATIVE),
    requireRsiConfirmation: flag('Entries need the RSI to agree.'),
    rsiPeriod: integer('Marks in the RSI.', { atLeast: 2 }),
    rsiOversold: number('RSI at or below which the market counts as oversold.', OSCILLATOR),
    rsiOverbought: number('RSI at or above which the market counts as overbought.', OSCILLATOR),
    minLiquidationBuffer: percent('Least distance to liquidation after an entry, as a share of its price.', {
      atLeast: 0,
      below: 1,
    }),
    maxSlippageImpact: bps('Largest expected slippage of an entry.'),
  },
  'Market filters and guards of the enhanced strategy.',
);

export const strategySchema = section(
  {
    name: text('Registered name: baseline, enhanced, or one the host adds.'),
    file: text('Module with the strategy as its default export, in place of a name; from the working directory.'),
    shortMa: integer('Marks in the short mean.'),
    longMa: integer('Marks in the long mean; more than in the short one.'),
    targetLeverage: limit(number('Leverage an entry asks for; at most risk.maxLeverage.', { atLeast: 1 }), {
      tighter: 'free',
      canary: { atMost: 1 },
    }),
    trailingStop: percent('Distance of the trailing stop from the best price.', { above: 0, below: 1 }),
    enableShorts: flag('May the strategy sell what it does not hold?'),
    positionFraction: percent('Share of equity per entry, before leverage.'),
    maxTradeNotional: money('Cap on one entry, after leverage.'),
    disableNewEntries: flag('Keep what is open, add nothing.'),
    crossEpsilon: bps('How far the means must cross to count.', NOT_NEGATIVE),
    crossConfirmBars: integer('Bars a cross must last before it counts.', NOT_NEGATIVE),
    onReduceOnly: choice(['hold', 'close'], 'What an open position does when the safety state becomes reduce-only.'),
    budget: duration('How long one handler of a strategy may take, on the host; longer is counted and told.'),
    guardViews: flag('Refuse a view that a strategy has kept beyond its handler. Slow: for tests.'),
    perSymbol: bySymbol(symbolRules, 'Rules that replace the ones above for one symbol, and its entry filters.'),
    filters,
    params: byName(parameter('A parameter of the strategy.'), 'Parameters of strategies that are not built in.'),
  },
  'What decides.',
);
