/**
 * How a message of a book fits to the one before it: by identity (`previous` is the `last` of that one), by counting
 * (`first` follows it), or, with `last` alone, only by not going back.
 */
export interface DepthSequence {
  readonly last: number;
  readonly first?: number;
  readonly previous?: number;
}

/** It follows what is known, says what is known already, or follows something that never came. */
export type SequenceFit = 'next' | 'old' | 'gap';

/**
 * Which messages of a book build on each other. Source: Binance, "How to manage a local order book correctly": on
 * derivatives each message names the last update of the one before; on spot it begins where that one ended. The first
 * one after a snapshot may reach back behind it: levels are absolute, so what is told twice does no harm.
 */
export class BookSequence {
  /** Last update known; NaN where the venue numbers none. */
  private last = Number.NaN;
  private isNew = true;

  /** What is known is a snapshot, up to its update `last`. */
  begin(last: number | undefined): void {
    this.last = last ?? Number.NaN;
    this.isNew = true;
  }

  /** Last update known; NaN where the venue numbers none. */
  get known(): number {
    return this.last;
  }

  /** Takes one that is next; the others change nothing. */
  take(sequence: DepthSequence | undefined): SequenceFit {
    const fit = this.fitOf(sequence);
    if (fit !== 'next') return fit;
    this.last = sequence?.last ?? Number.NaN;
    this.isNew = false;
    return fit;
  }

  private fitOf(sequence: DepthSequence | undefined): SequenceFit {
    const { last, isNew } = this;
    if (sequence === undefined || Number.isNaN(last)) return 'next';
    const { first, previous } = sequence;
    if (previous === last) return 'next';
    // The first one that reaches the snapshot: its end may be that of the snapshot.
    if (isNew && previous !== undefined && previous < last && sequence.last >= last) return 'next';
    if (sequence.last <= last) return 'old';
    if (previous !== undefined) return 'gap';
    return first === undefined || first <= last + 1 ? 'next' : 'gap';
  }
}
