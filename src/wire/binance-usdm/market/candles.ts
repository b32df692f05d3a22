import { Decimal, ZERO } from '../../../domain/decimal.js';
import type { Candle } from '../../../domain/market.js';
import { barCloseAt, barOpenAt, MINUTE_MS } from '../../../domain/time-spans.js';

/** A week of minutes. */
const MOST = 10_080;

/** A candle as the venue tells it. Volumes in base and quote, those of takers who bought apart. */
export interface WireCandle {
  readonly openAt: number;
  /** Nothing has happened in it: its prices are that of before. */
  isQuiet: boolean;
  open: Decimal;
  high: Decimal;
  low: Decimal;
  close: Decimal;
  volume: Decimal;
  value: Decimal;
  bought: Decimal;
  boughtValue: Decimal;
  trades: number;
  firstTrade: number;
  lastTrade: number;
}

const begun = (openAt: number, price: Decimal, isQuiet = false): WireCandle => ({
  openAt,
  isQuiet,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: ZERO,
  value: ZERO,
  bought: ZERO,
  boughtValue: ZERO,
  trades: 0,
  firstTrade: -1,
  lastTrade: -1,
});

/** Minutes made of trades, or of one price that moves; a minute in which nothing happened has the price of before. */
export class Candles {
  private readonly minutes: WireCandle[] = [];

  /** What was before anybody looked. Whose side took is not known of it: half is told. */
  seed(history: readonly Candle[]): void {
    for (const { openAt, open, high, low, close, volume } of history) {
      const value = volume.times(high.plus(low).div(2));
      this.minutes.push({
        ...begun(openAt, open),
        high,
        low,
        close,
        volume,
        value,
        bought: volume.div(2),
        boughtValue: value.div(2),
      });
    }
  }

  price(price: Decimal, at: number): WireCandle {
    this.passTo(at);
    const openAt = barOpenAt(at, MINUTE_MS);
    let last = this.minutes.at(-1);
    if (last === undefined || last.openAt < openAt) this.minutes.push((last = begun(openAt, price)));
    else if (last.isQuiet) Object.assign(last, begun(openAt, price));
    last.high = Decimal.max(last.high, price);
    last.low = Decimal.min(last.low, price);
    last.close = price;
    return last;
  }

  trade(price: Decimal, size: Decimal, at: number, id: number, isBuyerMaker: boolean): void {
    const minute = this.price(price, at);
    const value = price.times(size);
    minute.volume = minute.volume.plus(size);
    minute.value = minute.value.plus(value);
    if (!isBuyerMaker) {
      minute.bought = minute.bought.plus(size);
      minute.boughtValue = minute.boughtValue.plus(value);
    }
    minute.trades += 1;
    if (minute.firstTrade < 0) minute.firstTrade = id;
    minute.lastTrade = id;
  }

  /** Oldest first, the one that is not closed yet at the end. */
  of(intervalMs: number, now: number): WireCandle[] {
    this.passTo(now);
    const candles: WireCandle[] = [];
    for (const minute of this.minutes) {
      const openAt = barOpenAt(minute.openAt, intervalMs);
      const last = candles.at(-1);
      if (last?.openAt === openAt) join(last, minute);
      else candles.push({ ...minute, openAt });
    }
    return candles;
  }

  /** The candle that begins at `openAt`, as far as it has come; undefined where nothing is known of it. */
  at(openAt: number, intervalMs: number, now: number): WireCandle | undefined {
    this.passTo(now);
    const closeAt = barCloseAt(openAt, intervalMs);
    let candle: WireCandle | undefined;
    for (let i = this.minutes.findLastIndex((each) => each.openAt < openAt) + 1; i < this.minutes.length; i += 1) {
      const minute = this.minutes[i] as WireCandle;
      if (minute.openAt >= closeAt) break;
      if (candle === undefined) candle = { ...minute, openAt };
      else join(candle, minute);
    }
    return candle;
  }

  private passTo(at: number): void {
    const newest = this.minutes.at(-1);
    // Nobody asks for more than is kept.
    if (newest !== undefined && at - newest.openAt > MOST * MINUTE_MS)
      this.minutes.splice(
        0,
        this.minutes.length,
        begun(barOpenAt(at, MINUTE_MS) - MOST * MINUTE_MS, newest.close, true),
      );
    for (let last = this.minutes.at(-1); last !== undefined; last = this.minutes.at(-1)) {
      const next = barCloseAt(last.openAt, MINUTE_MS);
      if (next > at) break;
      this.minutes.push(begun(next, last.close, true));
    }
    if (this.minutes.length > MOST) this.minutes.splice(0, this.minutes.length - MOST);
  }
}

function join(to: WireCandle, minute: WireCandle): void {
  if (minute.isQuiet) return;
  if (to.isQuiet) {
    Object.assign(to, minute, { openAt: to.openAt });
    return;
  }
  to.high = Decimal.max(to.high, minute.high);
  to.low = Decimal.min(to.low, minute.low);
  to.close = minute.close;
  to.volume = to.volume.plus(minute.volume);
  to.value = to.value.plus(minute.value);
  to.bought = to.bought.plus(minute.bought);
  to.boughtValue = to.boughtValue.plus(minute.boughtValue);
  to.trades += minute.trades;
  if (to.firstTrade < 0) to.firstTrade = minute.firstTrade;
  if (minute.lastTrade >= 0) to.lastTrade = minute.lastTrade;
}
