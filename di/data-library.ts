import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openCatalogMarket, openFileMarket, type Terms } from '../src/runs/market-files.js';
import { sweepMarketOf } from '../src/runs/sweep-market.js';
import { fault, PerpsBotError } from '../src/domain/errors.js';
import { NodeDataFiles } from '../src/platform/node-data-files.js';
import { hashOf } from '../src/data/catalog/catalog.js';
import {
  assertSameData,
  fingerprintOf,
  reviveConfig,
  type CatalogSource,
  type DataFileDigests,
  type SweepMarket,
  type SweepPlan,
} from '../src/research/sweep/plan.js';

const DATA_FILE = /\.(csv|parquet|gz|zip|json|feather|arrow|txt)$/i;

export const digestOfFile = (path: string): string | undefined => {
  try {
    const file = new NodeDataFiles().open(path);
    try {
      return file === undefined ? undefined : hashOf(file);
    } finally {
      file?.close();
    }
  } catch {
    return undefined;
  }
};

/** Recorded markets under one directory, found by what is in them and never by their names. */
export class DataLibrary {
  private readonly digests = new Map<string, { readonly stamp: string; readonly digest: string }>();

  private readonly files = new NodeDataFiles();

  constructor(private readonly directory: string) {}

  /**
   * The plan's market, in shared memory. Throws SWEEP-003 where the directory does not have it, or something else in
   * its place.
   */
  async find(plan: SweepPlan): Promise<SweepMarket> {
    this.checkInputs(plan);
    const config = reviveConfig(plan.config);
    const terms: Terms = {
      instrument: (symbol) => config.instruments[symbol],
      defaults: {
        settle: config.execution.collateral[0] ?? 'USDT',
        maxLeverage: config.risk.maxLeverage,
        maintenanceRate: config.risk.defaultMaintenanceRate,
      },
    };
    const { files } = plan;
    return 'catalog' in files ? this.inCatalogs(files as CatalogSource, plan, terms) : this.inFiles(files, plan, terms);
  }

  private async inFiles(
    { data, funding, symbol }: DataFileDigests,
    plan: SweepPlan,
    terms: Terms,
  ): Promise<SweepMarket> {
    const file = this.fileOf(data, 'bars');
    const asked = {
      from: 'file',
      data: file,
      ...(symbol === null ? {} : { symbol }),
      ...(funding === null ? {} : { funding: this.fileOf(funding, 'funding rates') }),
    } as const;
    const market = sweepMarketOf(await openFileMarket(this.files, asked, terms, { shared: true }));
    assertSameData(plan.data, fingerprintOf(market), file);
    return market;
  }

  /** The directory itself as a catalog, or the catalog in it. */
  private async inCatalogs(
    { catalog: { symbols, kinds, intervalMs, since, until } }: CatalogSource,
    { data }: SweepPlan,
    terms: Terms,
  ): Promise<SweepMarket> {
    const asked = {
      from: 'catalog',
      symbols,
      kinds,
      ...(intervalMs === null ? {} : { intervalMs }),
      ...(since === null ? {} : { since }),
      ...(until === null ? {} : { until }),
    } as const;
    let cause: unknown;
    for (const catalog of [this.directory, join(this.directory, 'catalog')]) {
      try {
        const market = sweepMarketOf(
          await openCatalogMarket(this.files, { ...asked, catalog }, terms, { shared: true }),
        );
        assertSameData(data, fingerprintOf(market), catalog);
        return market;
      } catch (error) {
        if (!PerpsBotError.is(error)) throw error;
        // What the catalog in the directory lacks says more than that the directory is none.
        if (cause === undefined || error.code === 'SWEEP-003') cause = error;
      }
    }
    throw fault(
      'SWEEP-003',
      `${this.directory} must hold the catalog of the sweep: ${PerpsBotError.is(cause) ? cause.message : ''}`,
      { where: this.directory, cause, fix: 'Copy the catalog the sweep was begun with there.' },
    );
  }

  private fileOf(digest: string, what: string): string {
    const file = this.paths().find((path) => this.digestOf(path) === digest);
    if (file !== undefined) return file;
    throw fault(
      'SWEEP-003',
      `${this.directory} must hold the ${what} of the sweep, with SHA-256 ${digest.slice(0, 12)}…, and does not.`,
      { where: this.directory, fix: 'Copy the file the sweep was begun with there, under any name.' },
    );
  }

  private paths(): string[] {
    const names = readdirSync(this.directory, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => DATA_FILE.test(name))
      .sort()
      .map((name) => join(this.directory, name));
  }

  /** A file that looks as it did is not read again. */
  private digestOf(path: string): string | undefined {
    const { size, mtimeMs } = statSync(path);
    const stamp = `${size} ${mtimeMs}`;
    const known = this.digests.get(path);
    if (known?.stamp === stamp) return known.digest;
    const digest = digestOfFile(path);
    if (digest !== undefined) this.digests.set(path, { stamp, digest });
    return digest;
  }

  /** Files that the configuration names must say here what they said there. */
  private checkInputs({ inputs }: SweepPlan): void {
    for (const [path, expected] of Object.entries(inputs)) {
      if (digestOfFile(path) !== expected)
        throw fault('SWEEP-003', `${path} must be the file the sweep was begun with, and is not.`, {
          where: path,
          fix: 'Copy it to the same path on this machine.',
        });
    }
  }
}
