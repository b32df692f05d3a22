import type { MarketEvent } from '../../../ports/venue/market-event.js';
import type { ExchangeStore } from '../../../ports/core-services/simulated-exchange.js';
import { encodeState } from './exchange-state.js';
import type { ExchangeParts } from './venue-state.js';

/** Progress of the market alone is committed this often, in venue time. */
const MARKET_COMMIT_MS = 1000;

type Sinks = ReadonlySet<(event: MarketEvent) => void>;

/** Makes each operation whole: what it changed is committed in one transaction, and told only after that. */
export class CommitLog {
  /** Set for good once an operation was cut short or could not be committed. */
  failure: unknown = undefined;
  /** False where nothing is kept: nothing is encoded then. */
  keeping = false;
  private depth = 0;
  private telling = false;
  private nextMarketCommit = Number.NEGATIVE_INFINITY;
  private notices: { readonly sinks: Sinks; readonly event: MarketEvent }[] = [];

  constructor(
    private readonly store: ExchangeStore,
    private readonly parts: ExchangeParts,
  ) {}

  /**
   * Sound, nothing is kept, nothing is under way and nothing is to be told: what changes no order and no account need
   * not settle.
   */
  get isIdle(): boolean {
    return (
      this.failure === undefined &&
      !this.keeping &&
      this.depth === 0 &&
      !this.telling &&
      this.notices.length === 0 &&
      !this.parts.outbox.waiting
    );
  }

  /**
   * Runs one operation without settling it. One that is cut short leaves the exchange failed: its half is neither kept
   * nor told.
   */
  run<T>(work: () => T): T {
    this.enter();
    try {
      return work();
    } catch (error) {
      throw this.fail(error);
    } finally {
      this.leave();
    }
  }

  /**
   * The same without a closure, for what happens at every event: `enter`, then the work, `fail` with its error, and
   * `leave` whatever happens.
   */
  enter(): void {
    this.assertSound();
    this.depth += 1;
  }

  fail(error: unknown): Error {
    this.failure = error;
    return error as Error;
  }

  leave(): void {
    this.depth -= 1;
  }

  assertSound(): void {
    if (this.failure !== undefined) throw this.failure as Error;
  }

  /** News of the market for those who watch it, told after the account's. */
  notify(sinks: Sinks, event: MarketEvent): void {
    this.notices.push({ sinks, event });
  }

  /** Commits and tells what happened, unless it is part of something larger. */
  settle(): void {
    if (this.depth > 0) return;
    const { outbox } = this.parts;
    if (this.keeping && (outbox.dirty || this.parts.time >= this.nextMarketCommit)) this.commit();
    if (!this.telling && (outbox.waiting || this.notices.length > 0)) this.tell();
  }

  commit(): void {
    if (!this.keeping) return;
    this.assertSound();
    try {
      this.store.commit(encodeState(this.parts));
    } catch (error) {
      this.failure = error;
      throw error;
    }
    this.parts.outbox.committed();
    const { time } = this.parts;
    if (!Number.isNaN(time)) this.nextMarketCommit = Math.floor(time / MARKET_COMMIT_MS + 1) * MARKET_COMMIT_MS;
  }

  /** The account's news first; orders that a listener sends meanwhile add to them. */
  private tell(): void {
    this.telling = true;
    try {
      while (this.parts.outbox.waiting || this.notices.length > 0) {
        this.parts.outbox.deliver();
        const notices = this.notices;
        this.notices = [];
        for (const { sinks, event } of notices) for (const sink of sinks) sink(event);
      }
    } finally {
      this.telling = false;
    }
  }
}
