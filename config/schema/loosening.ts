import { Decimal } from '../../src/domain/decimal.js';
import type { ConfigChange } from '../../src/ports/configuration/settings/config-controller.js';
import type { RiskSettings } from '../../src/ports/configuration/settings/risk-settings.js';
import type { VolatilitySettings } from '../../src/ports/configuration/settings/volatility-settings.js';

/**
 * Which way a limit becomes tighter; `on` is a check that must not be switched off, `fixed` has no tighter way, and
 * `free` is no limit (or one that the safety state holds on to by itself).
 */
type Tighter = 'lower' | 'lower, 0 is off' | 'higher' | 'on' | 'fixed' | 'free';

const TIGHTER: Readonly<Record<Exclude<keyof RiskSettings, 'volatility'>, Tighter>> = {
  maxLeverage: 'lower',
  leverageMaxPerSymbol: 'lower',
  daytime: 'fixed',
  dayLeverageMaxPerSymbol: 'lower',
  nightLeverageMaxPerSymbol: 'lower',
  dayMaintenancePerSymbol: 'fixed',
  nightMaintenancePerSymbol: 'fixed',
  minLiquidationBuffer: 'higher',
  preTradeLiquidationProjection: 'on',
  defaultMaintenanceRate: 'higher',
  dailyLossLimit: 'lower',
  maxDrawdown: 'lower',
  maxExposurePct: 'lower',
  maxPositionPctPerSymbol: 'lower',
  maxNotionalPerSymbol: 'lower',
  maxPositionSize: 'lower',
  maxOrderNotional: 'lower',
  maxOrderSize: 'lower',
  maxGrossNotional: 'lower',
  priceCollarBps: 'lower',
  slippageGuardBps: 'lower, 0 is off',
  ordersPerMinute: 'lower',
  killSwitch: 'free',
  reduceOnly: 'free',
  maxMarkStalenessMs: 'lower',
  marketImpactGuard: 'on',
  maxMarketImpactBps: 'lower, 0 is off',
  dynamicPositionSizing: 'free',
  positionSizingMethod: 'free',
  positionSizingMultiplier: 'free',
  concentrationLimit: 'lower',
  blindGuardMinutes: 'lower',
};

const VOLATILITY: Readonly<Record<keyof VolatilitySettings, Tighter>> = {
  enabled: 'on',
  window: 'fixed',
  warning: 'lower',
  reduceOnly: 'lower',
  kill: 'lower',
  cooldownMs: 'lower',
};

/** Paths of the risk limits that a change would loosen. An absent limit is the loosest. */
export const loosened = (diff: ConfigChange['diff']): string[] =>
  Object.entries(diff)
    .filter(([path, { current, next }]) => loosens(tighterWay(path), current, next))
    .map(([path]) => path);

function tighterWay(path: string): Tighter {
  const [section, field = '', part = ''] = path.split('.');
  if (section !== 'risk') return 'free';
  const table: Readonly<Partial<Record<string, Tighter>>> = field === 'volatility' ? VOLATILITY : TIGHTER;
  return table[field === 'volatility' ? part : field] ?? 'fixed';
}

function loosens(way: Tighter, current: unknown, next: unknown): boolean {
  if (way === 'free') return false;
  if (way === 'fixed') return true;
  if (way === 'on') return current === true;
  const [before, after] =
    way === 'lower, 0 is off' ? [limit(current, true), limit(next, true)] : [limit(current), limit(next)];
  if (before === undefined) return false;
  return after === undefined || (way === 'higher' ? after.lt(before) : after.gt(before));
}

function limit(value: unknown, zeroIsOff = false): Decimal | undefined {
  if (!Decimal.isDecimal(value) && typeof value !== 'number') return undefined;
  const amount = new Decimal(value);
  return zeroIsOff && amount.isZero() ? undefined : amount;
}
