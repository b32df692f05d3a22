import type { Clock } from '../../../ports/configuration/clock.js';

/** Trades that say nothing for so long: the venue is asked whether there were any. */
const QUIET_MS = 60_000;

export interface TradeWatchPorts {
  readonly clock: Pick<Clock, 'now'>;
  /** Asks the venue for the number of its newest trade; undefined where there was none yet. */
  readonly newest: () => Promise<number | undefined>;
  /** Trades of these numbers were not heard. */
  readonly missing: (first: number, last: number) => void;
  readonly silent: () => void;
}

/** Numbers of the trades that were heard last, by symbol: those of a stream and of the one after it are one row. */
export type LastTrades = Map<string, number>;

/** The trades of one symbol by their numbers: each once, what is missing is named, and silence is looked into. */
export class TradeWatch {
  private last = Number.NaN;
  private heardAt: number;
  /** Newest trade that the venue has told when it was asked; NaN: it was not. */
  private told = Number.NaN;

  constructor(
    private readonly symbol: string,
    private readonly lastTrades: LastTrades,
    private readonly ports: TradeWatchPorts,
  ) {
    this.heardAt = ports.clock.now();
  }

  /** Whether the trade is to be told: it is none of before. */
  take(id: number): boolean {
    this.heardAt = this.ports.clock.now();
    if (id <= this.last) return false;
    const before = Number.isNaN(this.last) ? this.known : this.last;
    this.last = id;
    this.lastTrades.set(this.symbol, id);
    if (id > before + 1) this.ports.missing(before + 1, id - 1);
    return true;
  }

  /** A stream that is silent and a market in which nobody trades look the same, but not to the venue. */
  look(): void {
    const now = this.ports.clock.now();
    if (this.told > this.known) this.ports.silent();
    else if (now - this.heardAt > QUIET_MS) {
      this.heardAt = now;
      // Who does not answer is asked again after as long.
      void this.ports.newest().then(this.answered, () => undefined);
    }
  }

  private readonly answered = (newest: number | undefined): void => {
    if (newest === undefined) return;
    this.told = newest;
    // Where none was ever heard, those after it are the first that can be missed.
    if (Number.isNaN(this.known)) this.lastTrades.set(this.symbol, newest);
  };

  private get known(): number {
    return this.lastTrades.get(this.symbol) ?? Number.NaN;
  }
}
