import { Decimal, writtenDecimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import type {
  ContractKind,
  InstrumentSpec,
  InstrumentStatus,
  MarginTier,
  MarketKind,
} from '../../domain/instrument.js';
import type { Json, Payload } from '../../ports/storage/event-store.js';

type Key = keyof InstrumentSpec;

/** Key of the record by field; a spec bears no other money. */
const DECIMALS = {
  tick: 'tick',
  step: 'step',
  minSize: 'min_size',
  minNotional: 'min_notional',
  maxLeverage: 'max_leverage',
  makerFee: 'maker_fee',
  takerFee: 'taker_fee',
  maintenanceRate: 'maintenance_rate',
} as const satisfies Partial<Record<Key, string>>;
const OPTIONAL_DECIMALS = {
  maxSize: 'max_size',
  maxMarketSize: 'max_market_size',
  multiplier: 'multiplier',
  liquidationFee: 'liquidation_fee',
} as const satisfies Partial<Record<Key, string>>;

/** What an instrument was, so that what was measured in it can be read when the venue names it no more. */
export function specToRecord(spec: InstrumentSpec): Payload {
  const { symbol, base, quote, settle, kind, contract, venue, tiers, orderGrid, band, status } = spec;
  return {
    symbol,
    base,
    quote,
    settle,
    kind,
    ...textsOf(spec, DECIMALS),
    ...textsOf(spec, OPTIONAL_DECIMALS),
    funding_interval_hours: spec.fundingIntervalHours,
    contract,
    venue,
    tiers: tiers?.map(({ floor, cap, rate, maxLeverage, cum }) => ({
      floor: floor.toString(),
      cap: cap.toString(),
      rate: rate.toString(),
      max_leverage: maxLeverage.toString(),
      cum: cum.toString(),
    })),
    order_tick: orderGrid?.tick.toString(),
    order_step: orderGrid?.step.toString(),
    band_above: band?.above.toString(),
    band_below: band?.below.toString(),
    status,
  };
}

/** Throws STORE-001 for a record that is no instrument: its money must not be guessed. */
export function specFromRecord(record: Payload): InstrumentSpec {
  const { contract, venue, tiers, status, funding_interval_hours: fundingIntervalHours } = record;
  if (typeof fundingIntervalHours !== 'number') throw damaged('funding_interval_hours', fundingIntervalHours);
  const amounts = Object.fromEntries(Object.entries(DECIMALS).map(([field, key]) => [field, amount(record, key)]));
  const optional = Object.fromEntries(
    Object.entries(OPTIONAL_DECIMALS)
      .filter(([, key]) => record[key] !== undefined)
      .map(([field, key]) => [field, amount(record, key)]),
  );
  return {
    ...(amounts as Record<keyof typeof DECIMALS, Decimal>),
    ...optional,
    symbol: text(record, 'symbol'),
    base: text(record, 'base'),
    quote: text(record, 'quote'),
    settle: text(record, 'settle'),
    kind: text(record, 'kind') as MarketKind,
    fundingIntervalHours,
    ...(typeof contract === 'string' ? { contract: contract as ContractKind } : {}),
    ...(typeof venue === 'string' ? { venue } : {}),
    ...(Array.isArray(tiers) ? { tiers: tiers.map(tierFrom) } : {}),
    ...(record['order_tick'] === undefined
      ? {}
      : { orderGrid: { tick: amount(record, 'order_tick'), step: amount(record, 'order_step') } }),
    ...(record['band_above'] === undefined
      ? {}
      : { band: { above: amount(record, 'band_above'), below: amount(record, 'band_below') } }),
    ...(typeof status === 'string' ? { status: status as InstrumentStatus } : {}),
  };
}

function textsOf(spec: InstrumentSpec, keys: Readonly<Partial<Record<Key, string>>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(keys).flatMap(([field, key]) => {
      const value = spec[field as Key];
      return value === undefined ? [] : [[key, (value as Decimal).toString()]];
    }),
  );
}

function tierFrom(tier: Json): MarginTier {
  if (typeof tier !== 'object' || tier === null || Array.isArray(tier)) throw damaged('tiers', tier);
  const record = tier as Payload;
  return {
    floor: amount(record, 'floor'),
    cap: record['cap'] === 'Infinity' ? new Decimal(Infinity) : amount(record, 'cap'),
    rate: amount(record, 'rate'),
    maxLeverage: amount(record, 'max_leverage'),
    cum: amount(record, 'cum'),
  };
}

function text(record: Payload, key: string): string {
  const value = record[key];
  if (typeof value !== 'string') throw damaged(key, value);
  return value;
}

const amount = (record: Payload, key: string): Decimal => writtenDecimal(text(record, key), key);

const damaged = (key: string, value: unknown): Error =>
  fault('STORE-001', `Field ${key} of a journaled instrument cannot be read: ${JSON.stringify(value)}.`);
