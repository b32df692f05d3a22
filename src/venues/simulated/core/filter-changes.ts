import { parseDecimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import { Instrument, type InstrumentSpec } from '../../../domain/instrument.js';
import type { InstrumentChanges } from '../../../ports/core-services/simulated-exchange.js';
import type { Market } from './market.js';

const HEADER = 'ts_ms,symbol,field,value';
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

interface Change {
  readonly at: number;
  readonly changes: InstrumentChanges;
}

/** Filters and fees that change at instants known in advance. Rows of one instant and instrument apply together. */
export class FilterChanges {
  private readonly bySymbol = new Map<string, Change[]>();

  /**
   * Reads a CSV of `ts_ms,symbol,field,value`. Throws DATA-002 for no file, DATA-004 for other columns, DATA-003 for a
   * row that is none.
   */
  load(text: string | undefined, where: string): void {
    if (text === undefined)
      throw fault('DATA-002', 'The file of filter changes must exist.', {
        where,
        fix: 'Create it, or take simulation.matching.filterChanges out.',
      });
    const [header = '', ...rows] = text.split(/\r?\n/u).map((line) => line.trim());
    if (header !== HEADER) throw fault('DATA-004', `The header must be ${HEADER}, was ${header}.`, { where });
    rows.forEach((row, index) => {
      if (row !== '') this.add(row, `${where}:${index + 2}`);
    });
    for (const changes of this.bySymbol.values()) changes.sort((a, b) => a.at - b.at);
  }

  /**
   * Looks ahead for a market whose last change was at `changedAt`. Throws what the first impossible change makes of its
   * instrument.
   */
  plan(market: Market): void {
    const { unit } = market.instrument;
    let { spec } = market.instrument;
    for (const { at, changes } of this.bySymbol.get(market.symbol) ?? []) {
      if (at <= market.changedAt) continue;
      const terms: Partial<InstrumentSpec> = changes;
      ({ spec } = new Instrument({ ...spec, ...terms }, unit));
    }
    this.next(market);
  }

  /** Applies what falls due up to and including `until`. */
  apply(market: Market, until: number): void {
    for (const { at, changes } of this.bySymbol.get(market.symbol) ?? []) {
      if (at <= market.changedAt || at > until) continue;
      market.redefine(changes, at);
      market.changedAt = at;
    }
    this.next(market);
  }

  private next(market: Market): void {
    const next = this.bySymbol.get(market.symbol)?.find(({ at }) => at > market.changedAt);
    market.book.due.set('changeAt', next?.at ?? Number.POSITIVE_INFINITY);
  }

  private add(row: string, where: string): void {
    const [time = '', symbol = '', field = '', value = '', ...more] = row.split(',').map((cell) => cell.trim());
    const at = time === '' ? Number.NaN : Number(time);
    if (!Number.isSafeInteger(at) || symbol === '' || more.length > 0)
      throw fault('DATA-003', `A row must be ${HEADER}, was ${row}.`, { where });
    const changes = changeOf(field, value, where);
    const list = this.bySymbol.get(symbol) ?? [];
    this.bySymbol.set(symbol, list);
    const same = list.findIndex((change) => change.at === at);
    if (same < 0) list.push({ at, changes });
    else list[same] = { at, changes: { ...list[same]?.changes, ...changes } };
  }
}

function changeOf(field: string, value: string, where: string): InstrumentChanges {
  if (field === 'tradable' && (value === 'true' || value === 'false')) return { tradable: value === 'true' };
  if (field === 'fundingIntervalHours' && /^\d+$/u.test(value) && Number(value) <= 24)
    return { fundingIntervalHours: Number(value) };
  const name = DECIMALS.find((known) => known === field);
  if (name !== undefined) return { [name]: parseDecimal(value, field) };
  throw fault(
    'DATA-003',
    `A change must set ${[...DECIMALS, 'fundingIntervalHours', 'tradable'].join(', ')} to a value of its kind, was ${field} to ${value}.`,
    { where },
  );
}
