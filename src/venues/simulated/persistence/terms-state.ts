import { parseDecimal, type Decimal } from '../../../domain/decimal.js';
import type { MarginTier } from '../../../domain/instrument.js';
import type { InstrumentChanges } from '../../../ports/core-services/simulated-exchange.js';

const DECIMALS = [
  'minSize',
  'maxSize',
  'maxMarketSize',
  'minNotional',
  'maxLeverage',
  'makerFee',
  'takerFee',
  'maintenanceRate',
  'liquidationFee',
] as const;
const TIER_FIELDS = ['floor', 'cap', 'rate', 'maxLeverage', 'cum'] as const;

type TierState = { readonly [K in (typeof TIER_FIELDS)[number]]: string };

/** What has been redefined of an instrument, as JSON holds it. */
export interface TermsState {
  readonly decimals: Readonly<Record<string, string>>;
  readonly fundingIntervalHours?: number;
  readonly tradable?: boolean;
  readonly tiers?: readonly TierState[];
}

export function encodeTerms(changes: InstrumentChanges): TermsState {
  const { fundingIntervalHours, tradable, tiers } = changes;
  return {
    decimals: Object.fromEntries(
      DECIMALS.flatMap((name) => (changes[name] === undefined ? [] : [[name, changes[name].toString()]])),
    ),
    ...(fundingIntervalHours === undefined ? {} : { fundingIntervalHours }),
    ...(tradable === undefined ? {} : { tradable }),
    ...(tiers === undefined ? {} : { tiers: tiers.map((tier) => fields((name) => tier[name].toString())) }),
  };
}

export function decodeTerms({ decimals, fundingIntervalHours, tradable, tiers }: TermsState): InstrumentChanges {
  return {
    ...Object.fromEntries(Object.entries(decimals).map(([name, text]) => [name, parseDecimal(text, name)])),
    ...(fundingIntervalHours === undefined ? {} : { fundingIntervalHours }),
    ...(tradable === undefined ? {} : { tradable }),
    ...(tiers === undefined
      ? {}
      : { tiers: tiers.map((tier): MarginTier => fields<Decimal>((name) => parseDecimal(tier[name], name))) }),
  };
}

const fields = <T>(valueOf: (name: (typeof TIER_FIELDS)[number]) => T): { [K in (typeof TIER_FIELDS)[number]]: T } => ({
  floor: valueOf('floor'),
  cap: valueOf('cap'),
  rate: valueOf('rate'),
  maxLeverage: valueOf('maxLeverage'),
  cum: valueOf('cum'),
});
