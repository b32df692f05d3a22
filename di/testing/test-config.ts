import type { Decimal } from '../../src/domain/decimal.js';
import type { InstrumentSpec } from '../../src/domain/instrument.js';

/** Sections of a configuration, in the grammar of its files. */
export type ConfigSections = Readonly<Record<string, unknown>>;

/**
 * Limits so wide that only what a test does decides. The position's is one up to which money counts in the finest unit.
 */
export const WIDE_LIMITS = {
  maxLeverage: 20,
  maxOrderNotional: '80000000 USDT',
  maxPositionSize: '1000000 USDT',
  maxGrossNotional: '80000000 USDT',
  maxExposurePct: '2000%',
  maxPositionPctPerSymbol: '2000%',
  dailyLossLimit: '80000000 USDT',
  maxDrawdown: '100%',
};

/** The instruments of a test as a configuration names them. */
export const instrumentsSection = (specs: readonly InstrumentSpec[]): ConfigSections =>
  Object.fromEntries(
    specs.map((spec) => [
      spec.symbol,
      {
        base: spec.base,
        quote: spec.quote,
        settle: spec.settle,
        kind: spec.kind,
        tick: amount(spec.tick),
        step: amount(spec.step),
        minSize: amount(spec.minSize),
        minNotional: amount(spec.minNotional),
        maxLeverage: amount(spec.maxLeverage),
        makerFee: rate(spec.makerFee),
        takerFee: rate(spec.takerFee),
        maintenanceRate: rate(spec.maintenanceRate),
        fundingIntervalHours: spec.fundingIntervalHours,
      },
    ]),
  );

const amount = (value: Decimal): string => value.toFixed();
const rate = (value: Decimal): string => `${value.times(100).toFixed()}%`;

/**
 * The configuration of a test bot: what a test says, section by section, over one that is not in its way. A resolved
 * one stays as it is.
 */
export function configFor(config: object, products: readonly InstrumentSpec[], strategy?: string): object {
  if ('updateIntervalMs' in config) return config;
  const base: ConfigSections = {
    profile: 'demo',
    world: 'paper',
    symbols: products.map(({ symbol }) => symbol),
    ...(strategy === undefined ? {} : { strategy: { name: strategy } }),
    risk: WIDE_LIMITS,
    // The venue of a test covers nothing by itself, and its entries rest all the same.
    execution: { allowUncoveredEntries: true },
    streaming: { enabled: false },
    storage: { driver: 'memory' },
    logging: { level: 'error' },
    simulation: { speed: 'max', startPrices: Object.fromEntries(products.map(({ symbol }) => [symbol, 100])) },
    instruments: instrumentsSection(products),
  };
  const merged: Record<string, unknown> = { ...base };
  for (const [name, section] of Object.entries(config) as [string, unknown][])
    merged[name] = isSection(section) && isSection(base[name]) ? { ...base[name], ...section } : section;
  return merged;
}

const isSection = (value: unknown): value is ConfigSections =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
