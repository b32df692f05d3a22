import { Decimal } from '../domain/decimal.js';
import { Instrument, type InstrumentSpec } from '../domain/instrument.js';

/** BTC-PERP as the demo trades it: tick 0.1, step 0.001, 2 and 5 basis points. */
export function instrumentSpec(overrides: Partial<InstrumentSpec> = {}): InstrumentSpec {
  return {
    symbol: 'BTC-PERP',
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    kind: 'perpetual',
    tick: new Decimal('0.1'),
    step: new Decimal('0.001'),
    minSize: new Decimal('0.001'),
    minNotional: new Decimal('10'),
    maxLeverage: new Decimal(20),
    makerFee: new Decimal('0.0002'),
    takerFee: new Decimal('0.0005'),
    maintenanceRate: new Decimal('0.005'),
    fundingIntervalHours: 8,
    ...overrides,
  };
}

export const instrument = (overrides: Partial<InstrumentSpec> = {}): Instrument =>
  new Instrument(instrumentSpec(overrides));
