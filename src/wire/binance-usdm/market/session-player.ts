import { BookSequence } from '../../../domain/book/book-sequence.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { DepthEvent, MarketEvent } from '../../../ports/venue/market-event.js';
import type { WireMarket } from './wire-market.js';

/** What was received, and when by the recorder's clock, in epoch milliseconds. */
export interface PlayedEvent {
  readonly receivedAt: number;
  readonly event: MarketEvent;
}

/**
 * Plays a recorded session into a market as if it happened now: each event as long after the first snapshot of the book
 * as it was received after it, with the venue's stamps moved to the time of now. The updates of the book keep the
 * recording's numbers. What came before the snapshot is not played, save diffs that reach behind it. Where the
 * recording has a hole the book stands still until its next snapshot.
 */
export class SessionPlayer {
  /** Resolves when the recording is at its end. */
  readonly ended: Promise<void>;
  private end: () => void = () => undefined;
  private cancel = (): void => undefined;
  private readonly sequence = new BookSequence();
  private isTrusted = false;
  private hasMarks = false;
  private next: PlayedEvent | undefined;
  /** From the recorder's clock to ours, and from the venue's. */
  private lateBy = 0;
  private stampsLateBy = 0;

  constructor(
    private readonly market: WireMarket,
    private readonly events: Iterator<PlayedEvent>,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
  ) {
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  /** The book stands when it returns. */
  start(): void {
    const before: DepthEvent[] = [];
    for (let played = this.read(); played !== undefined; played = this.read()) {
      const { event, receivedAt } = played;
      if (event.kind !== 'depth') continue;
      if (event.type === 'change') {
        before.push(event);
        continue;
      }
      const now = this.clock.now();
      this.lateBy = now - receivedAt;
      this.stampsLateBy = now - event.at;
      this.depth(event, now);
      for (const each of before) this.depth(each, now);
      break;
    }
    this.next = this.read();
    this.plan();
  }

  stop(): void {
    this.cancel();
  }

  private plan(): void {
    const { next, clock } = this;
    if (next === undefined) this.end();
    else this.cancel = this.scheduler.after(Math.max(0, next.receivedAt + this.lateBy - clock.now()), this.step);
  }

  private readonly step = (): void => {
    const now = this.clock.now();
    for (; this.next !== undefined && this.next.receivedAt + this.lateBy <= now; this.next = this.read())
      this.play(this.next.event);
    this.plan();
  };

  private play(event: MarketEvent): void {
    const { market } = this;
    const at = event.at + this.stampsLateBy;
    if (event.kind === 'depth') this.depth(event, at);
    else if (event.kind === 'trade') market.trade(event.price, event.size, at, event.side);
    else if (event.kind === 'mark') {
      this.hasMarks ||= event.mark !== undefined;
      market.value(event.mark, event.index, at);
      const { fundingRate, nextFundingAt } = event;
      if (fundingRate !== undefined)
        market.funding(fundingRate, nextFundingAt === undefined ? undefined : nextFundingAt + this.stampsLateBy);
    }
  }

  private depth({ type, bids, asks, sequence }: DepthEvent, at: number): void {
    const { market } = this;
    if (type === 'snapshot') {
      if (this.isTrusted) return;
      this.sequence.begin(sequence?.last);
      this.isTrusted = true;
      market.show(bids, asks, at, sequence?.last);
    } else if (this.isTrusted) {
      const fit = this.sequence.take(sequence);
      this.isTrusted = fit !== 'gap';
      if (fit === 'next') market.update(bids, asks, at, Math.max(market.updateId, sequence?.last ?? 0));
    }
    // A recording without marks is valued as the exchange inside does it.
    if (!this.hasMarks) market.value(market.middle(), undefined, at);
  }

  private read(): PlayedEvent | undefined {
    const result = this.events.next();
    return result.done === true ? undefined : result.value;
  }
}
