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
import { limit } from './limit-meta.js';

const LEVERAGE = { above: 0, atMost: 200 };
const BUFFER = { atLeast: 0, below: 1 };
const MAINTENANCE = { above: 0, below: 1 };

const volatility = section(
  {
    enabled: limit(flag('Is the volatility breaker on?'), { tighter: 'on' }),
    window: limit(integer('Marks of the series the breaker looks back on.', { atLeast: 10 }), { tighter: 'fixed' }),
    warning: limit(percent('Standard deviation per day from which it warns.', { above: 0 }), { tighter: 'lower' }),
    reduceOnly: limit(percent('Standard deviation per day from which only reducing orders pass.', { above: 0 }), {
      tighter: 'lower',
    }),
    kill: limit(percent('Standard deviation per day from which trading halts.', { above: 0 }), { tighter: 'lower' }),
    cooldown: limit(duration('Time between two actions of the same severity for one symbol.'), { tighter: 'lower' }),
  },
  'Volatility circuit breaker. Thresholds are per day, whatever the interval of the series.',
);

export const riskSchema = limit(
  section(
    {
      maxLeverage: limit(decimal('Highest leverage of the account and of any position.', LEVERAGE), {
        tighter: 'lower',
        required: '3',
        canary: { atMost: 1 },
      }),
      leverageMaxPerSymbol: limit(
        bySymbol(decimal('Highest leverage of this symbol.', LEVERAGE), 'Highest leverage by symbol.'),
        { tighter: 'lower' },
      ),
      daytime: limit(
        section(
          {
            start: time('First minute of the day window.'),
            end: time('First minute after the day window.'),
          },
          'UTC window in which the day tables hold; outside it the night tables do.',
        ),
        { tighter: 'fixed' },
      ),
      dayLeverageMaxPerSymbol: limit(
        bySymbol(decimal('Highest leverage by day.', LEVERAGE), 'Highest leverage by symbol, by day.'),
        { tighter: 'lower' },
      ),
      nightLeverageMaxPerSymbol: limit(
        bySymbol(decimal('Highest leverage by night.', LEVERAGE), 'Highest leverage by symbol, by night.'),
        { tighter: 'lower' },
      ),
      dayMaintenancePerSymbol: limit(
        bySymbol(percent('Maintenance margin by day.', MAINTENANCE), 'Maintenance margin by symbol, by day.'),
        { tighter: 'fixed' },
      ),
      nightMaintenancePerSymbol: limit(
        bySymbol(percent('Maintenance margin by night.', MAINTENANCE), 'Maintenance margin by symbol, by night.'),
        { tighter: 'fixed' },
      ),
      minLiquidationBuffer: limit(percent('Least share of equity that stays free of margin.', BUFFER), {
        tighter: 'higher',
      }),
      preTradeLiquidationProjection: limit(flag('Refuse orders after which the buffer would be too thin?'), {
        tighter: 'on',
      }),
      defaultMaintenanceRate: limit(
        percent('Maintenance margin where neither venue nor table names one.', MAINTENANCE),
        { tighter: 'higher' },
      ),
      dailyLossLimit: limit(money('Loss of one UTC day from which increasing orders are refused.'), {
        tighter: 'lower',
        required: '50 USDT',
      }),
      maxDrawdown: limit(percent('Fall from the highest equity that makes the account reduce-only.'), {
        tighter: 'lower',
        required: '8%',
      }),
      maxExposurePct: limit(percent('Largest sum of all positions, as a share of equity.', { above: 0 }), {
        tighter: 'lower',
      }),
      maxPositionPctPerSymbol: limit(percent('Largest position of one symbol, as a share of equity.', { above: 0 }), {
        tighter: 'lower',
      }),
      maxNotionalPerSymbol: limit(bySymbol(money('Largest position of this symbol.'), 'Largest position by symbol.'), {
        tighter: 'lower',
      }),
      maxPositionSize: limit(money('Largest position of any symbol.'), {
        tighter: 'lower',
        required: '5000 USDT',
      }),
      maxOrderNotional: limit(money('Largest order.'), { tighter: 'lower', required: '1000 USDT' }),
      maxOrderSize: limit(
        bySymbol(quantity('Largest order of this symbol, in its base currency.'), 'Largest order by symbol.'),
        { tighter: 'lower' },
      ),
      maxGrossNotional: limit(money('Largest sum of all positions and open orders.'), {
        tighter: 'lower',
        required: '10000 USDT',
      }),
      maxNetNotional: limit(money('Largest sum of all positions and open orders, long less short.'), {
        tighter: 'lower',
      }),
      priceCollar: limit(
        bps(
          'How far a buy that can add may be priced above last, middle, mark and index, and a sell below; they agree within three of it.',
        ),
        {
          tighter: 'lower',
          required: '100bps',
        },
      ),
      passiveBand: limit(
        percent('How far from those a limit that gives nothing away, and a trigger, may stand; not of what reduces.'),
        { tighter: 'lower' },
      ),
      slippageGuard: limit(bps('Largest expected slippage against the mark.', { atLeast: 0 }), {
        tighter: 'lower, 0 is off',
      }),
      ordersPerMinute: limit(integer('Submissions in a minute, all symbols.'), {
        tighter: 'lower',
        required: '30',
      }),
      cancelsPerMinute: limit(
        integer('Cancellations in a minute from which it warns; those of a halt or a shutdown do not count.'),
        { tighter: 'lower' },
      ),
      maxOrderToTrade: limit(
        integer('Orders, changes and cancellations of a UTC day for each order that traded, from which it warns.'),
        { tighter: 'lower' },
      ),
      maxUnattendedEntries: limit(
        integer("Entries of one strategy without anybody's doing, after which it waits to be re-armed."),
        { tighter: 'lower', required: '200' },
      ),
      killSwitch: limit(flag('Start halted.'), { tighter: 'free' }),
      reduceOnly: limit(flag('Start reduce-only.'), { tighter: 'free', canary: { is: true } }),
      maxMarkStaleness: limit(duration('Age from which a mark is stale.'), { tighter: 'lower' }),
      maxEquityAge: limit(duration('Age of the mark of any held position from which nothing is added.'), {
        tighter: 'lower',
        required: '120s',
      }),
      fundingWindow: limit(duration('Time before a funding in which nothing is added that would pay too much.'), {
        tighter: 'higher',
      }),
      maxFundingCost: limit(bps('Highest expected cost of a funding, of the value of an order.', { atLeast: 0 }), {
        tighter: 'lower',
      }),
      marketImpactGuard: limit(flag('Refuse orders whose expected impact is too large?'), { tighter: 'on' }),
      maxMarketImpact: limit(bps('Largest expected impact.'), { tighter: 'lower, 0 is off' }),
      dynamicPositionSizing: limit(flag('Size entries by liquidity?'), { tighter: 'free' }),
      positionSizingMethod: limit(choice(['intelligent', 'fixed', 'kelly'], 'How dynamic sizing sizes.'), {
        tighter: 'free',
      }),
      positionSizingMultiplier: limit(decimal('Factor on every size.', { above: 0 }), { tighter: 'free' }),
      volatility,
      concentrationLimit: limit(decimal('Herfindahl index above which positions count as concentrated.', SHARE), {
        tighter: 'lower',
      }),
      blindGuardMinutes: limit(integer('Minutes of unevaluated guards after which the account becomes reduce-only.'), {
        tighter: 'lower',
      }),
    },
    'Limits. What is absent is no limit, except in the live world, which refuses to start.',
  ),
  { tighter: 'fixed' },
);
