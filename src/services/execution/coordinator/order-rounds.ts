import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { AccountStream } from '../../../ports/core-services/execution.js';

/** Between the beginnings of two looks, at least: a stream that comes and goes does not use up what may be asked. */
const LEAST_MS = 15_000;

interface RoundPorts {
  readonly look: () => Promise<void>;
  /** From the end of a look to the next; asked before every wait. */
  readonly intervalMs: () => number;
  readonly stream: Pick<AccountStream, 'onRecovered'>;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  /** The next look comes all the same. */
  readonly failed: (error: unknown) => void;
}

/**
 * Looks at the venue's orders again and again, and at once when the account stream has come back: an order that ended
 * meanwhile is known as soon as the fills of that time are.
 */
export class OrderRounds {
  private begunAt = Number.NEGATIVE_INFINITY;
  private isDue = false;
  private wake: (() => void) | undefined;

  constructor(private readonly ports: RoundPorts) {}

  /** The first look at once. */
  async run(signal: AbortSignal): Promise<void> {
    const { stream, failed } = this.ports;
    const leave = stream.onRecovered?.(() => this.soon());
    try {
      while (!signal.aborted) {
        this.isDue = false;
        this.begunAt = this.ports.clock.now();
        try {
          await this.ports.look();
        } catch (error) {
          failed(error);
        }
        await this.wait(signal);
      }
    } finally {
      leave?.();
    }
  }

  /** What has changed while a look was under way may have been missed by it. */
  private soon(): void {
    this.isDue = true;
    this.wake?.();
  }

  private async wait(signal: AbortSignal): Promise<void> {
    const { clock } = this.ports;
    const until = clock.now() + this.ports.intervalMs();
    if (!this.isDue) await this.sleep(until - clock.now(), signal);
    if (this.isDue) await this.sleep(Math.min(until, this.begunAt + LEAST_MS) - clock.now(), signal);
  }

  private async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (!(ms > 0) || signal.aborted) return;
    const over = new AbortController();
    const end = (): void => over.abort();
    if (!this.isDue) this.wake = end;
    signal.addEventListener('abort', end, { once: true });
    try {
      await this.ports.scheduler.sleep(ms, over.signal);
    } finally {
      this.wake = undefined;
      signal.removeEventListener('abort', end);
    }
  }
}
