import { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import { Instrument, RATE_SCALE, rateOf, type InstrumentSpec } from '../../domain/instrument.js';
import type { DataNote } from '../data-note.js';
import { patienceOf } from '../price-walk.js';
import { DEPTH_SNAPSHOT, type DataKind, type Feed } from '../columns.js';
import { fundingStamps, medianHours } from '../tables/funding-schedule.js';
import { describeInstrument, type InstrumentDefaults } from '../tables/instrument-inference.js';
import { barCloseAt, barIntervalText } from '../../domain/time-spans.js';
import { inferStep } from '../tables/tick-inference.js';
import { seriesMissing } from './catalog.js';
import { feedOf } from './feeds.js';
import { fingerprintOf } from './fingerprint.js';
import { inTerms } from './in-terms.js';
import { allocate, SHAPES, timesOf, type Block, type ColumnArray } from './kinds.js';
import { nameOf } from './manifest.js';
import { metSides } from './quality.js';
import type { SeriesFacts, SeriesShelf, ShelfSpan } from './shelf.js';

export interface FeedRequest {
  /** As the catalog has them: in capitals. */
  readonly symbols: readonly string[];
  /** Kinds that every symbol must have (DATA-006 otherwise). */
  readonly kinds: readonly DataKind[];
  /** Kinds that are taken where they are there. */
  readonly also?: readonly DataKind[];
  /** Epoch milliseconds: the first instant, and the first that is not included any more. */
  readonly from?: number;
  readonly to?: number;
  /** Which bars, where the catalog has several. */
  readonly intervalMs?: number;
  /** Columns over shared memory, for runs in several threads. */
  readonly shared?: boolean;
  /** The configuration's description of a symbol; undefined: inferred from the data, with notes. */
  readonly instrument: (symbol: string) => InstrumentSpec | undefined;
  readonly defaults: Omit<InstrumentDefaults, 'fundingIntervalHours'>;
}

export interface OpenedFeeds {
  readonly feeds: readonly Feed[];
  /** One for each symbol, in their order; the feeds are counted in their ticks and steps. */
  readonly specs: readonly InstrumentSpec[];
  /** For the result: what the run rests on. */
  readonly data: { readonly fingerprint: string; readonly source: string };
  readonly notes: readonly DataNote[];
}

const USUAL_FUNDING_HOURS = 8;
const PRICED: readonly DataKind[] = ['bars', 'trades', 'quotes', 'depth'];
const SIZED: readonly DataKind[] = ['trades', 'quotes', 'depth'];

/** Everything a run over recorded series needs, in one call. Throws DATA-002 to DATA-007. */
export async function openFeeds(shelf: SeriesShelf, request: FeedRequest): Promise<OpenedFeeds> {
  const held = shelf.list();
  const feeds: Feed[] = [];
  const specs: InstrumentSpec[] = [];
  const notes: DataNote[] = [];
  const used: SeriesFacts[] = [];
  for (const symbol of request.symbols) {
    const own = held.filter((manifest) => manifest.symbol === symbol);
    const blocks = new Map<SeriesFacts, Block>();
    const read = async (kinds: readonly DataKind[], within: Within): Promise<void> => {
      for (const manifest of kinds.flatMap((kind) => chosen(own, held, kind, symbol, request)))
        blocks.set(manifest, await shelf.read(manifest, spanFor(manifest, within)));
    };
    await read([...new Set(request.kinds)], request);
    const span = runSpan(blocks, request);
    // What comes along makes no run longer than what moves it.
    await read(
      (request.also ?? []).filter((kind) => !request.kinds.includes(kind)),
      { ...request, ...(Number.isFinite(span.from) ? span : {}) },
    );
    const described = specOf(symbol, own, blocks, request);
    specs.push(described.spec);
    notes.push(...described.notes);
    const instrument = new Instrument(described.spec);
    for (const [manifest, block] of blocks) {
      const told =
        manifest.kind === 'funding'
          ? { block: withGaps(block, span, described.spec.fundingIntervalHours, request.shared === true), notes: [] }
          : inTerms(block, manifest, instrument);
      notes.push(...told.notes);
      if (told.block.length === 0 && request.kinds.includes(manifest.kind)) throw nothingIn(manifest, request);
      if (told.block.length > 0) feeds.push(feedOf(told.block, symbol, manifest.intervalMs));
      notes.push(
        ...gapNotes(manifest, span),
        ...partNotes(manifest, told.block, span),
        ...bookNotes(manifest, told.block),
        ...sideNotes(manifest, told.block),
      );
      used.push(manifest);
    }
  }
  const source = used.map((manifest) => `${nameOf(manifest)} ${manifest.fingerprint?.slice(0, 12) ?? ''}`).join(', ');
  return { feeds, specs, data: { fingerprint: fingerprintOf(feeds, specs), source: `catalog: ${source}` }, notes };
}

/** The series of a kind; none where it may be missing. */
function chosen(
  own: readonly SeriesFacts[],
  held: readonly SeriesFacts[],
  kind: DataKind,
  symbol: string,
  { kinds, intervalMs }: FeedRequest,
): readonly SeriesFacts[] {
  const found = own.filter(
    (manifest) =>
      manifest.kind === kind && (kind !== 'bars' || intervalMs === undefined || manifest.intervalMs === intervalMs),
  );
  if (found.length === 0 && kinds.includes(kind))
    throw seriesMissing({ kind, symbol, intervalMs: kind === 'bars' ? intervalMs : undefined }, held);
  if (found.length > 1)
    throw fault(
      'DATA-006',
      `One series of ${kind} of ${symbol} must be chosen of ${found.map((manifest) => nameOf(manifest)).join(', ')}.`,
      { fix: `Name the interval of the bars: --interval ${barIntervalText(found[0]?.intervalMs ?? 0)}.` },
    );
  return found;
}

/** A rate of before the run tells the interval of the stamps in it. */
const spanFor = ({ kind }: SeriesFacts, { from, to, shared }: Within): ShelfSpan => ({
  ...(from === undefined || kind === 'funding' ? {} : { from }),
  ...(to === undefined || kind === 'funding' ? {} : { to }),
  ...(shared === undefined || kind === 'funding' ? {} : { shared }),
});

type Within = Pick<FeedRequest, 'from' | 'to' | 'shared'>;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** What the run covers: as asked, else from the first row to the last of what drives it. */
function runSpan(blocks: ReadonlyMap<SeriesFacts, Block>, { from, to }: FeedRequest): Span {
  let [first, last] = [Infinity, -Infinity];
  const driving = [...blocks].filter(([{ kind }]) => kind !== 'funding');
  for (const [{ intervalMs }, block] of driving.length > 0 ? driving : blocks) {
    if (block.length === 0) continue;
    first = Math.min(first, timesOf(block)[0] as number);
    last = Math.max(last, barCloseAt(timesOf(block)[block.length - 1] as number, Math.max(1, intervalMs)));
  }
  return { from: from ?? first, to: to ?? last };
}

/** Silences within the run. Bars and funding are asked for theirs where they are run over. */
function gapNotes(manifest: SeriesFacts, { from, to }: Span): DataNote[] {
  const gaps =
    manifest.kind === 'bars' || manifest.kind === 'funding'
      ? []
      : manifest.gaps.filter((gap) => gap.to > from && gap.from < to);
  const [first] = gaps;
  if (first === undefined) return [];
  const iso = (at: number): string => new Date(at).toISOString();
  return [
    {
      code: 'W-DATA-011',
      message: `${nameOf(manifest)}: ${gaps.length === 1 ? 'a silence' : `${gaps.length} silences`} in the run, the first from ${iso(first.from)} to ${iso(first.to)}; nothing was filled in.`,
    },
  ];
}

/** A mark, or an index, that does not reach from one end of the run to the other. */
function partNotes(manifest: SeriesFacts, block: Block, { from, to }: Span): DataNote[] {
  if ((manifest.kind !== 'mark' && manifest.kind !== 'index') || block.length === 0) return [];
  const at = timesOf(block);
  const [first, last] = [at[0] as number, at[block.length - 1] as number];
  const patience = patienceOf({ at, length: block.length });
  if (first <= from + patience && last >= to - patience) return [];
  const iso = (time: number): string => new Date(time).toISOString();
  const instead = manifest.kind === 'mark' ? 'the last price is the mark' : 'the index is not known';
  return [
    {
      code: 'W-DATA-026',
      message: `${nameOf(manifest)}: told from ${iso(first)} to ${iso(last)}, which is not the whole run; outside of it ${instead}.`,
    },
  ];
}

/** A bid above its ask is no market: the run trades at none of them. Of one price alone the bot makes no mark. */
function sideNotes(manifest: SeriesFacts, block: Block): DataNote[] {
  const { crossed, locked } = metSides(block);
  const name = nameOf(manifest);
  const notes: DataNote[] = [];
  if (crossed > 0)
    notes.push({
      code: 'W-DATA-019',
      message: `${name}: ${crossed} of ${block.length} have a bid above their ask; nothing is traded at them.`,
    });
  if (locked > 0)
    notes.push({
      code: 'W-DATA-022',
      message: `${name}: ${locked} of ${block.length} have a bid that is their ask; the bot sees no new mark in them.`,
    });
  return notes;
}

/** Changes say nothing of the levels that stood before them. */
function bookNotes(manifest: SeriesFacts, { columns, length }: Block): DataNote[] {
  if (manifest.kind !== 'depth' || length === 0) return [];
  const flags = columns[SHAPES.depth.findIndex(({ role }) => role === 'flags')] as ColumnArray;
  const row = flags.findIndex((value) => (value & DEPTH_SNAPSHOT) !== 0);
  if (row === 0) return [];
  const until = row < 0 ? 'the run has none' : `the first is at ${new Date(columns[0]?.[row] as number).toISOString()}`;
  return [
    {
      code: 'W-DATA-012',
      message: `${nameOf(manifest)} begins without a snapshot, ${until}: before it no quote stands and nothing meets its book. Import one, or choose --from.`,
    },
  ];
}

/** The stamps of the run: known ones, and those that the interval demands and nobody recorded, as NaN. */
function withGaps(block: Block, span: Span, fallbackHours: number, shared: boolean): Block {
  const stamps = fundingStamps(ratesOf(block), { ...span, fallbackHours });
  const made = allocate('funding', stamps.length, shared);
  stamps.forEach(({ at, rate }, index) => {
    (made.columns[0] as Float64Array)[index] = at;
    (made.columns[1] as Float64Array)[index] = rate === undefined ? NaN : rateOf(rate);
  });
  return made;
}

const ratesOf = (block: Block): { readonly at: number; readonly rate: Decimal }[] =>
  Array.from(timesOf(block), (at, index) => ({
    at,
    rate: new Decimal(block.columns[1]?.[index] as number).div(RATE_SCALE),
  }));

/** The configuration's instrument, else one of the finest tick and step that the catalog has of the symbol. */
function specOf(
  symbol: string,
  own: readonly SeriesFacts[],
  blocks: ReadonlyMap<SeriesFacts, Block>,
  request: FeedRequest,
): { readonly spec: InstrumentSpec; readonly notes: readonly DataNote[] } {
  const described = request.instrument(symbol);
  if (described !== undefined) return { spec: described, notes: [] };
  const finest = (values: readonly string[]): Decimal | undefined =>
    values.length === 0 ? undefined : Decimal.min(...values);
  const used = [...blocks.keys()];
  const of = (kinds: readonly DataKind[]): readonly SeriesFacts[] => {
    const read = used.filter(({ kind }) => kinds.includes(kind));
    return read.length > 0 ? read : own.filter(({ kind }) => kinds.includes(kind));
  };
  const tick =
    finest(of(PRICED).map(({ tick: own, inferredTick }) => inferredTick ?? own)) ??
    finest(used.filter(({ kind }) => kind !== 'funding').map((manifest) => manifest.tick)) ??
    new Decimal('0.01');
  const coarsest = inferStep(tick);
  const sized = finest(of(SIZED).map((manifest) => manifest.step));
  const step = sized === undefined ? coarsest : tick.times(sized).lt('1e-8') ? Decimal.pow(10, -8).div(tick) : sized;
  const [, funding] = [...blocks].find(([{ kind }]) => kind === 'funding') ?? [];
  const fundingIntervalHours = funding === undefined ? 0 : medianHours(ratesOf(funding), USUAL_FUNDING_HOURS);
  return describeInstrument(symbol, tick, step, { ...request.defaults, fundingIntervalHours });
}

function nothingIn(manifest: SeriesFacts, { from, to }: FeedRequest): Error {
  const iso = (at: number | undefined, open: string): string => (at === undefined ? open : new Date(at).toISOString());
  return fault(
    'DATA-006',
    `${nameOf(manifest)} must have rows from ${iso(from, 'its beginning')} to ${iso(to, 'its end')}; it has them from ${iso(manifest.first, '')} to ${iso(manifest.last, '')}.`,
    { fix: 'Choose another --from and --to, or import what is missing.' },
  );
}
