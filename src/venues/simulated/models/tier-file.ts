import { Decimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { InstrumentSpec, MarginTier } from '../../../domain/instrument.js';

/** Names that a column has been seen under. */
const COLUMNS = {
  symbol: ['symbol'],
  floor: ['min_notional', 'notional_floor'],
  cap: ['max_notional', 'notional_cap'],
  rate: ['maint_margin_rate'],
  leverage: ['max_leverage'],
  cum: ['cum'],
} as const;
type Column = keyof typeof COLUMNS;

/**
 * Maintenance brackets of a file, by its own spelling of the symbol. One row a bracket, lowest first within a symbol.
 * Throws DATA-001 for a file that is not such a table.
 */
export function parseTiers(text: string, path: string): ReadonlyMap<string, readonly MarginTier[]> {
  const [head = '', ...rows] = text.split(/\r?\n/u);
  const names = head.split(',').map((name) => name.trim());
  const at = {} as Record<Column, number>;
  for (const column of Object.keys(COLUMNS) as Column[]) {
    at[column] = names.findIndex((name) => (COLUMNS[column] as readonly string[]).includes(name));
    if (at[column] < 0)
      throw fault('DATA-001', `${path} must have a column ${COLUMNS[column].join(' or ')}, has ${names.join(', ')}.`);
  }
  const tiers = new Map<string, MarginTier[]>();
  rows.forEach((row, index) => {
    if (row.trim() === '') return;
    const cells = row.split(',');
    const value = (column: Column): Decimal => number(cells[at[column]], `${path}:${index + 2} ${column}`);
    const symbol = cells[at.symbol] ?? '';
    const tier = {
      floor: value('floor'),
      cap: value('cap'),
      rate: value('rate'),
      maxLeverage: value('leverage'),
      cum: value('cum'),
    };
    const list = tiers.get(symbol);
    if (list === undefined) tiers.set(symbol, [tier]);
    else list.push(tier);
  });
  return tiers;
}

/**
 * The brackets of an instrument: under its own symbol, else as `BASE/QUOTE:SETTLE`; undefined when the file has none.
 */
export function tiersOf(
  tiers: ReadonlyMap<string, readonly MarginTier[]>,
  { symbol, base, quote, settle }: InstrumentSpec,
): readonly MarginTier[] | undefined {
  return tiers.get(symbol) ?? tiers.get(`${base}/${quote}:${settle}`);
}

function number(text: string | undefined, where: string): Decimal {
  if (text !== undefined && /^\s*\d+(\.\d+)?([eE][+-]?\d+)?\s*$/u.test(text)) return new Decimal(text.trim());
  throw fault('DATA-001', `${where} must be a number that is not negative, was ${text ?? 'missing'}.`);
}
