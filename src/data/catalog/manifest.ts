import { fault } from '../../domain/errors.js';
import { DATA_KINDS, type DataKind } from '../columns.js';
import { barIntervalText, durationText } from '../../domain/time-spans.js';
import { damaged } from './parquet-file.js';
import type { TimeRange } from './quality.js';

export const MANIFEST = 'manifest.json';
/** 2: Parquet with decimals and instants. Files of 1 are read on. */
const VERSION = 2;

/** A day or month of a series, and the file it is in. */
export interface Partition {
  readonly key: string;
  readonly file: string;
  readonly rows: number;
  readonly first: number;
  readonly last: number;
  /** Usual distance of its rows in milliseconds. */
  readonly spacing: number;
  /** SHA-256 of the rows, and of the file. */
  readonly digest: string;
  readonly sha256: string;
  readonly gaps: readonly TimeRange[];
}

/** A file that was imported into a series. */
export interface SeriesSource {
  readonly file: string;
  readonly sha256: string;
  readonly format: string;
  /** As its folders name it: `futures/um`; absent: they do not. */
  readonly market?: string;
  /** Rows it had of the series, and how many of them were there already or stood twice. */
  readonly rows: number;
  readonly duplicates: number;
  /** Rows that stood out of order and were sorted on request. */
  readonly disorder: number;
  readonly disorderRanges: readonly TimeRange[];
  /** Numbers missing in the venue's own count of its rows. */
  readonly missingIds: number;
  readonly missingIdRanges: readonly TimeRange[];
}

/** Everything about a series but its rows. Times are epoch milliseconds. */
export interface Manifest {
  readonly version: number;
  readonly kind: DataKind;
  readonly symbol: string;
  /** Of bars; 0 for other kinds. */
  readonly intervalMs: number;
  /** What prices and sizes are whole multiples of, in decimal text. */
  readonly tick: string;
  readonly step: string;
  readonly rows: number;
  readonly first: number;
  readonly last: number;
  readonly fingerprint: string;
  readonly gaps: readonly TimeRange[];
  readonly duplicates: number;
  readonly disorder: number;
  readonly sources: readonly SeriesSource[];
  readonly partitions: readonly Partition[];
}

/** Names what a series is, and where it lies. */
export interface SeriesId {
  readonly kind: DataKind;
  readonly symbol: string;
  readonly intervalMs: number;
}

/** Folders of a series below the catalog: the kind (bars with their interval), then the symbol. */
export const foldersOf = ({ kind, symbol, intervalMs }: SeriesId): readonly [string, string] => [
  kind === 'bars' ? `bars-${durationText(intervalMs)}` : kind,
  encodeURIComponent(symbol).replace(/^\.+/, (dots) => '%2E'.repeat(dots.length)),
];

export const nameOf = ({ kind, symbol, intervalMs }: SeriesId): string =>
  `${kind}${kind === 'bars' ? ` ${barIntervalText(intervalMs)}` : ''} of ${symbol}`;

export const manifestBytes = (manifest: Omit<Manifest, 'version'>): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify({ version: VERSION, ...manifest }, null, 1)}\n`);

/** Throws DATA-007 for a manifest that is none, STORE-002 for one of a newer version. */
export function parseManifest(text: string, place: string): Manifest {
  let value: Partial<Manifest> | null;
  try {
    value = JSON.parse(text) as Partial<Manifest> | null;
  } catch (cause) {
    throw damaged(place, 'it is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null || typeof value.version !== 'number')
    throw damaged(place, 'it is no manifest');
  if (value.version > VERSION)
    throw fault('STORE-002', `${place} must be of version ${VERSION} or older, was ${value.version}.`, {
      where: place,
      fix: 'Use the newer program that wrote it.',
    });
  const { kind, symbol, intervalMs, rows, tick, step, fingerprint, partitions, sources } = value;
  const whole =
    kind !== undefined &&
    DATA_KINDS.includes(kind) &&
    typeof symbol === 'string' &&
    Number.isFinite(intervalMs) &&
    Number.isInteger(rows) &&
    typeof tick === 'string' &&
    typeof step === 'string' &&
    typeof fingerprint === 'string';
  if (!whole || !Array.isArray(partitions) || !Array.isArray(sources)) throw damaged(place, 'fields are missing');
  return value as Manifest;
}
