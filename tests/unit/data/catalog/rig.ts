import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { NodeDataFiles } from '#src/platform/node-data-files.js';
import { Catalog } from '#src/data/catalog/catalog.js';
import { importFile, type ImportReport, type ImportRequest } from '#src/data/catalog/import.js';
import type { Manifest } from '#src/data/catalog/manifest.js';
import type { Block } from '#src/data/catalog/kinds.js';

export const DAY = Date.UTC(2024, 7, 8);
export const HOUR = 3_600_000;
export const MINUTE = 60_000;

/** A catalog in a directory of its own, and the files that are brought into it. */
export class Rig {
  readonly root = mkdtempSync(join(tmpdir(), 'perpsbot-catalog-'));
  readonly files = new NodeDataFiles();
  readonly directory = join(this.root, 'catalog');
  catalog = new Catalog(this.files, this.directory);

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  import(path: string, options: Partial<ImportRequest> = {}): Promise<ImportReport> {
    return importFile(this.catalog, { path, format: 'auto', where: {}, sort: false, duckdb: false, ...options });
  }

  /** Writes and imports a file in one step. */
  bring(name: string, content: string | Uint8Array, options: Partial<ImportRequest> = {}): Promise<ImportReport> {
    return this.import(this.write(name, content), options);
  }

  single(): Manifest {
    const [only, ...more] = this.catalog.list();
    if (only === undefined || more.length > 0)
      throw new Error(`one series expected, found ${this.catalog.list().length}`);
    return only;
  }

  /** Names of the files of the only series. */
  names(): string[] {
    return readdirSync(this.catalog.pathOf(this.single(), ''));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Rows of a block as plain arrays. */
export const rowsOf = (block: Block): number[][] =>
  Array.from({ length: block.length }, (_, i) => block.columns.map((column) => column[i] as number));

/** A text as programs write them: its last line has an end, too. */
export const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

export const tradesCsv = (
  rows: readonly (readonly [at: number, price: string, size: string, side: string])[],
  symbol = 'BTC-PERP',
): string =>
  textOf([
    'ts_ms,symbol,price,size,side',
    ...rows.map(([at, price, size, side]) => `${at},${symbol},${price},${size},${side}`),
  ]);

export const barsCsv = (opens: readonly number[], symbol = 'BTC-PERP'): string =>
  textOf([
    'ts_ms,symbol,open,high,low,close,volume',
    ...opens.map((at, i) => `${at},${symbol},${100 + i}.5,${101 + i}.5,${99 + i},${100 + i},${i}.25`),
  ]);
