import type { SeriesBuilder } from '../catalog/series-builder.js';
import { NEWLINE, QUOTE, RETURN, type CsvRows } from '../tables/csv-table.js';
import type { SideRule } from './layouts.js';
import type { TimeReader } from './time-reader.js';

const ZERO = 48;
const POINT = 46;
/** Digits that every double holds: longer numbers are read with more care. */
const MOST_DIGITS = 15;
/** So many digits fit into the 31 bits in which a processor counts at once. */
const WORD_DIGITS = 9;
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, power) => 10 ** power);
/** Rows that are read with care before the next look, at most. */
const LONGEST_WAIT = 32;
const encoder = new TextEncoder();

/** What stands in a column of a table, as far as its plain rows tell. */
export type SkimColumn =
  | { readonly what: 'any' | 'time' | 'id' | 'close' }
  | { readonly what: 'price' | 'size' | 'volume'; readonly index: number }
  | { readonly what: 'side'; readonly index: number; readonly rule: SideRule }
  /** Text that must be as it was in the row before. */
  | { readonly what: 'same' };

const [ANY, TIME, ID, CLOSE, PRICE, SIZE, VOLUME, SIDE, SAME] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
const CODES = {
  any: ANY,
  time: TIME,
  id: ID,
  close: CLOSE,
  price: PRICE,
  size: SIZE,
  volume: VOLUME,
  side: SIDE,
  same: SAME,
} as const;

/**
 * Reads the plain rows of a text straight from its bytes into the columns of a series: digits with or without decimals,
 * times in order, texts as they were before. It stops before the first row in which anything is otherwise, and leaves
 * no trace of it: such a row is for the reader that knows every notation and has the words for what it refuses. What
 * both can read they read alike.
 */
export class Skim {
  private readonly codes: Uint8Array;
  /** For each column of the table, the place of its values among the columns of the series. */
  private readonly targets: Int32Array;
  /** Texts that mean a side, those of buyers first. */
  private readonly sideTexts: readonly Uint8Array[];
  private readonly buys: number;
  /** Columns whose decimals are counted, and how many the newest row has there. */
  private readonly scaled: Int32Array;
  private readonly places: Int32Array;
  /** How many prices, and behind them how many sizes, have so many decimals. */
  private readonly counts = new Int32Array(2 * (MOST_DIGITS + 1));
  private readonly same: Uint8Array[] = [];
  /** Of the series: the pieces of its columns that are being filled, and the decimals of its scales. */
  private slots: readonly Float64Array[] = [];
  private sideSlots: Int8Array = new Int8Array(0);
  private priceDecimals = 0;
  private sizeDecimals = 0;
  /** Of the newest row. */
  private at = 0;
  private id = NaN;
  private closedMs = NaN;
  /** What the newest digits make. */
  private value = NaN;
  private misses = 0;
  private wait = 0;

  constructor(
    columns: readonly SkimColumn[],
    private readonly times: TimeReader,
  ) {
    this.codes = Uint8Array.from(columns, ({ what }) => CODES[what]);
    this.targets = Int32Array.from(columns, (column) => ('index' in column ? column.index : 0));
    this.scaled = Int32Array.from(
      columns.flatMap(({ what }, column) => (what === 'price' || what === 'size' ? [column] : [])),
    );
    this.places = new Int32Array(columns.length);
    const side = columns.find((column) => column.what === 'side');
    this.buys = side?.rule.buys.length ?? 0;
    this.sideTexts = [...(side?.rule.buys ?? []), ...(side?.rule.sells ?? [])].map((text) => encoder.encode(text));
  }

  /** The row that was read with care: what its texts are, those of plain rows must be. */
  remember(rows: CsvRows): void {
    for (let column = 0; column < this.codes.length; column += 1)
      if (this.codes[column] === SAME && !rows.is(column, this.same[column])) this.same[column] = rows.bytesOf(column);
  }

  /** Takes what plain rows come next, of the series that the remembered row is of. */
  run(rows: CsvRows, builder: SeriesBuilder): void {
    if (this.wait > 0) {
      this.wait -= 1;
      return;
    }
    let taken = 0;
    for (let more = true; more;) {
      const room = builder.room;
      const got = this.batch(rows, builder, room);
      taken += got;
      more = got === room;
    }
    // Where no row is plain, it is not worth a look before each.
    this.misses = taken > 0 ? 0 : Math.min(this.misses + 1, LONGEST_WAIT);
    this.wait = this.misses;
  }

  private batch(rows: CsvRows, builder: SeriesBuilder, room: number): number {
    const { scaled, places, codes, counts } = this;
    const { keyed, prices, sizes } = builder;
    const [times, ...values] = builder.slots();
    const into = times as Float64Array;
    this.slots = [into, ...values] as readonly Float64Array[];
    this.sideSlots = values.find((slot) => slot instanceof Int8Array) ?? this.sideSlots;
    this.priceDecimals = prices.decimals;
    this.sizeDecimals = sizes.decimals;
    this.closedMs = NaN;
    const first = builder.length % into.length;
    const isBar = builder.kind === 'bars';
    let { latest, lastId } = builder;
    let taken = 0;
    let position = rows.position;
    while (taken < room && position < rows.plainEnd) {
      const slot = first + taken;
      const next = this.row(rows.bytes, position, rows.separator, slot);
      if (next < 0 || this.at < latest || (keyed && this.at === latest)) break;
      if (!Number.isNaN(this.id)) {
        if (this.id !== lastId + 1) break;
        lastId = this.id;
      }
      if (isBar && !this.isBar(slot)) break;
      if (!Number.isNaN(this.closedMs)) builder.closed(this.closedMs);
      for (let i = 0; i < scaled.length; i += 1) {
        const column = scaled[i] as number;
        const kind = codes[column] === PRICE ? 0 : MOST_DIGITS + 1;
        counts[kind + (places[column] as number)] = (counts[kind + (places[column] as number)] as number) + 1;
      }
      into[slot] = latest = this.at;
      position = next;
      taken += 1;
    }
    if (taken > 0) {
      builder.skimmed(taken, latest, lastId);
      prices.add(counts.subarray(0, MOST_DIGITS + 1));
      sizes.add(counts.subarray(MOST_DIGITS + 1));
      counts.fill(0);
      rows.pass(taken, position);
    }
    return taken;
  }

  private isBar(slot: number): boolean {
    const { slots } = this;
    const open = (slots[1] as Float64Array)[slot] as number;
    const high = (slots[2] as Float64Array)[slot] as number;
    const low = (slots[3] as Float64Array)[slot] as number;
    const close = (slots[4] as Float64Array)[slot] as number;
    return low <= open && low <= close && high >= open && high >= close;
  }

  /**
   * Reads a row into a slot of the columns: where the next one begins, or -1 for a row that is not plain. Every scan
   * ends at the end of a line at the latest, of which there is one ahead.
   */
  private row(bytes: Uint8Array, from: number, separator: number, slot: number): number {
    const { codes } = this;
    const last = codes.length - 1;
    let at = from;
    for (let column = 0; column <= last; column += 1) {
      const code = codes[column] as number;
      if (code === ANY) {
        if (bytes[at] === QUOTE) return -1;
        while (bytes[at] !== separator && bytes[at] !== NEWLINE) at += 1;
      } else if (code <= CLOSE) at = this.whole(bytes, at, code);
      else if (code <= VOLUME) at = this.decimal(bytes, at, column, slot);
      else if (code === SIDE) at = this.side(bytes, at, separator, slot);
      else at = matched(bytes, at, this.same[column] as Uint8Array);
      if (at < 0) return -1;
      if (column < last) {
        if (bytes[at] !== separator) return -1;
      } else {
        if (bytes[at] === RETURN) at += 1;
        if (bytes[at] !== NEWLINE) return -1;
      }
      at += 1;
    }
    return at;
  }

  /** A time, a number of the venue's count, or when a bar closed. */
  private whole(bytes: Uint8Array, from: number, code: number): number {
    this.value = 0;
    const at = this.digits(bytes, from, 0);
    if (at === from) return -1;
    const { value } = this;
    if (code === TIME) {
      this.at = this.times.ofWhole(value);
      return this.at > 0 ? at : -1;
    }
    if (code === ID) this.id = value;
    else this.closedMs = this.times.distanceOf(value, this.at);
    return at;
  }

  /** Reads digits behind so many that `value` is made of already: where they end. */
  private digits(bytes: Uint8Array, from: number, before: number): number {
    let at = from;
    let digit = (bytes[at] as number) - ZERO;
    if (before < WORD_DIGITS) {
      let head = this.value | 0;
      for (const stop = from + WORD_DIGITS - before; digit >= 0 && digit <= 9 && at < stop;) {
        head = (Math.imul(head, 10) + digit) | 0;
        at += 1;
        digit = (bytes[at] as number) - ZERO;
      }
      this.value = head;
    }
    for (; digit >= 0 && digit <= 9; digit = (bytes[at] as number) - ZERO) {
      this.value = this.value * 10 + digit;
      at += 1;
    }
    return at;
  }

  private decimal(bytes: Uint8Array, from: number, column: number, slot: number): number {
    this.value = 0;
    let at = this.digits(bytes, from, 0);
    if (at === from) return -1;
    let places = 0;
    let exact = 0;
    let digits = at - from;
    if (bytes[at] === POINT) {
      const point = at;
      at = this.digits(bytes, point + 1, digits);
      exact = places = at - point - 1;
      if (places === 0) return -1;
      digits += places;
      while (exact > 0 && bytes[point + exact] === ZERO) exact -= 1;
    }
    let { value } = this;
    if (digits > MOST_DIGITS) return -1;
    const code = this.codes[column] as number;
    const target = this.slots[this.targets[column] as number] as Float64Array;
    if (code === VOLUME) {
      target[slot] = value / (POWERS[places] as number);
      return at;
    }
    const scale = code === PRICE ? this.priceDecimals : this.sizeDecimals;
    if (exact > scale || (code === PRICE && value === 0)) return -1;
    if (places > scale) value /= POWERS[places - scale] as number;
    else if (places < scale) value *= POWERS[scale - places] as number;
    if (value > Number.MAX_SAFE_INTEGER) return -1;
    this.places[column] = exact;
    target[slot] = value;
    return at;
  }

  private side(bytes: Uint8Array, from: number, separator: number, slot: number): number {
    let end = from;
    while (bytes[end] !== separator && bytes[end] !== NEWLINE && bytes[end] !== RETURN) end += 1;
    const { sideTexts } = this;
    for (let i = 0; i < sideTexts.length; i += 1) {
      const text = sideTexts[i] as Uint8Array;
      if (text.length !== end - from || matched(bytes, from, text) < 0) continue;
      this.sideSlots[slot] = i < this.buys ? 1 : -1;
      return end;
    }
    return -1;
  }
}

/** Where a text ends that begins here; -1 where another begins. */
function matched(bytes: Uint8Array, from: number, text: Uint8Array): number {
  for (let i = 0; i < text.length; i += 1) if (bytes[from + i] !== text[i]) return -1;
  return from + text.length;
}
