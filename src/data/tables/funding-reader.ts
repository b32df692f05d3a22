import { parseDecimal } from '../../domain/decimal.js';
import { DecimalScanner } from './decimal-scanner.js';
import { openTable } from './open-table.js';
import { badRow, columnsOf, symbolMissing, timeOf } from './table.js';
import type { Decimal } from '../../domain/decimal.js';

const COLUMNS = ['ts_ms', 'symbol', 'funding_rate'] as const;
const DECIMAL = /^[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?$/;

/** A rate as the file has it; the stamp keeps its own milliseconds. */
export interface KnownRate {
  readonly at: number;
  readonly rate: Decimal;
}

/** Reads the funding rates of one symbol, oldest first. Throws DATA-003 to DATA-006; a refused row is named. */
export async function readFunding(
  bytes: Uint8Array,
  options: { readonly file: string; readonly symbol: string },
): Promise<KnownRate[]> {
  const { file, symbol } = options;
  const table = await openTable(file, bytes);
  const [timeColumn, symbolColumn, rateColumn] = columnsOf(table, COLUMNS) as [number, number, number];
  const rates: KnownRate[] = [];
  const present = new Set<string>();
  const scanner = new DecimalScanner();
  for await (const rows of table.parts()) {
    while (rows.next()) {
      if (!rows.matches(symbolColumn, symbol)) {
        present.add(rows.text(symbolColumn));
        continue;
      }
      const at = timeOf(rows, timeColumn, scanner, rates.length === 0);
      const last = rates.at(-1)?.at ?? -Infinity;
      if (!(at > last))
        throw badRow(
          rows,
          'DATA-005',
          `ts_ms must be later than ${last}, was ${at}: ${at === last ? 'a duplicate stamp' : 'out of order'}.`,
          'Sort the rows and keep one of each time.',
        );
      const text = rows.text(rateColumn);
      if (!DECIMAL.test(text))
        throw badRow(
          rows,
          'DATA-003',
          `funding_rate must be a decimal number, was ${JSON.stringify(text)}.`,
          'Remove the row: a stamp without a rate is reported as a gap.',
        );
      rates.push({ at, rate: parseDecimal(text, 'funding_rate') });
    }
  }
  if (rates.length === 0) throw symbolMissing(file, symbol, present);
  return rates;
}
