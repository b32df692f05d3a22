import { Decimal } from '../../../domain/decimal.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Candle } from '../../../domain/market.js';
import { marks, type Lots, type MarkUnits } from '../../../domain/units.js';
import { barCloseAt, barOpenAt, MINUTE_MS, MONTH_MS } from '../../../domain/time-spans.js';
import type { BarView, TradeRows } from '../../../ports/core-services/simulated-exchange.js';

const CAPACITY = 4096;
const FIELDS = 6;
/** Candles that survive a restart: more than any built-in strategy looks back on. */
const KEPT = 512;

/** Newest candles of one instrument at one base interval: prices in mark units, volume in lots. Bounded. */
export class CandleHistory {
  /** Columns openAt, open, high, low, close, volume, one after another, as rings. */
  private readonly ring = new Float64Array(CAPACITY * FIELDS);
  private count = 0;
  private formingAt = Number.NaN;
  private formingEnd = Number.NEGATIVE_INFINITY;
  private open = Number.NaN;
  private high = Number.NaN;
  private low = Number.NaN;
  private close = Number.NaN;
  private volume = 0;
  private ofBars = false;
  /** Text of the newest candles, up to the one with number `encoded`. */
  private readonly rows: string[] = [];
  private encoded = 0;
  /** The same as one text. */
  private closedText = '';
  /** How many had closed when `takeClosed` gave them last. */
  private taken = Number.NaN;

  constructor(
    private readonly instrument: Instrument,
    /** Base interval for prices told one by one; bars bring their own. */
    public intervalMs: number,
  ) {}

  get length(): number {
    return Math.min(this.count, CAPACITY);
  }

  /** A closed bar of history. */
  appendBar(bar: BarView): void {
    if (this.count === 0) {
      this.ofBars = true;
      const month = barCloseAt(bar.openAt, MONTH_MS) === bar.closeAt && barOpenAt(bar.openAt, MONTH_MS) === bar.openAt;
      this.intervalMs = month ? MONTH_MS : bar.closeAt - bar.openAt;
    }
    const scale = this.instrument.marksPerTick;
    this.append(bar.openAt, bar.open * scale, bar.high * scale, bar.low * scale, bar.close * scale, bar.volume);
  }

  /** A closed candle, prices in mark units. */
  append(openAt: number, open: number, high: number, low: number, close: number, volume: number): void {
    const base = (this.count % CAPACITY) * FIELDS;
    const { ring } = this;
    ring[base] = openAt;
    ring[base + 1] = open;
    ring[base + 2] = high;
    ring[base + 3] = low;
    ring[base + 4] = close;
    ring[base + 5] = volume;
    this.count += 1;
  }

  /** One price at an instant: closes the candle that ended before it. */
  observe(price: MarkUnits, at: number): void {
    if (at >= this.formingEnd) {
      this.finish();
      this.formingAt = barOpenAt(at, this.intervalMs);
      this.formingEnd = barCloseAt(this.formingAt, this.intervalMs);
      this.open = this.high = this.low = price;
      this.volume = 0;
    } else if (price > this.high) this.high = price;
    else if (price < this.low) this.low = price;
    this.close = price;
  }

  /** Several trades in order: their sizes, and, unless `marksPerTick` is NaN, their prices. */
  observeTrades({ at, price, size }: TradeRows, from: number, to: number, marksPerTick: number): void {
    const prices = !Number.isNaN(marksPerTick);
    for (let row = from; row < to;) {
      // The first of each candle begins it; the others move its ends alone.
      if (prices) this.observe(marks((price[row] as number) * marksPerTick), Math.floor(at[row] as number));
      let { high, low, close, volume } = this;
      const { formingEnd } = this;
      const first = row;
      for (; row < to && (row === first || !prices || (at[row] as number) < formingEnd); row += 1) {
        volume += size[row] as number;
        if (!prices) continue;
        close = (price[row] as number) * marksPerTick;
        if (close > high) high = close;
        if (close < low) low = close;
      }
      this.high = high;
      this.low = low;
      this.close = close;
      this.volume = volume;
    }
  }

  addVolume(size: Lots): void {
    this.volume += size;
  }

  /**
   * Closed candles of a multiple of the base interval, oldest first; a first one that history begins within is left
   * out.
   */
  closed(intervalMs: number, limit: number, now: number): Candle[] {
    if (now >= this.formingEnd) this.finish();
    const candles: Candle[] = [];
    for (let i = Math.max(0, this.count - CAPACITY); i < this.count;) {
      const start = barOpenAt(this.field(i, 0), intervalMs);
      const end = barCloseAt(start, intervalMs);
      const first = i;
      while (i < this.count && this.field(i, 0) < end) i += 1;
      const whole = candles.length > 0 || this.field(first, 0) === start;
      if (whole && end <= now) candles.push(this.merge(first, i, start));
    }
    return limit >= candles.length ? candles : candles.slice(candles.length - limit);
  }

  /** Traded lots of the last minute, the candles at its edges counted by the share that lies within. */
  volumeOfLastMinute(now: number): number {
    const from = now - MINUTE_MS;
    const share = (openAt: number, end: number): number =>
      Math.max(0, Math.min(end, now) - Math.max(openAt, from)) / (end - openAt);
    let total = Number.isNaN(this.formingAt) ? 0 : this.volume * (this.formingEnd > from ? 1 : 0);
    for (let i = this.count - 1; i >= Math.max(0, this.count - CAPACITY); i -= 1) {
      const openAt = this.field(i, 0);
      const closeAt = barCloseAt(openAt, this.intervalMs);
      if (closeAt <= from) break;
      total += this.field(i, 5) * share(openAt, closeAt);
    }
    return total;
  }

  /** The newest candles and the forming one, as text. Closed candles are written once. */
  encode(): string {
    return `${this.encodeForming()}${this.textOfClosed()}`;
  }

  /** The forming candle alone: `encode` is this, and what `takeClosed` gave last. */
  encodeForming(): string {
    const forming = [this.formingAt, this.open, this.high, this.low, this.close, this.volume].join(' ');
    return `${this.ofBars ? 'bars' : 'prices'} ${this.intervalMs};${forming}`;
  }

  /** The newest closed candles as text; undefined where they are those of the last time. */
  takeClosed(): string | undefined {
    if (this.taken === this.count) return undefined;
    this.taken = this.count;
    return this.textOfClosed();
  }

  private textOfClosed(): string {
    if (this.encoded !== this.count) this.encodeClosed();
    return this.closedText;
  }

  private encodeClosed(): void {
    for (let i = Math.max(this.encoded, this.count - KEPT, 0); i < this.count; i += 1) {
      const candle: number[] = [];
      for (let f = 0; f < FIELDS; f += 1) candle.push(this.field(i, f));
      this.rows.push(candle.join(' '));
    }
    this.encoded = this.count;
    if (this.rows.length > KEPT) this.rows.splice(0, this.rows.length - KEPT);
    this.closedText = this.rows.map((row) => `;${row}`).join('');
  }

  /** Takes up what `encode` wrote; a history that the present interval cannot be made of is left behind. */
  restore(text: string): void {
    const [head = '', forming = '', ...rows] = text.split(';');
    const [kind, interval] = head.split(' ');
    if (kind !== 'bars' && this.intervalMs % Number(interval) !== 0) return;
    this.ofBars = kind === 'bars';
    this.intervalMs = Number(interval);
    [this.formingAt, this.open, this.high, this.low, this.close, this.volume] = numbersOf(forming);
    this.formingEnd = Number.isNaN(this.formingAt)
      ? Number.NEGATIVE_INFINITY
      : barCloseAt(this.formingAt, this.intervalMs);
    this.count = 0;
    this.encoded = 0;
    this.closedText = '';
    this.taken = Number.NaN;
    this.rows.length = 0;
    for (const row of rows) this.append(...numbersOf(row));
  }

  private finish(): void {
    if (Number.isNaN(this.formingAt)) return;
    this.append(this.formingAt, this.open, this.high, this.low, this.close, this.volume);
    this.formingAt = Number.NaN;
    this.formingEnd = Number.NEGATIVE_INFINITY;
  }

  private merge(first: number, end: number, openAt: number): Candle {
    let high = Number.NEGATIVE_INFINITY;
    let low = Number.POSITIVE_INFINITY;
    let volume = 0;
    for (let i = first; i < end; i += 1) {
      high = Math.max(high, this.field(i, 2));
      low = Math.min(low, this.field(i, 3));
      volume += this.field(i, 5);
    }
    const price = (value: number): Decimal => this.instrument.markPrice(marks(value));
    const { step } = this.instrument.spec;
    return {
      openAt,
      open: price(this.field(first, 1)),
      high: price(high),
      low: price(low),
      close: price(this.field(end - 1, 4)),
      volume: step.times(volume),
    };
  }

  private field(index: number, field: number): number {
    return this.ring[(index % CAPACITY) * FIELDS + field] ?? Number.NaN;
  }
}

type CandleNumbers = [number, number, number, number, number, number];
const numbersOf = (text: string): CandleNumbers => text.split(' ').map(Number) as CandleNumbers;
