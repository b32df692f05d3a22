import type { Decimal } from '../../../domain/decimal.js';
import type { MarketFilterSettings } from './market-filter-settings.js';

export interface StrategySettings {
  /** Registered name: `baseline`, `enhanced`, or one the host adds. */
  readonly name: string;
  /** Module it stands in, for one that is not built in. Whoever makes the bot loads it. */
  readonly file?: string;
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
  /** Host milliseconds that one handler may take; longer is counted and told, and never interrupted. */
  readonly budgetMs: number;
  /** Every view is refused once the handler that was shown it has returned. Absent: it is not. */
  readonly guardViews?: boolean;
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
