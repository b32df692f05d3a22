import { messageOf } from '../../../domain/errors.js';
import type { Order } from '../../../domain/order.js';
import { isKnown, isSettled } from '../../../domain/order-state.js';
import { Retry } from '../../../flow/retry.js';
import type { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import type { RequestKind } from '../../../ports/core-services/request-budget.js';
import type { IntentRegister } from './intent-register.js';
import { UnknownResolver, type ResolverPorts } from './unknown-resolver.js';

/** An order that is asked for, and what it has filled: fills, payments, transfers. */
const REQUESTS = 4;

export interface UnknownPorts extends ResolverPorts {
  readonly pending: PendingWork;
  readonly register: Pick<IntentRegister, 'load'>;
  /** Its sender alone decides about it. */
  readonly isInFlight: (clientId: string) => boolean;
  /** Of an order that lives, with a change of unknown outcome: true once that is known. */
  readonly resolveChange: (order: Order, now: number) => Promise<boolean>;
}

/** Asks what became of orders whose outcome nobody knows, now and again, until each is known. */
export class UnknownOrders {
  private readonly resolveOrder: UnknownPorts['resolveChange'];
  private readonly retry: Retry;
  private resolving: Promise<number> | undefined;
  private cancelFetch: (() => void) | undefined;

  constructor(private readonly ports: UnknownPorts) {
    const resolver = new UnknownResolver(ports);
    this.resolveOrder = (order, now) => resolver.resolve(order, now);
    this.retry = new Retry(
      ports.scheduler,
      ports.pending,
      () => this.resolveAgain(),
      ports.clock,
      () => this.isAtStake(),
      () => this.askAgainIn(),
    );
  }

  /** How many it settled. */
  async resolve(now: number): Promise<number> {
    this.ports.register.load();
    this.resolving ??= this.resolveAll(now).finally(() => (this.resolving = undefined));
    return this.resolving;
  }

  /** Makes sure that it is asked soon. */
  request(): void {
    this.retry.request();
  }

  /** The position may be another one than we believe. */
  fetchFills(): void {
    const { scheduler, stream, logger, pending } = this.ports;
    const wait = this.askAgainIn();
    if (wait > 0) {
      this.cancelFetch ??= scheduler.after(wait, () => {
        this.cancelFetch = undefined;
        this.fetchFills();
      });
      return;
    }
    const work = stream
      .backfill()
      .catch((error: unknown) => logger.warn('Fills could not be fetched', { error: messageOf(error) }));
    pending.track(work);
  }

  /** No timer is left. */
  stop(): void {
    this.retry.stop();
    this.cancelFetch?.();
    this.cancelFetch = undefined;
  }

  /** Of its own accord as far as the rate goes: what is left is asked for later. */
  private async resolveAll(now: number, isAgain = false): Promise<number> {
    let settled = 0;
    for (const order of this.ports.log.open()) {
      if (isKnown(order) || this.ports.isInFlight(order.request.clientId)) continue;
      if (isAgain && this.askAgainIn() > 0) break;
      // Charged to the part of the rate that it was allowed by: else the one that is kept for protection never ends.
      this.ports.budget.sent(this.kind, this.ports.clock.now());
      const asks = isSettled(order) ? this.ports.resolveChange : this.resolveOrder;
      if (await asks(order, now)) settled += 1;
    }
    return settled;
  }

  /** An order that may have opened a position, for all that anybody knows. */
  private isAtStake(): boolean {
    return this.ports.log.open().some((order) => !isKnown(order) && !order.request.reduceOnly);
  }

  private get kind(): RequestKind {
    return this.isAtStake() ? 'protection' : 'query';
  }

  /** Milliseconds until one more order may be asked for. */
  private askAgainIn(): number {
    const { clock, budget } = this.ports;
    const now = clock.now();
    const free = budget.freeAt(this.kind, now, REQUESTS);
    return Math.max(free, budget.heldUntil(now) ?? now) - now;
  }

  private async resolveAgain(): Promise<boolean> {
    const { register, clock, logger, log, isInFlight } = this.ports;
    try {
      register.load();
      this.resolving ??= this.resolveAll(clock.now(), true).finally(() => (this.resolving = undefined));
      await this.resolving;
    } catch (error) {
      logger.error('Unknown orders could not be resolved', { error: messageOf(error) });
      return false;
    }
    return log.open().every((order) => isKnown(order) || isInFlight(order.request.clientId));
  }
}
