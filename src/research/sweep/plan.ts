import { createHash } from 'node:crypto';
import { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import { canonicalJson } from '../../platform/canonical-json.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { BotConfig } from '../../ports/configuration/settings/bot-config.js';
import type { FundingStamp } from '../../ports/core-services/simulated-exchange.js';
import type { BarColumns } from '../../data/bar-columns.js';
import { fingerprintOf as fingerprintOfFeeds } from '../../data/catalog/fingerprint.js';
import type { DataKind, Feed } from '../../data/columns.js';
import type { Resampling } from '../monte-carlo/resampled-market.js';

/**
 * What a sweep's jobs run over: the bars that ranges are counted in, the funding stamps where funding is simulated, and
 * other streams.
 */
export interface SweepMarket {
  readonly columns: BarColumns;
  readonly funding?: readonly FundingStamp[];
  /** Streams beside the bars, within their time; funding is among them then. */
  readonly others?: readonly Feed[];
}

/** What the data is, by content: equal for equal bars and stamps, whatever file they came from. */
export interface DataFingerprint {
  readonly [key: string]: Json;
  readonly symbol: string;
  readonly intervalMs: number;
  readonly length: number;
  readonly bars: string;
  readonly funding: string | null;
  /** Of all other streams together. */
  readonly others: string | null;
}

/** Where the data was found, for another machine that has the same files: SHA-256 of each. */
export interface DataFileDigests {
  readonly [key: string]: Json;
  /** As the file spells it; null for the only one it holds. */
  readonly symbol: string | null;
  readonly data: string;
  readonly funding: string | null;
}

/** What of a catalog it was; its rows are told by the fingerprint. */
export interface CatalogSource {
  readonly [key: string]: Json;
  readonly catalog: {
    readonly symbols: readonly string[];
    readonly kinds: readonly DataKind[];
    readonly intervalMs: number | null;
    readonly since: number | null;
    readonly until: number | null;
  };
}

/** Everything the jobs of a sweep share, as plain JSON: with the data it is enough for another machine. */
export interface SweepPlan {
  readonly [key: string]: Json;
  readonly version: 1;
  /** The program that the results are of. */
  readonly build: string;
  readonly data: DataFingerprint;
  /** No part of the identity: the same data from other files gives the same results. */
  readonly files: DataFileDigests | CatalogSource;
  /** Module of the strategy, for one that is not built in; its content is among `inputs`. */
  readonly strategy: string | null;
  /** Files that configuration and strategy name, by their content. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The resolved configuration, decimals tagged. */
  readonly config: Json;
}

/** One backtest of a sweep. */
export interface JobSpec {
  readonly [key: string]: Json;
  /** `planKey` of the plan it belongs to. */
  readonly plan: string;
  /** Settings of the strategy as `--param` gives them. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Bars that open in `[from, to)`. */
  readonly from: number;
  readonly to: number;
  /**
   * Where the strategy warms up: on the range's own first bars, or on those before it, so that it decides from `from`
   * on.
   */
  readonly warmup: 'inside' | 'before';
  /** A market that might have been, made of the range; absent: the market as it was. */
  readonly resample?: Resampling;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const fingerprintOf = ({ columns, funding, others }: SweepMarket): DataFingerprint => ({
  symbol: columns.symbol,
  intervalMs: columns.intervalMs,
  length: columns.length,
  bars: fingerprintOfFeeds([{ kind: 'bars', columns }]),
  funding: funding === undefined ? null : sha256(JSON.stringify(plainStamps(funding))),
  others: others === undefined ? null : fingerprintOfFeeds(others),
});

/** Identity of a plan: everything in it except where its files were found. */
export const planKey = ({ version, build, data, strategy, inputs, config }: SweepPlan): string =>
  sha256(canonicalJson({ version, build, data, strategy, inputs, config }));

/** Identity of a job, and of its result: equal ids are equal results, bit for bit. */
export const jobIdOf = (spec: JobSpec): string => sha256(canonicalJson(spec));

export const plainStamps = (stamps: readonly FundingStamp[]): [number, string | null][] =>
  stamps.map(({ at, rate }) => [at, rate?.toString() ?? null]);
export const reviveStamps = (stamps: readonly (readonly [number, string | null])[]): FundingStamp[] =>
  stamps.map(([at, rate]) => ({ at, rate: rate === null ? undefined : new Decimal(rate) }));

/**
 * A resolved configuration as JSON. What cannot change a result (where it is stored, what is logged) is the same in
 * all; the file of a strategy is told by the plan.
 */
export function plainConfig(config: BotConfig): Json {
  const strategy: { -readonly [K in keyof BotConfig['strategy']]: BotConfig['strategy'][K] } = { ...config.strategy };
  delete strategy.file;
  return plain({ ...config, strategy, storage: { driver: 'memory' }, logging: { level: 'error', json: false } });
}

export const reviveConfig = (config: Json): BotConfig => revive(config) as BotConfig;

function plain(node: unknown): Json {
  if (Decimal.isDecimal(node)) return { $decimal: node.toString() };
  if (Array.isArray(node)) return node.map(plain);
  if (typeof node === 'object' && node !== null)
    return Object.fromEntries(
      Object.entries(node).flatMap(([key, value]) => (value === undefined ? [] : [[key, plain(value)]])),
    );
  if (typeof node === 'string' || typeof node === 'boolean' || (typeof node === 'number' && Number.isFinite(node)))
    return node;
  throw fault('SWEEP-003', `A configuration must hold plain values and decimals, held ${typeof node}.`);
}

function revive(node: Json | undefined): unknown {
  if (Array.isArray(node)) return (node as readonly Json[]).map(revive);
  if (typeof node !== 'object' || node === null) return node;
  const { $decimal } = node as { readonly $decimal?: Json };
  if (typeof $decimal === 'string') return new Decimal($decimal);
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, revive(value as Json)]));
}

/** Refuses data that is not the plan's (SWEEP-003). */
export function assertSameData(expected: DataFingerprint, found: DataFingerprint, where: string): void {
  if (canonicalJson(expected) === canonicalJson(found)) return;
  throw fault('SWEEP-003', `Data must be ${describeData(expected)}, was ${describeData(found)}.`, {
    where,
    why: 'Results over other data would stand among those of the sweep.',
    fix: 'Give it the files the sweep was begun with, or begin a new sweep.',
  });
}

const describeData = ({ symbol, length, bars, funding, others }: DataFingerprint): string =>
  `${length} bars of ${symbol} with fingerprint ${bars.slice(0, 12)} and ${funding === null ? 'no funding' : `funding ${funding.slice(0, 12)}`}${others === null ? '' : `, other streams ${others.slice(0, 12)}`}`;
