import {
  bps,
  bySymbol,
  choice,
  decimal,
  duration,
  flag,
  integer,
  money,
  percent,
  quantity,
  section,
  SHARE,
  time,
} from './fields.js';

const LEVERAGE = { above: 0, atMost: 200 };
const BUFFER = { atLeast: 0, below: 1 };
const MAINTENANCE = { above: 0, below: 1 };

const volatility = section(
  {
    enabled: flag('Is the volatility breaker on?'),
    window: integer('Marks of the series the breaker looks back on.', { atLeast: 10 }),
    warning: percent('Standard deviation per day from which it warns.', { above: 0 }),
    reduceOnly: percent('Standard deviation per day from which only reducing orders pass.', { above: 0 }),
    kill: percent('Standard deviation per day from which trading halts.', { above: 0 }),
    cooldown: duration('Time between two actions of the same severity for one symbol.'),
  },
  'Volatility circuit breaker. Thresholds are per day, whatever the interval of the series.',
);

export const riskSchema = section(
  {
    maxLeverage: decimal('Highest leverage of the account and of any position. Required in the live world.', LEVERAGE),
    leverageMaxPerSymbol: bySymbol(
      decimal('Highest leverage of this symbol.', LEVERAGE),
      'Highest leverage by symbol.',
    ),
    daytime: section(
      {
        start: time('First minute of the day window.'),
        end: time('First minute after the day window.'),
      },
      'UTC window in which the day tables hold; outside it the night tables do.',
    ),
    dayLeverageMaxPerSymbol: bySymbol(
      decimal('Highest leverage by day.', LEVERAGE),
      'Highest leverage by symbol, by day.',
    ),
    nightLeverageMaxPerSymbol: bySymbol(
      decimal('Highest leverage by night.', LEVERAGE),
      'Highest leverage by symbol, by night.',
    ),
    dayMaintenancePerSymbol: bySymbol(
      percent('Maintenance margin by day.', MAINTENANCE),
      'Maintenance margin by symbol, by day.',
    ),
    nightMaintenancePerSymbol: bySymbol(
      percent('Maintenance margin by night.', MAINTENANCE),
      'Maintenance margin by symbol, by night.',
    ),
    minLiquidationBuffer: percent('Least share of equity that stays free of margin.', BUFFER),
    preTradeLiquidationProjection: flag('Refuse orders after which the buffer would be too thin?'),
    defaultMaintenanceRate: percent('Maintenance margin where neither venue nor table names one.', MAINTENANCE),
    dailyLossLimit: money('Loss of one UTC day from which increasing orders are refused. Required in the live world.'),
    maxDrawdown: percent(
      'Fall from the highest equity that makes the account reduce-only. Required in the live world.',
    ),
    maxExposurePct: percent('Largest sum of all positions, as a share of equity.', { above: 0 }),
    maxPositionPctPerSymbol: percent('Largest position of one symbol, as a share of equity.', { above: 0 }),
    maxNotionalPerSymbol: bySymbol(money('Largest position of this symbol.'), 'Largest position by symbol.'),
    maxPositionSize: money('Largest position of any symbol. Required in the live world.'),
    maxOrderNotional: money('Largest order. Required in the live world.'),
    maxOrderSize: bySymbol(quantity('Largest order of this symbol, in its base currency.'), 'Largest order by symbol.'),
    maxGrossNotional: money('Largest sum of all positions and open orders. Required in the live world.'),
    priceCollar: bps('Largest distance of an order price from the mark. Required in the live world.'),
    slippageGuard: bps('Largest expected slippage against the mark.', { atLeast: 0 }),
    ordersPerMinute: integer('Submissions in a minute, all symbols. Required in the live world.'),
    killSwitch: flag('Start halted.'),
    reduceOnly: flag('Start reduce-only.'),
    maxMarkStaleness: duration('Age from which a mark is stale.'),
    marketImpactGuard: flag('Refuse orders whose expected impact is too large?'),
    maxMarketImpact: bps('Largest expected impact.'),
    dynamicPositionSizing: flag('Size entries by liquidity?'),
    positionSizingMethod: choice(['intelligent', 'fixed', 'kelly'], 'How dynamic sizing sizes.'),
    positionSizingMultiplier: decimal('Factor on every size.', { above: 0 }),
    volatility,
    concentrationLimit: decimal('Herfindahl index above which positions count as concentrated.', SHARE),
    blindGuardMinutes: integer('Minutes of unevaluated guards after which the account becomes reduce-only.'),
  },
  'Limits. What is absent is no limit, except in the live world, which refuses to start.',
);
