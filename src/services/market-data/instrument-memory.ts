import { commonMeasure, writtenDecimal, type Decimal } from '../../domain/decimal.js';
import type { InstrumentSpec, OrderGrid } from '../../domain/instrument.js';
import type { EventStore, Payload } from '../../ports/storage/event-store.js';
import { FOLDS } from '../../ports/storage/journal-folds.js';
import { specFromRecord, specToRecord } from './instrument-record.js';
import { sameSpec } from './refine-spec.js';

const RECORD = 'instrument';
/** What was measured, of journals that do not say in what. */
const MEASURED = ['order', 'fill', 'external_fill', 'stop_trigger'] as const;
const PRICES = ['price', 'limit_price', 'stop_price', 'activation_price'];
const SIZES = ['quantity', 'filled_quantity'];

interface Measured {
  tick: Decimal | undefined;
  step: Decimal | undefined;
}

/**
 * The journal's instruments: what each was when something was last measured in it. A journal of before such records is
 * asked for the values themselves, once: they lie on the grid that they were measured in.
 */
export class InstrumentMemory {
  private known: Map<string, InstrumentSpec> | undefined;
  /** The journal described nothing when it was read: what it measured has to tell. */
  private isOld = false;
  private values: ReadonlyMap<string, Measured> | undefined;

  constructor(private readonly journal: EventStore) {}

  of(symbol: string): InstrumentSpec | undefined {
    return this.load().get(symbol);
  }

  /** Every instrument that the journal describes. */
  all(): IterableIterator<InstrumentSpec> {
    return this.load().values();
  }

  /** What the journal's values of a symbol lie on, where it does not say; `grid` where it has none. */
  gridOf(symbol: string, grid: OrderGrid): OrderGrid {
    const described = this.of(symbol);
    if (described !== undefined) return described;
    const { tick, step } = this.measured().get(symbol) ?? {};
    return {
      tick: tick === undefined ? grid.tick : commonMeasure(tick, grid.tick),
      step: step === undefined ? grid.step : commonMeasure(step, grid.step),
    };
  }

  /** Symbols in which a journal that describes no instrument has measured something. */
  has(symbol: string): boolean {
    return this.measured().has(symbol);
  }

  /** Writes down what is not known alike already. */
  keep(spec: InstrumentSpec): void {
    const before = this.of(spec.symbol);
    if (this.journal.discards === true || (before !== undefined && sameSpec(before, spec))) return;
    this.load().set(spec.symbol, spec);
    this.journal.append(RECORD, specToRecord(spec));
  }

  private measured(): ReadonlyMap<string, Measured> {
    this.load();
    return (this.values ??= this.isOld ? valuesOf(this.journal) : new Map());
  }

  private load(): Map<string, InstrumentSpec> {
    if (this.known !== undefined) return this.known;
    this.known = new Map();
    for (const { payload } of this.journal.fold(FOLDS.instruments)) {
      const spec = specFromRecord(payload);
      this.known.set(spec.symbol, spec);
    }
    this.isOld = this.known.size === 0;
    return this.known;
  }
}

function valuesOf(journal: EventStore): Map<string, Measured> {
  const found = new Map<string, Measured>();
  for (const { payload } of journal.query({ types: MEASURED })) {
    const { symbol, options } = payload;
    if (typeof symbol !== 'string') continue;
    let measured = found.get(symbol);
    if (measured === undefined) found.set(symbol, (measured = { tick: undefined, step: undefined }));
    for (const part of [payload, isPayload(options) ? options : {}]) {
      measured.tick = finest(measured.tick, part, PRICES);
      measured.step = finest(measured.step, part, SIZES);
    }
  }
  return found;
}

function finest(known: Decimal | undefined, payload: Payload, keys: readonly string[]): Decimal | undefined {
  let measure = known;
  for (const key of keys) {
    const text = payload[key];
    if (typeof text !== 'string' || text === 'market') continue;
    const value = writtenDecimal(text, key).abs();
    if (value.isZero() || measure?.eq(value) === true) continue;
    measure = measure === undefined ? value : value.mod(measure).isZero() ? measure : commonMeasure(measure, value);
  }
  return measure;
}

const isPayload = (value: unknown): value is Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
