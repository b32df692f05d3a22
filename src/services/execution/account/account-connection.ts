import { messageOf } from '../../../domain/errors.js';
import type { AccountEvent } from '../../../ports/venue/account-event.js';
import type { AccountAccess } from '../../../ports/venue/account-access.js';
import type { Subscription } from '../../../ports/venue/subscription.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import { askUnlessHeld } from '../../../flow/left-alone.js';
import { withDeadline } from '../../../flow/deadline.js';
import type { RequestBudget, RequestKind } from '../../../ports/core-services/request-budget.js';
import { Retry } from '../../../flow/retry.js';
import { endOf, openInTime, shut } from '../../../flow/stream-end.js';
import { Attempts } from '../../../flow/attempts.js';

export interface ConnectionPorts {
  readonly account: AccountAccess;
  readonly config: ConfigController;
  readonly pending: PendingWork;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly accept: (event: AccountEvent) => void;
  readonly backfill: () => Promise<number>;
  /** True while fills are known to be missing. */
  readonly isShort: () => boolean;
  /** A position is open, or an order that may have opened one. */
  readonly isAtStake: () => boolean;
  /** What was lost has been fetched, as far as fills go. */
  readonly recovered: () => void;
  readonly budget: RequestBudget;
}

/** An opening, and what is asked for after it: fills, payments, transfers. */
const REQUESTS = 4;

/** A notice after this long without one is answered at once. */
const CALM_MS = 15_000;

/** Between two openings, at most. */
const LONGEST_OPENING_MS = 15_000;
/** What was missed is asked for without waiting longer for a stream. */
const OPENING_MS = 1_000;

/** Keeps the account stream open, and fetches what a gap or an interruption may have swallowed until that succeeds. */
export class AccountConnection {
  private readonly retry: Retry;
  /** A stream that ends after each opening is opened ever more rarely, and the venue is asked meanwhile. */
  private readonly openings: Attempts;
  private subscription: Subscription | undefined;
  private signal: AbortSignal | undefined;
  /** Events may be missing until they have been fetched. */
  private gap = false;
  /** An opening is under way: whatever is asked for meanwhile waits for it. */
  private opening = false;
  private recoveredAt = Number.NEGATIVE_INFINITY;
  /** Grows with every opening: what an older stream still delivers is not listened to. */
  private generation = 0;

  constructor(private readonly ports: ConnectionPorts) {
    this.retry = new Retry(
      ports.scheduler,
      ports.pending,
      () => this.recover(),
      ports.clock,
      ports.isAtStake,
      () => this.rateMs(),
    );
    this.openings = new Attempts(ports, 0, LONGEST_OPENING_MS);
  }

  get isOpen(): boolean {
    return this.subscription !== undefined;
  }

  async open(signal: AbortSignal): Promise<void> {
    this.signal = signal;
    this.retry.resume();
    await this.connect(signal);
  }

  close(): void {
    this.generation += 1;
    this.signal = undefined;
    this.retry.stop();
    this.opening = false;
    shut(this.subscription, this.ports.logger);
    this.subscription = undefined;
  }

  /** Something may be missing: fetched at once when that is rare, else after a growing pause, until it works. */
  interrupted(): void {
    this.gap = true;
    const now = this.ports.clock.now();
    if (this.opening || this.rateMs() > 0 || !this.retry.isCalm || Math.abs(now - this.recoveredAt) < CALM_MS) {
      this.retry.request();
      return;
    }
    this.recoveredAt = now;
    this.ports.pending.track(
      this.recover().then((done) => {
        if (!done) this.retry.request();
      }),
    );
  }

  /** Looks soon whether fills are still missing. */
  expectFills(): void {
    this.retry.request();
  }

  private rateMs(): number {
    const now = this.ports.clock.now();
    const { budget } = this.ports;
    return Math.max(budget.freeAt(this.kind, now, REQUESTS), budget.heldUntil(now) ?? now) - now;
  }

  /** What may leave a position bare has the part that is kept for protection, and is charged to it. */
  private get kind(): RequestKind {
    return this.ports.isAtStake() ? 'protection' : 'query';
  }

  private async connect(signal: AbortSignal): Promise<void> {
    this.generation += 1;
    const { generation } = this;
    const subscription = await this.openOnce(generation, signal);
    if (generation !== this.generation) {
      shut(subscription, this.ports.logger);
      return;
    }
    this.subscription = subscription;
    this.openings.held();
    void endOf(subscription).then((failure) => {
      if (generation !== this.generation || signal.aborted) return;
      this.ports.logger.warn('The account stream ended and is opened again', { failure });
      this.subscription = undefined;
      this.gap = true;
      this.openings.ended();
      this.retry.request();
    });
  }

  private async openOnce(generation: number, signal: AbortSignal): Promise<Subscription> {
    this.opening = true;
    this.openings.sent();
    this.ports.budget.sent(this.kind, this.ports.clock.now());
    try {
      const { account } = this.ports;
      const accept = (event: AccountEvent): void => {
        if (generation === this.generation) this.ports.accept(event);
      };
      const open = (): Promise<Subscription> => askUnlessHeld(() => account.openAccount(accept, signal), this.ports);
      return await openInTime(open, signal, this.ports);
    } finally {
      // Another opening's, when the stream was closed and opened again meanwhile.
      if (generation === this.generation) this.opening = false;
    }
  }

  /** A gap that opens while an earlier one is being fetched stays one: what is being fetched may not reach into it. */
  private async fetch(): Promise<void> {
    const hadGap = this.gap || !this.isOpen;
    this.gap = false;
    try {
      await this.ports.backfill();
      if (hadGap) this.ports.recovered();
    } catch (error) {
      this.gap = true;
      throw error;
    }
  }

  /** True when the stream is open and nothing is missing any more. */
  private async recover(): Promise<boolean> {
    const { signal } = this;
    if (signal === undefined || signal.aborted) return true;
    if (!this.isOpen) await this.reopen(signal);
    try {
      if (this.gap || !this.isOpen || this.ports.isShort()) await this.fetch();
      return this.isOpen && !this.gap && !this.ports.isShort();
    } catch (error) {
      this.ports.budget.heed(error, this.ports.clock.now());
      this.ports.logger.warn('Account events could not be fetched', { error: messageOf(error) });
      return false;
    }
  }

  /** Whether or not the stream opens, what happened meanwhile can be asked for. */
  private async reopen(signal: AbortSignal): Promise<void> {
    const { scheduler, clock } = this.ports;
    if (this.opening || clock.now() < this.openings.nextAt()) return;
    await withDeadline(this.tryToConnect(signal), { scheduler, limitMs: OPENING_MS, late: () => undefined });
  }

  /** Never rejects. */
  private async tryToConnect(signal: AbortSignal): Promise<void> {
    try {
      await this.connect(signal);
      this.gap = true;
    } catch (error) {
      this.openings.ended();
      this.ports.logger.warn('The account stream could not be opened', { error: messageOf(error) });
    }
  }
}
