/** A variable of the reference, and where its value goes. */
export interface Alias {
  readonly path: string;
  /** The unit that the variable's own name states; a bare number gains it. */
  readonly unit?: string;
  /** What a value of `true` or `false` stands for, where the target is no switch; undefined says nothing. */
  readonly means?: { readonly true: string | undefined; readonly false: string | undefined };
  /** Only in this profile. */
  readonly profile?: string;
  /** The value is a directory above the bot's own. */
  readonly root?: boolean;
}

const risk = (key: string, unit?: string): Alias => ({ path: `risk.${key}`, ...(unit !== undefined && { unit }) });

/**
 * Names of the reference that keep their meaning. The grammar is the one of the files: no other booleans, no bare
 * fractions.
 */
export const ALIASES: Readonly<Record<string, Alias>> = {
  RISK_MAX_LEVERAGE: risk('maxLeverage'),
  RISK_LEVERAGE_MAX_PER_SYMBOL: risk('leverageMaxPerSymbol'),
  RISK_DAYTIME_START_UTC: risk('daytime.start'),
  RISK_DAYTIME_END_UTC: risk('daytime.end'),
  RISK_DAY_LEVERAGE_MAX_PER_SYMBOL: risk('dayLeverageMaxPerSymbol'),
  RISK_NIGHT_LEVERAGE_MAX_PER_SYMBOL: risk('nightLeverageMaxPerSymbol'),
  RISK_DAY_MMR_PER_SYMBOL: risk('dayMaintenancePerSymbol'),
  RISK_NIGHT_MMR_PER_SYMBOL: risk('nightMaintenancePerSymbol'),
  RISK_MIN_LIQUIDATION_BUFFER_PCT: risk('minLiquidationBuffer'),
  RISK_ENABLE_PRE_TRADE_LIQ_PROJECTION: risk('preTradeLiquidationProjection'),
  RISK_DEFAULT_MMR: risk('defaultMaintenanceRate'),
  RISK_DAILY_LOSS_LIMIT: risk('dailyLossLimit'),
  RISK_MAX_EXPOSURE_PCT: risk('maxExposurePct'),
  RISK_MAX_POSITION_PCT_PER_SYMBOL: risk('maxPositionPctPerSymbol'),
  RISK_MAX_NOTIONAL_PER_SYMBOL: risk('maxNotionalPerSymbol'),
  RISK_SLIPPAGE_GUARD_BPS: risk('slippageGuard', 'bps'),
  RISK_KILL_SWITCH_ENABLED: risk('killSwitch'),
  RISK_REDUCE_ONLY_MODE: risk('reduceOnly'),
  RISK_MAX_MARK_STALENESS_SECONDS: risk('maxMarkStaleness', 's'),
  RISK_ENABLE_MARKET_IMPACT_GUARD: risk('marketImpactGuard'),
  RISK_MAX_MARKET_IMPACT_BPS: risk('maxMarketImpact', 'bps'),
  RISK_ENABLE_DYNAMIC_POSITION_SIZING: risk('dynamicPositionSizing'),
  RISK_POSITION_SIZING_METHOD: risk('positionSizingMethod'),
  RISK_POSITION_SIZING_MULTIPLIER: risk('positionSizingMultiplier'),
  RISK_ENABLE_VOLATILITY_CB: risk('volatility.enabled'),
  RISK_VOL_WINDOW_PERIODS: risk('volatility.window'),
  RISK_CB_COOLDOWN_MIN: risk('volatility.cooldown', 'm'),
  RISK_VOL_WARNING_THRESH: risk('volatility.warning'),
  RISK_VOL_REDUCE_ONLY_THRESH: risk('volatility.reduceOnly'),
  RISK_VOL_KILL_SWITCH_THRESH: risk('volatility.kill'),
  TRADING_SYMBOLS: { path: 'symbols' },
  COINBASE_ENABLE_DERIVATIVES: { path: 'derivatives' },
  PERPS_ENABLE_STREAMING: { path: 'streaming.enabled' },
  PERPS_STREAM_LEVEL: { path: 'streaming.level' },
  PERPS_PAPER: { path: 'world', means: { true: 'paper', false: undefined } },
  PERPS_FORCE_MOCK: { path: 'world', means: { true: 'paper', false: undefined } },
  PERPS_SKIP_RECONCILE: { path: 'execution.skipStartupReconcile' },
  PERPS_POSITION_FRACTION: { path: 'strategy.positionFraction' },
  PERPS_COLLATERAL_ASSETS: { path: 'execution.collateral' },
  PERPS_DEBUG: { path: 'logging.level', means: { true: 'debug', false: undefined } },
  PERPS_MIN_LOG_LEVEL: { path: 'logging.level' },
  PERPS_JSON_CONSOLE: { path: 'logging.json' },
  SPOT_FORCE_LIVE: { path: 'world', means: { true: 'live', false: 'paper' }, profile: 'spot' },
  ORDER_PREVIEW_ENABLED: { path: 'execution.previewOrders' },
  ORDER_PREVIEW_FAIL_CLOSED: { path: 'execution.previewFailClosed' },
  ORDER_POST_ONLY: { path: 'execution.postOnly' },
  SLIPPAGE_MULTIPLIERS: { path: 'execution.slippageMultipliers' },
  DISABLE_WS_STREAMING: { path: 'streaming.enabled', means: { true: 'false', false: undefined } },
  GPT_TRADER_RUNTIME_ROOT: { path: 'storage.directory', root: true },
  EVENT_STORE_ROOT: { path: 'storage.directory', root: true },
};

/** The risk section in a file of its own. */
export const RISK_FILE = 'RISK_CONFIG_PATH';

/** Names that once meant something and are refused, with what to do instead. */
export const RETIRED_VARIABLES: Readonly<Record<string, string>> = {
  USE_BUILDER_PATTERN: 'Remove it; there is one way to build the bot.',
  COINBASE_DEFAULT_QUOTE:
    'Remove it and write the quote in each symbol, like BTC-USD; symbols are never completed or replaced.',
  RISK_MAX_INTRADAY_VOL: 'Set RISK_VOL_WARNING_THRESH, for example 15%.',
  SPOT_PROFILE_PATH: 'Put the rules under strategy.perSymbol of the configuration file.',
  PERPS_SPECS_PATH: 'Put the products under instruments of the configuration file.',
  PERPS_LOG_DIR: 'Remove it; redirect the output, or set storage.directory.',
  PERPS_LOG_MAX_BYTES: 'Remove it; log lines go to the output.',
  PERPS_LOG_BACKUP_COUNT: 'Remove it; log lines go to the output.',
  PERPS_CRIT_LOG_MAX_BYTES: 'Remove it; log lines go to the output.',
  PERPS_CRIT_LOG_BACKUP_COUNT: 'Remove it; log lines go to the output.',
  MAX_ORDER_SIZE_USD: 'Set risk.maxOrderNotional, for example PERPSBOT__RISK__MAX_ORDER_NOTIONAL="250 USDT".',
  MIN_ORDER_SIZE_USD: "Remove it; the smallest order is the instrument's.",
  DEFAULT_ORDER_TYPE: 'Remove it; the strategy chooses the order type.',
  ORDER_MAX_RETRIES: 'Remove it; an order is looked up, never sent twice.',
  KILL_SWITCH_KEY: 'Set RISK_KILL_SWITCH_ENABLED=true, or use the halt command.',
};

const RETIRED_PREFIX = 'USE_NEW_';

/** The remedy for a retired variable, or undefined. */
export const retiredVariable = (name: string): string | undefined =>
  Object.hasOwn(RETIRED_VARIABLES, name)
    ? RETIRED_VARIABLES[name]
    : name.startsWith(RETIRED_PREFIX)
      ? 'Remove it; the services it chose between are one.'
      : undefined;

/** Keys of the reference's files, in plain spelling, with the key that replaced them. */
export const RETIRED_KEYS: Readonly<Record<string, string>> = {
  mockbroker: 'world: paper',
  mockfills: 'world: paper',
  perpspapertrading: 'world: paper',
  perpsforcemock: 'world: paper',
  enableorderpreview: 'execution.previewOrders',
  reduceonlymode: 'risk.reduceOnly',
  tradingwindowstart: 'session.start',
  tradingwindowend: 'session.end',
  tradingdays: 'session.days',
  perpsenablestreaming: 'streaming.enabled',
  perpsstreamlevel: 'streaming.level',
  perpspositionfraction: 'strategy.positionFraction',
  perpsskipstartupreconcile: 'execution.skipStartupReconcile',
  accounttelemetryinterval: 'tasks.accountTelemetry',
  derivativesenabled: 'derivatives',
  trailingstoppct: 'strategy.trailingStop',
  maxtradeusd: 'strategy.maxTradeNotional',
  starttime: 'session.start',
  endtime: 'session.end',
  riskmanagement: 'risk',
  orderpolicy: 'execution',
  trading: 'symbols, strategy and execution',
  monitoring: 'updateInterval and tasks',
  features: 'risk.reduceOnly',
  circuitbreakers: 'risk.volatility and risk.dailyLossLimit',
  killswitchenabled: 'risk.killSwitch',
  maxmarkstalenessseconds: 'risk.maxMarkStaleness',
  enablevolatilitycircuitbreaker: 'risk.volatility.enabled',
};
