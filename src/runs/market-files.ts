import { Decimal } from '../domain/decimal.js';
import { fault } from '../domain/errors.js';
import type { InstrumentSpec } from '../domain/instrument.js';
import { MINUTE_MS } from '../domain/time-spans.js';
import type { DataFiles } from '../ports/research/data-files.js';
import type { FundingStamp } from '../ports/core-services/simulated-exchange.js';
import type { BarColumns } from '../data/bar-columns.js';
import { unknownRates, type DataNote } from '../data/data-note.js';
import { Catalog } from '../data/catalog/catalog.js';
import { MemoryCatalog } from '../data/catalog/memory-catalog.js';
import { nameOf } from '../data/catalog/manifest.js';
import type { SeriesFacts } from '../data/catalog/shelf.js';
import { RecordedMarket, type PricesBeside } from '../data/recorded-market.js';
import { openFeeds } from '../data/catalog/open-feeds.js';
import type { DataKind, Feed } from '../data/columns.js';
import { FeedSet } from '../backtest/feeds/feed-set.js';
import type { InstrumentDefaults } from '../data/tables/instrument-inference.js';
import type { ConfigRequest } from './config-request.js';
import type { CatalogMarket, FileMarket, MarketRequest } from './market-request.js';
import { refusedRequest } from './refused-request.js';
import type { MarketHost } from './run-host.js';

const DEFAULT_MAX_LEVERAGE = new Decimal(20);
const DEFAULT_SETTLE = 'USDT';
const MOVING: readonly DataKind[] = ['bars', 'trades', 'quotes', 'depth'];
const COME_ALONG: readonly DataKind[] = ['mark', 'index', 'funding'];

/** A recorded market, ready to be driven. */
export interface OpenedMarket {
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
  /** Columns over shared memory, for runs in several threads. */
  readonly shared?: boolean;
  /** Who needs the bars of one symbol and nothing else but its funding, as its refusal begins. */
  readonly barsFor?: string;
  /** With `barsFor`: the venue's own prices come along too. */
  readonly pricesBeside?: boolean;
}

/**
 * Opens what was asked for. Instruments are the configuration's where that knows the symbol, else inferred. Throws
 * CLI-001, DATA-*.
 */
export async function openMarket(
  host: MarketHost,
  request: ConfigRequest,
  market: MarketRequest,
  options: MarketOptions = {},
): Promise<OpenedMarket> {
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
    ? openFileMarket(host.dataFiles, market, terms, options)
    : openCatalogMarket(host.dataFiles, market, terms, options);
}

/** How instruments come about. */
export interface Terms {
  readonly instrument: (symbol: string) => InstrumentSpec | undefined;
  readonly defaults: Omit<InstrumentDefaults, 'fundingIntervalHours'>;
}

/** Everything in one file of any known format, with funding rates of another beside it. Throws CLI-001, DATA-*. */
export async function openFileMarket(
  files: DataFiles,
  { data, funding, symbol, intervalMs, zone }: FileMarket,
  terms: Terms,
  options: MarketOptions = {},
): Promise<OpenedMarket> {
  const { shared = false, barsFor } = options;
  const memory = new MemoryCatalog(files);
  const clocks = zone === undefined ? {} : { zone };
  const { spelt, ...main } = await memory.bring({
    path: data,
    flag: '--data',
    ...clocks,
    ...(symbol === undefined ? {} : { symbol }),
    ...(intervalMs === undefined ? {} : { intervalMs }),
  });
  const kinds = MOVING.filter((kind) => main.series.some((series) => series.kind === kind));
  if (kinds.length === 0) throw unmoved(data, main.series);
  refuseOther(barsFor, kinds, [spelt]);
  const rates =
    funding === undefined
      ? undefined
      : await memory.bring({ path: funding, flag: '--funding', symbol: spelt, kind: 'funding', ...clocks });
  const name = spelt.toUpperCase();
  const { feeds, specs, notes } = await openFeeds(memory, {
    ...terms,
    symbols: [name],
    kinds,
    also: besides(options),
    shared,
  });
  const told = funding !== undefined || main.series.some(({ kind }) => kind === 'funding');
  return {
    ...marketOf(feeds, specs, [name], intervalMs, told),
    source: data,
    notes: [
      ...notes,
      ...main.notes,
      ...(rates?.notes ?? []),
      ...unpaidNotes(feeds),
      ...fundingNotes(name, feeds, told ? undefined : 'Funding not simulated: no funding file was given.'),
    ],
  };
}

/** Streams of a catalog. Throws CLI-001, DATA-*. */
export async function openCatalogMarket(
  files: DataFiles,
  market: CatalogMarket,
  terms: Terms,
  options: MarketOptions,
): Promise<OpenedMarket> {
  const { shared = false, barsFor } = options;
  const catalog = new Catalog(files, market.catalog);
  const { kinds, intervalMs, since, until } = market;
  const bars = kinds.includes('bars');
  const symbols = market.symbols.length > 0 ? market.symbols : [onlySymbol(catalog)];
  refuseOther(barsFor, kinds, symbols);
  const { feeds, specs, data, notes } = await openFeeds(catalog, {
    ...terms,
    symbols,
    kinds,
    also: besides(options),
    shared,
    ...(bars && intervalMs !== undefined ? { intervalMs } : {}),
    ...(since === undefined ? {} : { from: since }),
    ...(until === undefined ? {} : { to: until }),
  });
  const untold = (symbol: string): string | undefined =>
    catalog.manifest({ kind: 'funding', symbol, intervalMs: 0 }) === undefined
      ? `Funding of ${symbol} not simulated: the catalog has no rates of it.`
      : undefined;
  return {
    ...marketOf(feeds, specs, symbols, intervalMs, false),
    source: data.source,
    notes: [
      ...notes,
      ...unpaidNotes(feeds),
      ...symbols.flatMap((symbol) => fundingNotes(symbol, feeds, untold(symbol))),
    ],
  };
}

/** `told`: rates were given, so that none within the run means none paid, and not that funding is not simulated. */
function marketOf(
  feeds: readonly Feed[],
  specs: readonly InstrumentSpec[],
  symbols: readonly string[],
  intervalMs: number | undefined,
  told: boolean,
): Omit<OpenedMarket, 'source' | 'notes'> {
  const set = new FeedSet(feeds);
  const columns = feeds.flatMap((feed) => (feed.kind === 'bars' ? [feed.columns] : []));
  const single = set.onlyBars;
  const stepMs = columns.length > 0 ? Math.min(...columns.map((each) => each.intervalMs)) : intervalMs;
  return {
    symbols,
    specs,
    // One stream of bars is the same run, and the same trace, wherever it was read from.
    data: single ?? feeds,
    bars: columns[0],
    funding: single === undefined ? undefined : (set.stampsOf(single.symbol) ?? (told ? [] : undefined)),
    stepMs,
    startAt: set.covered(stepMs ?? MINUTE_MS).from,
  };
}

const besides = ({ barsFor, pricesBeside = false }: MarketOptions): readonly DataKind[] =>
  barsFor === undefined || pricesBeside ? COME_ALONG : ['funding'];

/** What the paper world replays of a market that was opened for the bars of one symbol. Throws DATA-002. */
export function recordingOf({ data, bars, funding }: OpenedMarket): RecordedMarket {
  if (bars === undefined) throw fault('DATA-002', 'A replay must have bars, was given none.');
  if (bars === data) return new RecordedMarket(bars, funding);
  const feeds = data as readonly Feed[];
  const beside: { -readonly [Kind in keyof PricesBeside]: PricesBeside[Kind] } = {};
  for (const feed of feeds) if (feed.kind === 'mark' || feed.kind === 'index') beside[feed.kind] = feed.columns;
  return new RecordedMarket(bars, new FeedSet(feeds).stampsOf(bars.symbol), beside);
}

/** Throws CLI-001 where one symbol's bars are wanted, and more is there. */
function refuseOther(barsFor: string | undefined, kinds: readonly DataKind[], symbols: readonly string[]): void {
  if (barsFor === undefined || (symbols.length === 1 && kinds.every((kind) => kind === 'bars'))) return;
  throw refusedRequest(
    `${barsFor} must be given the bars of one symbol, was given ${kinds.join(', ')} of ${symbols.join(', ')}.`,
    'Write one --symbol, and no --kind but bars.',
  );
}

const unmoved = (file: string, series: readonly SeriesFacts[]): Error =>
  fault(
    'DATA-006',
    `${file} must hold ${MOVING.join(', ')} to run over; it holds ${series.map((each) => nameOf(each)).join(', ')}.`,
    {
      where: file,
      why: 'Marks, index prices and funding rates move no market.',
      fix: 'Give rates with --funding, beside bars with --data; marks and index prices come along from a catalog.',
    },
  );

/**
 * Stamps of the run without a rate, of all symbols. Whoever replays the run counts them as it comes to them. Bars alone
 * end before a stamp at their last close.
 */
function unpaidNotes(feeds: readonly Feed[]): DataNote[] {
  const set = new FeedSet(feeds);
  const { to } = set.covered(MINUTE_MS);
  const unpaid = feeds
    .flatMap((feed) =>
      feed.kind === 'funding' ? [...feed.columns.at].filter((_at, row) => Number.isNaN(feed.columns.rate[row])) : [],
    )
    .filter((at) => at < to || (at === to && set.onlyBars === undefined));
  return unpaid.length === 0 ? [] : [unknownRates(unpaid.length, Math.min(...unpaid))];
}

/** `untold` says why there are no rates; undefined where there are some. */
function fundingNotes(symbol: string, feeds: readonly Feed[], untold: string | undefined): DataNote[] {
  if (feeds.some(({ kind, columns }) => kind === 'funding' && columns.symbol === symbol)) return [];
  return [
    untold === undefined
      ? { code: 'W-FUND-003', message: `No funding stamp of ${symbol} lies within the run: none was paid.` }
      : { code: 'W-FUND-001', message: untold },
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
  { symbols, specs, stepMs }: Pick<OpenedMarket, 'symbols' | 'specs' | 'stepMs'>,
): ConfigRequest => ({
  ...request,
  symbols,
  instruments: specs,
  ...(stepMs === undefined ? {} : { updateIntervalMs: stepMs }),
});
