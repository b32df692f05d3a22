import { messageOf } from '../../domain/errors.js';
import { backoffMs } from '../../flow/backoff.js';
import { withDeadline } from '../../flow/deadline.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { ExecutionEngine, OrderLog, Spares } from '../../ports/core-services/execution.js';
import { UNASKED_ORDERS, type WithdrawalReport } from '../../ports/core-services/operator-control.js';
import type { Logger } from '../../ports/configuration/logger.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** A round that hangs longer than this is begun again: an answer that is still missing is no confirmation. */
const ROUND_MS = 30_000;

export interface WithdrawalPorts {
  readonly engine: Pick<ExecutionEngine, 'cancelAll'>;
  readonly log: Pick<OrderLog, 'open'>;
  /** Host time: a person waits, whatever the time of the world does. */
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

/**
 * Withdraws orders until the venue has confirmed that none is left, and says "done" only then. It never gives up by
 * itself: a venue that does not answer may hold every one of them.
 */
export class Withdrawal {
  private readonly abort = new AbortController();
  private readonly cancelled = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private mayBeLive: readonly string[];
  /** Of these our own log said so when the venue was asked last. */
  private wereOpen: ReadonlySet<string>;
  private rounds = 0;
  private isDone = false;

  constructor(
    private readonly ports: WithdrawalPorts,
    private readonly reason: string,
    readonly spares: Spares,
  ) {
    this.mayBeLive = this.open();
    this.wereOpen = new Set(this.mayBeLive);
  }

  get report(): WithdrawalReport {
    return {
      done: this.isDone,
      cancelled: [...this.cancelled],
      mayBeLive: this.isDone ? [] : this.stillLive(),
      rounds: this.rounds,
    };
  }

  get isOver(): boolean {
    return this.isDone || this.abort.signal.aborted;
  }

  begin(): this {
    void this.run();
    return this;
  }

  /** Nobody wants it any more, or a wider one takes over. */
  end(): void {
    this.abort.abort();
    this.tell();
  }

  /** Settles with the confirmation, with the end, or after `withinMs` of the host's time; tells of each round. */
  async settled(withinMs: number, progress?: (report: WithdrawalReport) => void): Promise<WithdrawalReport> {
    if (!this.isOver) {
      await new Promise<void>((resolve) => {
        const finish = (): void => {
          cancel();
          this.listeners.delete(heard);
          resolve();
        };
        const heard = (): void => {
          progress?.(this.report);
          if (this.isOver) finish();
        };
        const cancel = this.ports.scheduler.after(withinMs, finish);
        this.listeners.add(heard);
      });
    }
    return this.report;
  }

  private async run(): Promise<void> {
    const { scheduler, logger } = this.ports;
    while (!this.isOver) {
      await this.round();
      this.tell();
      if (this.isOver) return;
      if (this.mayBeLive.length > 0)
        logger.error('Orders may still be live', { orders: this.mayBeLive, reason: this.reason });
      // The second look follows at once: it is the confirmation, where all is well.
      if (this.rounds > 1)
        await scheduler.sleep(backoffMs(this.rounds - 1, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), this.abort.signal);
    }
  }

  /**
   * One look at the venue. It confirms when it finds nothing to withdraw, neither here nor there; one that withdrew
   * something is followed by another.
   */
  private async round(): Promise<void> {
    const before = this.open();
    this.rounds += 1;
    try {
      const { scheduler, engine } = this.ports;
      const asked = engine.cancelAll(this.reason, this.spares);
      const { cancelled, unconfirmed } = await withDeadline(asked, { scheduler, limitMs: ROUND_MS });
      for (const clientId of cancelled) this.cancelled.add(clientId);
      this.wereOpen = new Set(this.open());
      const left = new Set([...unconfirmed, ...this.wereOpen]);
      this.mayBeLive = [...left];
      this.isDone = left.size + before.length + cancelled.length === 0;
    } catch (error) {
      this.ports.logger.error('Orders could not be withdrawn', { error: messageOf(error) });
      this.wereOpen = new Set(this.open());
      this.mayBeLive = [...this.wereOpen, UNASKED_ORDERS];
    }
  }

  private open(): string[] {
    return this.ports.log
      .open()
      .filter(({ request }) => !this.spares(request))
      .map(({ request }) => request.clientId);
  }

  /** What has been settled since the last look is known, however long the next one hangs. */
  private stillLive(): readonly string[] {
    const open = new Set(this.open());
    return this.mayBeLive.filter((name) => !this.wereOpen.has(name) || open.has(name));
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
