/** Types that are counted each by itself: a venue in disorder may name any number of them. */
const MOST_TYPES = 50;
const LONGEST_TYPE = 60;
const LONGEST_SAMPLE = 300;
const OTHERS = 'others';

/** Messages of a venue that nobody here knows what to make of: counted by type, each type told of once. */
export class UnknownEvents {
  private readonly counts = new Map<string, number>();

  /** `tell` hears of a type the first time, with a message of it. */
  constructor(private readonly tell: (type: string, sample: string) => void) {}

  get byType(): ReadonlyMap<string, number> {
    return this.counts;
  }

  take(type: string, text: string): void {
    const short = type.slice(0, LONGEST_TYPE);
    const known = this.counts.has(short) || this.counts.size < MOST_TYPES ? short : OTHERS;
    const count = this.counts.get(known) ?? 0;
    this.counts.set(known, count + 1);
    if (count === 0) this.tell(known, text.slice(0, LONGEST_SAMPLE));
  }
}
