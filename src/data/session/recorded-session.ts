import { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import type { BookLevel } from '../../domain/market.js';
import type { MarketEvent } from '../../ports/venue/market-event.js';
import { parseFrame, type Levels, type SessionFrame } from './frames.js';
import { sessionLines } from './session-lines.js';

/** Nanoseconds since the epoch, in front of a line. */
const RECEIVED = /^(\d{1,20}) \{/;
const NANO_DIGITS = 6;

/** What a session tells, when it was received. */
export interface SessionEvent {
  /** Epoch milliseconds of the recorder's clock; it may be another than the venue's. */
  readonly receivedAt: number;
  readonly event: MarketEvent;
}

/** A raw session of one symbol, to be played again. */
export class RecordedSession {
  private readonly lines: readonly string[];
  /** Name of the symbol on the wire. */
  readonly symbol: string;
  /** Finest price and size that the session names. */
  readonly tick: Decimal;
  readonly step: Decimal;

  /** Throws DATA-003 for a line that is no frame, DATA-006 without a snapshot of the book and where symbols differ. */
  constructor(
    bytes: Uint8Array,
    private readonly file: string,
    symbol?: string,
  ) {
    this.lines = [...sessionLines(bytes, file)];
    const found = new Set<string>();
    const [prices, sizes] = [new Digits(), new Digits()];
    let snapshots = 0;
    for (const frame of this.frames()) {
      if ('symbol' in frame) found.add(frame.symbol);
      if (frame.kind === 'snapshot') snapshots += 1;
      if (frame.kind === 'trade') {
        prices.see(frame.price);
        sizes.see(frame.size);
      } else if (frame.kind === 'snapshot' || frame.kind === 'diff')
        for (const [price, size] of [...frame.bids, ...frame.asks]) {
          prices.see(price);
          sizes.see(size);
        }
    }
    const [only] = found;
    if (only === undefined || snapshots === 0 || found.size > 1 || (symbol ?? only) !== only)
      throw fault(
        'DATA-006',
        `${file} must be a session of ${symbol ?? 'one symbol'} with a snapshot of its book, was of ${[...found].join(', ') || 'none'} with ${snapshots} snapshots.`,
        { where: file },
      );
    this.symbol = only;
    this.tick = prices.finest;
    this.step = sizes.finest;
  }

  /** From the beginning, in the order in which it was received. */
  *events(): Generator<SessionEvent> {
    let line = 0;
    for (const text of this.lines) {
      line += 1;
      const nanos = RECEIVED.exec(text)?.[1];
      if (nanos === undefined) continue;
      // Nanoseconds are beyond what a number holds exactly.
      const receivedAt = Number(nanos.slice(0, -NANO_DIGITS));
      const frame = parseFrame(text, `${this.file}:${line}`);
      const event = eventOf(frame, this.symbol, frame.at ?? receivedAt);
      if (event !== undefined) yield { receivedAt, event };
    }
  }

  private *frames(): Generator<SessionFrame> {
    let line = 0;
    for (const text of this.lines) {
      line += 1;
      if (RECEIVED.test(text)) yield parseFrame(text, `${this.file}:${line}`);
      else if (text !== '')
        throw fault('DATA-003', 'A line of a session that is played must begin with its time in nanoseconds.', {
          where: `${this.file}:${line}`,
        });
    }
  }
}

/** The most digits behind the point that mean something. */
class Digits {
  private most = 0;

  see(text: string): void {
    const [, fraction = ''] = text.split('.');
    const digits = fraction.replace(/0+$/, '').length;
    if (digits > this.most) this.most = digits;
  }

  get finest(): Decimal {
    return new Decimal(10).pow(-this.most);
  }
}

/** Best prices repeat what the book tells. */
function eventOf(frame: SessionFrame, symbol: string, at: number): MarketEvent | undefined {
  switch (frame.kind) {
    case 'snapshot':
      return {
        kind: 'depth',
        symbol,
        type: 'snapshot',
        bids: levelsOf(frame.bids),
        asks: levelsOf(frame.asks),
        sequence: { last: frame.lastUpdateId },
        at,
      };
    case 'diff':
      return {
        kind: 'depth',
        symbol,
        type: 'change',
        bids: levelsOf(frame.bids),
        asks: levelsOf(frame.asks),
        sequence: {
          first: frame.first,
          last: frame.last,
          ...(frame.previous !== undefined && { previous: frame.previous }),
        },
        at,
      };
    case 'trade': {
      const [price, size] = [new Decimal(frame.price), new Decimal(frame.size)];
      // The venue tells movements of its own funds as trades of nothing.
      return price.isZero() || size.isZero()
        ? undefined
        : { kind: 'trade', symbol, price, size, side: frame.isBuyerMaker ? 'sell' : 'buy', at };
    }
    case 'mark':
      return {
        kind: 'mark',
        symbol,
        ...(frame.mark !== undefined && { mark: new Decimal(frame.mark) }),
        ...(frame.index !== undefined && { index: new Decimal(frame.index) }),
        ...(frame.fundingRate !== undefined && { fundingRate: new Decimal(frame.fundingRate) }),
        ...(frame.nextFundingAt !== undefined && { nextFundingAt: frame.nextFundingAt }),
        at,
      };
    default:
      return undefined;
  }
}

const levelsOf = (levels: Levels): BookLevel[] =>
  levels.map(([price, size]) => ({ price: new Decimal(price), size: new Decimal(size) }));
