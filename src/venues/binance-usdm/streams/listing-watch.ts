import { messageOf } from '../../../domain/errors.js';
import { MINUTE_MS } from '../../../domain/time-spans.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { InstrumentEvent } from '../../../ports/venue/market-event.js';
import type { UsdmListing } from '../instruments.js';

/** The venue streams no filters: it is asked. */
const LOOK_MS = 5 * MINUTE_MS;

export interface ListingWatchPorts {
  readonly clock: Pick<Clock, 'now'>;
  readonly scheduler: Pick<Scheduler, 'after'>;
  readonly listing: () => Promise<UsdmListing>;
  readonly tell: (event: InstrumentEvent) => void;
  /** What the venue says of it cannot be known. */
  readonly doubt: (symbol: string | undefined, why: string) => void;
}

/** Tells the terms of what is followed: once, and whenever they have become others. */
export class ListingWatch {
  private readonly told = new Map<string, string>();
  private cancel: (() => void) | undefined;
  private isOver = false;

  constructor(
    private readonly ports: ListingWatchPorts,
    private readonly symbols: readonly string[],
  ) {}

  begin(): void {
    if (!this.isOver) this.cancel = this.ports.scheduler.after(LOOK_MS, () => void this.look());
  }

  end(): void {
    this.isOver = true;
    this.cancel?.();
  }

  private async look(): Promise<void> {
    try {
      const listing = await this.ports.listing();
      for (const symbol of this.symbols) if (!this.isOver) this.compare(symbol, listing);
    } catch (error) {
      if (!this.isOver) this.ports.doubt(undefined, messageOf(error));
    }
    this.begin();
  }

  private compare(symbol: string, { specs, unread }: UsdmListing): void {
    const why = unread.get(symbol);
    if (why !== undefined) {
      this.ports.doubt(symbol, why);
      return;
    }
    const spec = specs.find((each) => each.symbol === symbol);
    const terms = JSON.stringify(spec) ?? '';
    if (this.told.get(symbol) === terms) return;
    this.told.set(symbol, terms);
    const at = this.ports.clock.now();
    // What is listed no more is traded no more.
    this.ports.tell({
      kind: 'instrument',
      symbol,
      ...(spec === undefined ? { status: 'closed' } : { status: spec.status ?? 'trading', spec }),
      at,
    });
  }
}
