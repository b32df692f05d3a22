import { CsvTable } from './csv-table.js';
import { isParquet, openParquet } from './parquet-table.js';
import type { Table } from './table.js';

/** Opens a data file by its content, not its name: Parquet by its magic bytes, anything else as CSV. */
export async function openTable(file: string, bytes: Uint8Array): Promise<Table> {
  return isParquet(bytes) ? openParquet(file, bytes) : new CsvTable(file, bytes);
}
