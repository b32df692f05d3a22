import type { Instrument } from '#src/domain/instrument.js';
import { signOf, type Fill } from '#src/domain/order.js';
import { marks } from '#src/domain/units.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { OracleFill } from './decimal-engine.js';
import { FILLS_HASH, mixFill, type OracleTerms } from './terms.js';
import { unitsOf } from '../finest.js';

type Plain =
  | 'shortMa'
  | 'longMa'
  | 'targetLeverage'
  | 'trailingStop'
  | 'positionFraction'
  | 'enableShorts'
  | 'crossEpsilonBps'
  | 'crossConfirmBars';

/** What a bot is configured to do, in the oracles' words. */
export function termsOf({ strategy, simulation, derivatives }: BotConfig, instrument: Instrument): OracleTerms {
  const { spec } = instrument;
  const { params } = strategy;
  /** A parameter of the strategy, as `--param` gave it, comes before the setting of the same name. */
  const setting = (name: Plain): string => String(params[name] ?? strategy[name].toString());
  const leverage = Number(setting('targetLeverage'));
  const cap = params['maxTradeNotional'] ?? strategy.maxTradeNotional;
  return {
    tick: spec.tick.toString(),
    step: spec.step.toString(),
    markSize: instrument.markPrice(marks(1)).toString(),
    takerFee: spec.takerFee.toString(),
    equity: instrument.money(instrument.toUnits(simulation.equity, 'nearest')).toString(),
    shortMa: Number(setting('shortMa')),
    longMa: Number(setting('longMa')),
    epsilonBps: setting('crossEpsilonBps'),
    confirmBars: Number(setting('crossConfirmBars')),
    trailingStop: setting('trailingStop'),
    fraction: setting('positionFraction'),
    leverage: derivatives ? Math.max(1, leverage) : 1,
    enableShorts: derivatives && setting('enableShorts') === 'true',
    ...(cap === undefined ? {} : { cap: String(cap) }),
    unit: `1e-${instrument.unit.digits}`,
  };
}

/** The rolling hash of fills as the fused loop takes it. */
export const hashOfFills = (fills: readonly Fill[]): number =>
  fills.reduce((hash, fill) => mixFill(hash, fill.at, signOf(fill.side) * fill.lots, fill.price, fill.fee), FILLS_HASH);

/** The same of fills in decimals. */
export const hashOfDecimals = (fills: readonly OracleFill[], { spec: { tick, step } }: Instrument): number =>
  fills.reduce(
    (hash, { at, side, size, price, fee }) =>
      mixFill(hash, at, signOf(side) * size.div(step).toNumber(), price.div(tick).toNumber(), unitsOf(fee, 'nearest')),
    FILLS_HASH,
  );
