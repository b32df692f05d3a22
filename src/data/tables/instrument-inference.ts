import { Decimal, ZERO } from '../../domain/decimal.js';
import type { InstrumentSpec } from '../../domain/instrument.js';
import type { DataNote } from '../data-note.js';

export interface InstrumentDefaults {
  /** Currency of margin and profit. */
  readonly settle: string;
  readonly maxLeverage: Decimal;
  readonly maintenanceRate: Decimal;
  /** Hours between funding stamps, where a funding file tells; 0 without one. */
  readonly fundingIntervalHours: number;
}

const MAKER_FEE = new Decimal('0.0002');
const TAKER_FEE = new Decimal('0.0005');
const BASE = /^([A-Za-z0-9]+?)(?:[-/_:.]|USDT|USDC|USD|PERP|$)/;

/**
 * An instrument for a symbol that the configuration does not describe: tick and step from the data, the rest from
 * defaults, each named in a note so that nobody takes them for the venue's own. A linear perpetual, always.
 */
export function describeInstrument(
  symbol: string,
  tick: Decimal,
  step: Decimal,
  defaults: InstrumentDefaults,
): { readonly spec: InstrumentSpec; readonly notes: readonly DataNote[] } {
  const spec: InstrumentSpec = {
    symbol,
    base: BASE.exec(symbol)?.[1] ?? symbol,
    quote: defaults.settle,
    settle: defaults.settle,
    kind: 'perpetual',
    tick,
    step,
    minSize: step,
    minNotional: ZERO,
    maxLeverage: defaults.maxLeverage,
    makerFee: MAKER_FEE,
    takerFee: TAKER_FEE,
    maintenanceRate: defaults.maintenanceRate,
    fundingIntervalHours: defaults.fundingIntervalHours,
  };
  const add = `Describe ${symbol} under instruments to set it.`;
  return {
    spec,
    notes: [
      { code: 'W-INSTR-001', message: `Tick ${tick.toString()} was inferred from the prices. ${add}` },
      { code: 'W-INSTR-002', message: `Size step ${step.toString()}, taken as a default. ${add}` },
      { code: 'W-INSTR-003', message: `Fees 2 bps maker and 5 bps taker, taken as defaults. ${add}` },
      {
        code: 'W-INSTR-004',
        message: `Taken as a linear perpetual settled in ${defaults.settle}, leverage up to ${defaults.maxLeverage.toString()}, maintenance ${defaults.maintenanceRate.toString()} of notional. ${add}`,
      },
    ],
  };
}
