import type { BarColumns } from '../../src/data/bar-columns.js';
import { Decimal } from '../../src/domain/decimal.js';
import type { InstrumentSpec } from '../../src/domain/instrument.js';
import { instrumentsSection, WIDE_LIMITS } from './test-config.js';

const SYMBOL = 'TEST-PERP';

/** An exact grid for small prices, no fees, no minimum worth: a test says otherwise where it matters. */
export const SPEC: InstrumentSpec = {
  symbol: SYMBOL,
  base: 'TEST',
  quote: 'USDT',
  settle: 'USDT',
  kind: 'perpetual',
  tick: new Decimal('0.0001'),
  step: new Decimal('0.001'),
  minSize: new Decimal('0.001'),
  minNotional: new Decimal(0),
  maxLeverage: new Decimal(20),
  makerFee: new Decimal(0),
  takerFee: new Decimal(0),
  maintenanceRate: new Decimal('0.005'),
  fundingIntervalHours: 0,
};

export interface RunTerms {
  readonly name: string;
  readonly columns: BarColumns;
  readonly spec: InstrumentSpec;
  readonly params: Readonly<Record<string, string | number | boolean>>;
  readonly equity: number;
  /** Sections that differ. */
  readonly config: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Limits so wide that only what the strategy itself does decides. */
export const configOf = (world: 'backtest' | 'paper', { name, columns, spec, params, equity, config }: RunTerms) => ({
  profile: 'demo',
  world,
  symbols: [spec.symbol],
  updateInterval: `${columns.intervalMs}ms`,
  dryRun: false,
  ...config,
  strategy: { name, params, targetLeverage: 1, enableShorts: true, guardViews: true, ...config['strategy'] },
  risk: {
    ...WIDE_LIMITS,
    ...(equity > 50_000 ? { maxPositionSize: `${equity * 20} ${spec.settle}` } : {}),
    ...config['risk'],
  },
  streaming: { enabled: false },
  storage: { driver: 'memory' },
  logging: { level: 'error', ...config['logging'] },
  simulation: { equity: `${equity} ${spec.settle}`, barHalfSpread: '0bps', ...config['simulation'] },
  instruments: instrumentsSection([spec]),
});
