import { readInstrumentEvent, readMarkEvent } from '../../border/market-events.js';
import { messageOf } from '../../domain/errors.js';
import type { BookEvent, InstrumentEvent, MarkEvent, TradeEvent } from '../../ports/venue/market-event.js';
import type { StreamNotice } from '../../ports/venue/stream-notice.js';
import type { Clock } from '../../ports/configuration/clock.js';
import type { EventStore, Payload } from '../../ports/storage/event-store.js';
import type { ProductCatalogue } from '../../ports/core-services/product-catalogue.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { MarketData } from '../../ports/market-data/market-data.js';
import type { MarketMonitor } from '../../ports/market-services/market-monitor.js';
import type { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { MarkWindow } from '../../ports/runtime-state/window-store.js';
import { Throttle, Throttles } from '../../flow/throttle.js';
import { priceOfEvent, toldBy } from './event-price.js';

/** Turns stream events into marks, with their bookkeeping and records. Nothing it is given can throw out of it. */
export class MarkIntake {
  /** Marks accepted since the service was made. */
  accepted = 0;
  /** Events left out because a newer mark was there already. */
  stale = 0;
  private readonly samples = new Throttles();
  private readonly errors = new Throttle();

  constructor(
    private readonly config: ConfigController,
    private readonly marketData: MarketData,
    private readonly catalogue: Pick<ProductCatalogue, 'change'>,
    private readonly events: EventStore,
    private readonly monitor: MarketMonitor,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** True for a symbol whose marks have a place to go. */
  knows(symbol: string): boolean {
    return this.marketData.windows.find(symbol) !== undefined;
  }

  /**
   * Symbols without a window are nobody's: ignored. An event that cannot be read is recorded, and the stream goes on.
   */
  take(event: BookEvent | TradeEvent): void {
    try {
      const window = this.marketData.windows.find(event.symbol);
      if (window === undefined) return;
      const now = this.clock.now();
      // A venue clock that runs ahead, or none, must not make a mark look fresh for longer than it is.
      const at = event.at <= now ? event.at : now;
      this.marketData.acceptPrices(event.symbol, toldBy(event), at);
      const price = priceOfEvent(event);
      if (price === undefined) return;
      // As a poll's: appending it would reorder the window, and stops would fire at a price that is gone.
      if (window.lastAt !== undefined && at < window.lastAt) {
        this.stale += 1;
        return;
      }
      const mark = window.instrument.toMarks(price);
      this.marketData.acceptMark(event.symbol, mark, at);
      this.accepted += 1;
      this.keepBooks(window, at, now);
    } catch (error) {
      this.failSampled(messageOf(error));
    }
  }

  /** The venue's own prices beside the mark of the window: they value and measure, and move no window. */
  tell(event: MarkEvent): void {
    try {
      if (!this.knows(event.symbol)) return;
      const now = this.clock.now();
      const told = readMarkEvent(event, now);
      this.marketData.acceptPrices(event.symbol, told, Math.min(told.at, now));
    } catch (error) {
      this.failSampled(messageOf(error));
    }
  }

  /** An instrument has changed: as if the venue had been asked for its products now. */
  change(event: InstrumentEvent): void {
    try {
      this.catalogue.change?.(readInstrumentEvent(event, this.clock.now()));
    } catch (error) {
      this.failSampled(messageOf(error));
    }
  }

  /** Nothing known of this symbol is believed until something newer comes. */
  doubt(symbol: string): void {
    this.marketData.distrust([symbol]);
  }

  /** Whatever the news is, something may have been missed: of its symbol, else of all that the stream carries. */
  notice(notice: StreamNotice, carried: readonly string[]): void {
    this.marketData.distrust(notice.symbol === undefined ? carried : [notice.symbol]);
    if (notice.kind === 'reconnected')
      this.logger.info('Market stream reconnected', { symbol: notice.symbol, message: notice.message });
    else this.fail(notice.message);
  }

  /** Logs and records that something went wrong with the stream. */
  fail(message: string): void {
    this.logger.error('Market stream error', { message });
    this.record('ws_stream_error', { message });
  }

  /** A journal that refuses is the journal's alarm, not a reason to lose marks. */
  record(type: string, payload: Payload): void {
    try {
      this.events.append(type, payload);
    } catch (error) {
      this.logger.error('Stream record not written', { type, error: messageOf(error) });
    }
  }

  /** One block: whatever fails here is logged and costs nothing but itself. */
  private keepBooks(window: MarkWindow, at: number, now: number): void {
    const { symbol } = window.instrument;
    try {
      this.monitor.recordUpdate(symbol, 'stream', at);
      if (!this.isDue(symbol, now) || window.last === undefined) return;
      this.events.append('ws_mark_update', { symbol, mark: window.instrument.markPrice(window.last).toString() });
    } catch (error) {
      this.logger.error('Stream bookkeeping failed', { symbol, error: messageOf(error) });
    }
  }

  private isDue(symbol: string, now: number): boolean {
    return this.samples.pass(symbol, 'mark', now, this.config.current.streaming.journalSampleMs) !== undefined;
  }

  /** A venue that sends nothing but unreadable events must not fill the journal with it. */
  private failSampled(message: string): void {
    const { journalSampleMs } = this.config.current.streaming;
    if (this.errors.pass(this.clock.now(), journalSampleMs) !== undefined) this.fail(message);
  }
}
