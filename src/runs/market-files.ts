import { Decimal } from '../domain/decimal.js';
import { fault, messageOf } from '../domain/errors.js';
import type { InstrumentSpec } from '../domain/instrument.js';
import type { DataFiles } from '../ports/research/data-files.js';
import type { FundingStamp } from '../ports/core-services/simulated-exchange.js';
import type { BarColumns } from '../data/bar-columns.js';
import type { DataNote } from '../data/tables/bar-reader.js';
import { Catalog } from '../data/catalog/catalog.js';
import { openFeeds } from '../data/catalog/open-feeds.js';
import type { DataKind, Feed } from '../data/columns.js';
import { FeedSet } from '../backtest/feeds/feed-set.js';
import type { InstrumentDefaults } from '../data/tables/instrument-inference.js';
import { loadHistory, type DataFile } from '../data/tables/load-history.js';
import type { ConfigRequest } from './config-request.js';
import type { CatalogMarket, FileMarket, MarketRequest } from './market-request.js';
import { refusedRequest } from './refused-request.js';
import type { MarketHost } from './run-host.js';

const DEFAULT_MAX_LEVERAGE = new Decimal(20);
const MINUTE_MS = 60_000;
const DEFAULT_SETTLE = 'USDT';
const COME_ALONG: readonly DataKind[] = ['mark', 'index', 'funding'];

/** A recorded market, ready to be driven. */
export interface Market {
  readonly symbols: readonly string[];
  /** One for each symbol. */
  readonly specs: readonly InstrumentSpec[];
  /** What `runBacktest` is given: one stream of bars, or all streams. */
  readonly data: BarColumns | readonly Feed[];
  /** The first symbol's bars; undefined where no bars are among the streams. */
  readonly bars: BarColumns | undefined;
  /** Of one stream of bars; undefined where funding is not simulated, or lies among the streams. */
  readonly funding: readonly FundingStamp[] | undefined;
  /** The bot's cycle, where the data or a flag tells it. */
  readonly stepMs: number | undefined;
  readonly startAt: number;
  /** What the run was read from, as its result names it. */
  readonly source: string;
  readonly notes: readonly DataNote[];
}

export interface MarketOptions {
  /** Columns over shared memory, for runs in several threads: of a catalog alone. */
  readonly shared?: boolean;
  /** Who needs the bars of one symbol and nothing else but its funding, as its refusal begins. */
  readonly barsFor?: string;
}

/** Opens what was asked for. Instruments are the configuration's where that knows the symbol, else inferred. Throws CLI-001, DATA-*. */
export async function openMarket(
  host: MarketHost,
  request: ConfigRequest,
  market: MarketRequest,
  options: MarketOptions = {},
): Promise<Market> {
  const { config } = host.loadConfig(request);
  const terms = {
    instrument: (symbol: string): InstrumentSpec | undefined => config.instruments[symbol],
    defaults: {
      settle: config.execution.collateral[0] ?? DEFAULT_SETTLE,
      maxLeverage: DEFAULT_MAX_LEVERAGE,
      maintenanceRate: config.risk.defaultMaintenanceRate,
    },
  };
  return market.from === 'file'
    ? fromFile(host, market, terms)
    : openCatalogMarket(host.dataFiles, market, terms, options);
}

/** How instruments come about. */
export interface Terms {
  readonly instrument: (symbol: string) => InstrumentSpec | undefined;
  readonly defaults: Omit<InstrumentDefaults, 'fundingIntervalHours'>;
}

async function fromFile(host: MarketHost, { data, funding, symbol }: FileMarket, terms: Terms): Promise<Market> {
  const {
    columns,
    spec,
    funding: stamps,
    notes,
  } = await loadHistory({
    ...terms,
    ...(symbol === undefined ? {} : { symbol }),
    data: readData(host, data, '--data'),
    ...(funding === undefined ? {} : { funding: readData(host, funding, '--funding') }),
  });
  return {
    symbols: [columns.symbol],
    specs: [spec],
    data: columns,
    bars: columns,
    funding: stamps,
    stepMs: columns.intervalMs,
    startAt: columns.openAt[0] ?? 0,
    source: data,
    notes,
  };
}

/** Streams of a catalog. Throws CLI-001, DATA-*. */
export async function openCatalogMarket(
  files: DataFiles,
  market: CatalogMarket,
  terms: Terms,
  { shared = false, barsFor }: MarketOptions,
): Promise<Market> {
  const catalog = new Catalog(files, market.catalog);
  const { kinds, intervalMs, since, until } = market;
  const bars = kinds.includes('bars');
  const symbols = market.symbols.length > 0 ? market.symbols : [onlySymbol(catalog)];
  if (barsFor !== undefined && (symbols.length > 1 || kinds.some((kind) => kind !== 'bars'))) {
    throw refusedRequest(
      `${barsFor} must be given the bars of one symbol, was given ${kinds.join(', ')} of ${symbols.join(', ')}.`,
      'Write one --symbol, and no --kind but bars.',
    );
  }
  const { feeds, specs, data, notes } = await openFeeds(catalog, {
    ...terms,
    symbols,
    kinds,
    also: barsFor === undefined ? COME_ALONG : ['funding'],
    shared,
    ...(bars && intervalMs !== undefined ? { intervalMs } : {}),
    ...(since === undefined ? {} : { from: since }),
    ...(until === undefined ? {} : { to: until }),
  });
  const set = new FeedSet(feeds);
  const columns = feeds.flatMap((feed) => (feed.kind === 'bars' ? [feed.columns] : []));
  const single = set.onlyBars;
  const stepMs = bars ? Math.min(...columns.map((each) => each.intervalMs)) : intervalMs;
  return {
    symbols,
    specs,
    // One stream of bars is what it is from a file: the same run, and the same trace.
    data: single ?? feeds,
    bars: columns[0],
    funding: single === undefined ? undefined : set.stampsOf(single.symbol),
    stepMs,
    startAt: set.covered(stepMs ?? MINUTE_MS).from,
    source: data.source,
    notes: [...notes, ...symbols.flatMap((symbol) => fundingNotes(symbol, set, catalog))],
  };
}

function fundingNotes(symbol: string, set: FeedSet, catalog: Catalog): DataNote[] {
  if (set.stampsOf(symbol) !== undefined) return [];
  const known = catalog.manifest({ kind: 'funding', symbol, intervalMs: 0 }) !== undefined;
  return [
    known
      ? { code: 'W-FUND-003', message: `No funding stamp of ${symbol} lies within the run: none was paid.` }
      : { code: 'W-FUND-001', message: `Funding of ${symbol} not simulated: the catalog has no rates of it.` },
  ];
}

function onlySymbol(catalog: Catalog): string {
  const held = [...new Set(catalog.list().map(({ symbol }) => symbol))];
  const [symbol] = held;
  if (symbol === undefined || held.length > 1)
    throw refusedRequest(
      `--symbol must name one of ${held.join(', ')}.`,
      `Write for example --symbol ${symbol ?? 'BTC-PERP'}; repeat it for several in one account.`,
    );
  return symbol;
}

/** The configuration that a recorded market asks for: its symbols, their instruments, and its cycle. */
export const configFor = (
  request: ConfigRequest,
  { symbols, specs, stepMs }: Pick<Market, 'symbols' | 'specs' | 'stepMs'>,
): ConfigRequest => ({
  ...request,
  symbols,
  instruments: specs,
  ...(stepMs === undefined ? {} : { updateIntervalMs: stepMs }),
});

function readData(host: MarketHost, file: string, flag: string): DataFile {
  let bytes: Uint8Array | undefined;
  try {
    bytes = host.readFile(file);
  } catch (error) {
    throw fault('DATA-002', `${flag} must name a file that can be read, was ${file}: ${messageOf(error)}.`, {
      where: file,
      cause: error,
      fix: 'Name the file itself, and check its permissions.',
    });
  }
  if (bytes === undefined) {
    throw fault('DATA-002', `${flag} must name a file that exists, was ${file}.`, {
      where: file,
      fix: 'Check the path; it is taken from the working directory.',
    });
  }
  return { file, bytes };
}
