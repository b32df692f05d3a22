import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { resolveConfig } from '../config/index.js';
import type { BotConfig } from '../src/ports/configuration/settings/bot-config.js';
import type { Json } from '../src/ports/storage/event-store.js';
import { openCatalogMarket, openFileMarket, type Terms } from '../src/runs/market-files.js';
import { sweepMarketOf } from '../src/runs/sweep-market.js';
import { fault, messageOf, PerpsBotError } from '../src/domain/errors.js';
import { NodeDataFiles } from '../src/platform/node-data-files.js';
import { hashOf } from '../src/data/catalog/catalog.js';
import { isRecord } from '../src/research/sweep/shapes.js';
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

  /** By content; `strategies` are the files that this machine's owner lets jobs run. */
  private readonly strategies: ReadonlyMap<string, string>;

  /** Throws STRAT-002 for a file of a strategy that is not there. */
  constructor(
    private readonly directory: string,
    strategies: readonly string[] = [],
  ) {
    this.strategies = new Map(strategies.map((path) => [digestOrThrow(path), path]));
  }

  /**
   * The plan's market, in shared memory. Throws SWEEP-003 where the directory does not have it, or something else in
   * its place.
   */
  async find(plan: SweepPlan): Promise<FoundPlan> {
    const local = this.localPlan(plan);
    const config = believed(local.config);
    const terms: Terms = {
      instrument: (symbol) => config.instruments[symbol],
      defaults: {
        settle: config.execution.collateral[0] ?? 'USDT',
        maxLeverage: config.risk.maxLeverage,
        maintenanceRate: config.risk.defaultMaintenanceRate,
      },
    };
    const { files } = plan;
    const market =
      'catalog' in files
        ? await this.inCatalogs(files as CatalogSource, plan, terms)
        : await this.inFiles(files, plan, terms);
    return { market, local };
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

  /**
   * The plan with the files of this machine. A path of a job is never opened: what it names is found by its content,
   * below the directory, or among the strategies that the worker was started with.
   */
  private localPlan(plan: SweepPlan): SweepPlan {
    const { inputs, strategy } = plan;
    const simulation = { ...(plan.config as unknown as PlainConfig).simulation };
    const matching = { ...simulation.matching };
    const latency = { ...simulation.latency };
    const margin = { ...simulation.margin };
    for (const [section, name] of [
      [matching, 'filterChanges'],
      [latency, 'file'],
      [margin, 'tiers'],
    ] as const) {
      const path = section[name];
      if (typeof path === 'string') section[name] = this.fileOf(inputs[path] ?? '', `file ${basename(path)}`);
    }
    for (const [path, digest] of Object.entries(inputs))
      if (path !== strategy) this.fileOf(digest, `file ${basename(path)}`);
    const config = { ...(plan.config as object), simulation: { ...simulation, matching, latency, margin } } as Json;
    if (strategy === null) return { ...plan, config };
    const digest = inputs[strategy] ?? '';
    const file = this.strategies.get(digest);
    if (file !== undefined && digestOfFile(file) !== digest)
      throw fault('SWEEP-003', `${file} must be the file that the worker was started with, and is not.`, {
        where: file,
        fix: 'Put it back, or start the worker again.',
      });
    if (file === undefined)
      throw fault('SWEEP-003', `A job must run a strategy that this worker was started with, and runs another file.`, {
        why: 'A file of a strategy is a program: the machine that runs it must have been given it.',
        fix: `Start the worker with --strategy and the file of SHA-256 ${digest.slice(0, 12)}….`,
      });
    return { ...plan, config, strategy: file, inputs: { [file]: digest } };
  }
}

/** A market, and the plan with the files of this machine. */
interface FoundPlan {
  readonly market: SweepMarket;
  readonly local: SweepPlan;
}

type Section = Record<string, Json | undefined>;
interface PlainConfig {
  readonly simulation?: { readonly matching?: Section; readonly latency?: Section; readonly margin?: Section };
}

const SECTIONS = ['risk', 'execution', 'simulation', 'strategy', 'streaming', 'storage', 'instruments'] as const;

/** Checked as a configuration is that comes from a host. */
function believed(config: Json): BotConfig {
  try {
    const revived = reviveConfig(config);
    // One that says less would be filled up with defaults, as a host's is.
    if (typeof revived.updateIntervalMs !== 'number' || !SECTIONS.every((name) => isRecord(revived[name])))
      throw fault('SWEEP-006', 'it is not whole');
    return resolveConfig(revived);
  } catch (error) {
    throw fault('SWEEP-006', `The configuration of a job must be one that can hold, and is not: ${messageOf(error)}`, {
      cause: error,
      fix: 'Begin the sweep again.',
    });
  }
}

function digestOrThrow(path: string): string {
  const digest = digestOfFile(path);
  if (digest !== undefined) return digest;
  throw fault('STRAT-002', `${path} must be a strategy that jobs may run, and is not there.`, {
    where: path,
    fix: 'Check the path; it is taken from the working directory.',
  });
}
