import type { Decimal } from '../../domain/decimal.js';
import type { InstrumentSpec } from '../../domain/instrument.js';
import type { MarginMode, PositionMode, SelfTradePrevention, TimeInForce } from '../../domain/order.js';
import { token } from '../../injection/token.js';

export type Profile = 'dev' | 'demo' | 'spot' | 'canary' | 'prod';
export type World = 'live' | 'paper' | 'backtest';

/** Resolved configuration: defaults, file, profile, environment and overrides merged and checked. Immutable. */
export interface BotConfig {
  readonly profile: Profile;
  readonly world: World;
  readonly botId: string;
  readonly symbols: readonly string[];
  /** Shorts and leverage need it; off, every instrument is treated as spot. */
  readonly derivatives: boolean;
  /** Decide, but send nothing. */
  readonly dryRun: boolean;
  /** One cycle, and one step of the strategies' series. */
  readonly updateIntervalMs: number;
  readonly strategy: StrategySettings;
  readonly risk: RiskSettings;
  readonly execution: ExecutionSettings;
  readonly streaming: StreamingSettings;
  readonly session: SessionSettings;
  readonly tasks: TaskSettings;
  readonly storage: StorageSettings;
  readonly simulation: SimulationSettings;
  readonly instruments: Readonly<Record<string, InstrumentSpec>>;
  readonly logging: LoggingSettings;
}

export interface StrategySettings {
  /** Registered name: `baseline`, `enhanced`, or one the host adds. */
  readonly name: string;
  readonly shortMa: number;
  readonly longMa: number;
  readonly targetLeverage: number;
  /** Fraction of price. */
  readonly trailingStop: Decimal;
  readonly enableShorts: boolean;
  /** Fraction of equity per entry, before leverage. */
  readonly positionFraction: Decimal;
  /** Cap on one entry's notional, after leverage. */
  readonly maxTradeNotional?: Decimal;
  readonly disableNewEntries: boolean;
  readonly crossEpsilonBps: Decimal;
  readonly crossConfirmBars: number;
  /** What an open position does when the safety state becomes reduce-only: keep it, or close it at once. */
  readonly onReduceOnly: 'hold' | 'close';
  /** Per-symbol overrides of the two windows and the fraction (the spot profile's rules). */
  readonly perSymbol: Readonly<Record<string, SymbolRules>>;
  readonly filters: MarketFilterSettings;
  /** Parameters of strategies that are not built in. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
}

export interface SymbolRules {
  readonly shortMa?: number;
  readonly longMa?: number;
  readonly positionFraction?: Decimal;
  readonly volumeFilter?: { readonly window: number; readonly multiplier: Decimal };
  readonly momentumFilter?: { readonly window: number; readonly oversold: number; readonly overbought: number };
  readonly trendFilter?: { readonly window: number; readonly minSlope: Decimal };
  readonly volatilityFilter?: { readonly window: number; readonly min: Decimal; readonly max: Decimal };
}

/** Market filters and guards of the enhanced strategy. */
export interface MarketFilterSettings {
  readonly maxSpreadBps: Decimal;
  readonly minDepthL1: Decimal;
  readonly minDepthL10: Decimal;
  readonly minVolume1m: Decimal;
  readonly requireRsiConfirmation: boolean;
  readonly rsiPeriod: number;
  readonly rsiOversold: number;
  readonly rsiOverbought: number;
  /** Fraction of entry price. */
  readonly minLiquidationBuffer: Decimal;
  readonly maxSlippageImpactBps: Decimal;
}

/** Limits. An absent optional limit is "no limit" only where the profile allows it; live profiles refuse to start without. */
export interface RiskSettings {
  readonly maxLeverage: Decimal;
  readonly leverageMaxPerSymbol: Readonly<Record<string, Decimal>>;
  /** UTC window [start, end) as minutes of the day; both or neither. */
  readonly daytime?: { readonly startMinute: number; readonly endMinute: number };
  readonly dayLeverageMaxPerSymbol: Readonly<Record<string, Decimal>>;
  readonly nightLeverageMaxPerSymbol: Readonly<Record<string, Decimal>>;
  readonly dayMaintenancePerSymbol: Readonly<Record<string, Decimal>>;
  readonly nightMaintenancePerSymbol: Readonly<Record<string, Decimal>>;
  readonly minLiquidationBuffer: Decimal;
  readonly preTradeLiquidationProjection: boolean;
  readonly defaultMaintenanceRate: Decimal;
  /** In settlement currency; absent: none. Refuses increasing orders until the next UTC day. */
  readonly dailyLossLimit?: Decimal;
  /** Fraction of the equity high-water mark; tightens the safety state to REDUCE_ONLY. */
  readonly maxDrawdown?: Decimal;
  readonly maxExposurePct: Decimal;
  readonly maxPositionPctPerSymbol: Decimal;
  readonly maxNotionalPerSymbol: Readonly<Record<string, Decimal>>;
  /** The bot's `max_position_size`: notional of one position, enforced on reserved exposure. */
  readonly maxPositionSize: Decimal;
  readonly maxOrderNotional?: Decimal;
  readonly maxOrderSize: Readonly<Record<string, Decimal>>;
  readonly maxGrossNotional?: Decimal;
  /** Largest distance of an order's price from the mark. */
  readonly priceCollarBps: Decimal;
  readonly slippageGuardBps: Decimal;
  /** Submissions a minute, all symbols. */
  readonly ordersPerMinute: number;
  readonly killSwitch: boolean;
  readonly reduceOnly: boolean;
  readonly maxMarkStalenessMs: number;
  readonly marketImpactGuard: boolean;
  readonly maxMarketImpactBps: Decimal;
  readonly dynamicPositionSizing: boolean;
  readonly positionSizingMethod: 'intelligent' | 'fixed' | 'kelly';
  readonly positionSizingMultiplier: Decimal;
  readonly volatility: VolatilitySettings;
  /** Herfindahl index above which several positions count as concentrated. */
  readonly concentrationLimit: Decimal;
  /** Consecutive minutes in which guards could not be evaluated before the state tightens to REDUCE_ONLY. */
  readonly blindGuardMinutes: number;
}

/** Volatility circuit breaker. Thresholds are standard deviations per day, as fractions. */
export interface VolatilitySettings {
  readonly enabled: boolean;
  readonly window: number;
  readonly warning: Decimal;
  readonly reduceOnly: Decimal;
  readonly kill: Decimal;
  readonly cooldownMs: number;
}

export interface ExecutionSettings {
  readonly timeInForce: Exclude<TimeInForce, 'GTD'>;
  readonly previewOrders: boolean;
  /** A failed preview refuses the order instead of being ignored. */
  readonly previewFailClosed: boolean;
  readonly postOnly: boolean;
  /** How long after sending a venue may still accept a request. */
  readonly requestExpiryMs: number;
  readonly requestTimeoutMs: number;
  /** Orders resting at shutdown: cancel ours, or leave them. */
  readonly onShutdown: 'cancel' | 'keep';
  readonly skipStartupReconcile: boolean;
  /** Extra expected slippage per symbol, as a factor of at least 1. */
  readonly slippageMultipliers: Readonly<Record<string, Decimal>>;
  /** Currencies that count as collateral. */
  readonly collateral: readonly string[];
  readonly sizingMode: 'conservative' | 'strict' | 'aggressive';
  readonly maxImpactBps: Decimal;
}

export interface StreamingSettings {
  readonly enabled: boolean;
  /** 1 best prices, 2 depth. */
  readonly level: 1 | 2;
  /** One `ws_mark_update` a symbol and this long in the journal; 0 for every one. */
  readonly journalSampleMs: number;
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
}

/** UTC. Days are lower-case English names of the day on which the window opened; absent means every day. */
export interface SessionSettings {
  readonly startMinute?: number;
  readonly endMinute?: number;
  readonly days?: readonly string[];
}

export interface TaskSettings {
  readonly guardsMs: number;
  readonly orderReconcileMs: number;
  readonly positionReconcileMs: number;
  readonly accountTelemetryMs: number;
  /** Consecutive failed cycles before the bot stops trying (a cycle's failure alone never ends it). */
  readonly cycleErrorBudget: number;
  /** What one part may take to stop, on host time. */
  readonly stopBudgetMs: number;
}

export interface StorageSettings {
  readonly driver: 'sqlite' | 'memory';
  /** Directory of this bot's journal and status files; absent only with `memory`. */
  readonly directory?: string;
}

/** The exchange inside: paper and backtest worlds. */
export interface SimulationSettings {
  readonly equity: Decimal;
  readonly seed: number;
  /** Milliseconds of venue time between generated quotes. */
  readonly quoteIntervalMs: number;
  /** Starting price per symbol for generated markets. */
  readonly startPrices: Readonly<Record<string, Decimal>>;
  /** Half of the spread added to fills on bars, in basis points (bars carry no spread). */
  readonly barHalfSpreadBps: Decimal;
  /** Largest share of a bar's volume our orders may take; 1 means all of it. Absent: volume does not limit fills. */
  readonly maxVolumeShare?: Decimal;
  /** Venue seconds for a host second; 'max' runs as fast as it computes. */
  readonly speed: number | 'max';
  readonly matching: MatchingSettings;
  readonly latency: LatencySettings;
  readonly margin: MarginSettings;
  /** Venues of one run, by the name that instruments give theirs: each an account of its own. None: one account, with `equity`. */
  readonly venues: Readonly<Record<string, { readonly equity: Decimal }>>;
  /** Fees by volume, lowest volume first in effect; none: the instrument's own two rates. */
  readonly feeTiers: Readonly<Record<string, FeeTierSettings>>;
}

/** How orders meet the recorded market. */
export interface MatchingSettings {
  /**
   * Order of a bar's extremes: `pessimistic` the one against us first, `optimistic` the one for us first, `next_open`
   * uses neither: orders fill at opens alone.
   */
  readonly barPath: 'pessimistic' | 'optimistic' | 'next_open';
  /**
   * Who stands before a resting order: `risk_averse` everybody who stood there when it came, and only trades shorten the
   * queue; `probabilistic` cancellations shorten it too, in the proportion `queueExponent` says; `front` nobody.
   */
  readonly queue: 'risk_averse' | 'probabilistic' | 'front';
  /** Power of the probabilistic model: the higher, the more cancellations happen behind us. */
  readonly queueExponent: number;
  /** Which of two own orders ends when they would trade with each other. */
  readonly selfTrade: SelfTradePrevention;
  /** Largest distance of a limit price from the mark, as a fraction; absent: none. */
  readonly priceBand?: Decimal;
  /** Open orders per instrument, and how many of them may wait for a trigger. */
  readonly maxOpenOrders: number;
  readonly maxConditionalOrders: number;
  /** CSV `ts_ms,symbol,field,value`: filters and fees that change while the market runs. */
  readonly filterChanges?: string;
}

/** What lies between the bot and the exchange. Times of venue. */
export interface LatencySettings {
  /** From sending to the matching engine, and from there back. */
  readonly orderMs: number;
  readonly responseMs: number;
  /** CSV `order_ms,response_ms`: drawn from with the seed, instead of the two constants. */
  readonly file?: string;
}

/** How the account is margined. */
export interface MarginSettings {
  readonly mode: MarginMode;
  readonly positionMode: PositionMode;
  /** Leverage by symbol before anybody sets another; 1 where absent. */
  readonly leverage: Readonly<Record<string, Decimal>>;
  /** CSV of maintenance brackets (`symbol,tier,min_notional,max_notional,maint_margin_rate,max_leverage,cum`); absent: the instruments' own. */
  readonly tiers?: string;
  /** Off, positions are carried below maintenance margin: nothing a venue does. */
  readonly liquidation: boolean;
  /** Fee of a liquidation, on its notional, to the insurance fund; where the instrument names none. */
  readonly liquidationFee: Decimal;
  /** What the insurance fund holds at the start. */
  readonly insuranceFund: Decimal;
  /** Positions are deleveraged when the fund is empty. */
  readonly autoDeleveraging: boolean;
}

/** Rates from a 30-day volume upwards, in settlement currency. */
export interface FeeTierSettings {
  readonly volume: Decimal;
  readonly makerFee: Decimal;
  readonly takerFee: Decimal;
}

export interface LoggingSettings {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly json: boolean;
}

/** What changed, field by field (dotted path), and the configuration that now holds. */
export interface ConfigChange {
  readonly updated: BotConfig;
  readonly diff: Readonly<Record<string, { readonly current: unknown; readonly next: unknown }>>;
}

/**
 * Owner of the active configuration. Consumers keep the controller, never a copy of a field: `current` is read at use,
 * so that a hot change reaches everyone. An invalid new file leaves the old configuration in force.
 */
export interface ConfigController {
  readonly current: BotConfig;
  /** Re-reads the sources; undefined when nothing changed. The change is pending until consumed. Throws CFG-*. */
  refreshIfChanged(): ConfigChange | undefined;
  /** Hands out the pending change once. */
  consumePendingChange(): ConfigChange | undefined;
  /** Puts a change into force and tells every listener, in order of subscription. */
  apply(change: ConfigChange): void;
  /** Returns the unsubscriber. */
  onChange(listener: (change: ConfigChange) => void): () => void;
}
export const ConfigController = token<ConfigController>('ConfigController');
