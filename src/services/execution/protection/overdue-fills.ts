import { messageOf } from '../../../domain/errors.js';
import type { Order } from '../../../domain/order.js';
import { Attempts, type AttemptsTime } from '../../../flow/attempts.js';
import type { AccountStream } from '../../../ports/core-services/execution.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { ON_THE_WAY_MS } from './cover.js';

export interface OverduePorts extends AttemptsTime {
  readonly stream: Pick<AccountStream, 'backfill'>;
  readonly pending: PendingWork;
  readonly logger: Logger;
}

/**
 * An order at market that the venue has taken fills or ends at once. Of one that has done neither for a second the news
 * may be lost, and with it a position that nobody covers: the venue is asked what has filled.
 */
export class OverdueFills {
  private readonly waiting = new Map<string, Attempts>();

  constructor(private readonly ports: OverduePorts) {}

  follow({ request: { clientId, type }, status }: Order): void {
    if (type !== 'market') return;
    if (status !== 'open' && status !== 'partially_filled') this.end(clientId);
    else if (!this.waiting.has(clientId)) this.begin(clientId);
  }

  rest(): void {
    for (const clientId of [...this.waiting.keys()]) this.end(clientId);
  }

  private begin(clientId: string): void {
    const attempts = new Attempts(this.ports);
    this.waiting.set(clientId, attempts);
    attempts.defer(ON_THE_WAY_MS);
    attempts.again(() => this.ask(clientId, attempts));
  }

  private ask(clientId: string, attempts: Attempts): void {
    const { stream, pending, logger } = this.ports;
    attempts.sent();
    attempts.ended();
    attempts.again(() => this.ask(clientId, attempts));
    pending.track(
      stream.backfill().catch((error: unknown) => {
        logger.warn('What an order at market has filled is not known', {
          client_order_id: clientId,
          error: messageOf(error),
        });
        return 0;
      }),
    );
  }

  private end(clientId: string): void {
    this.waiting.get(clientId)?.rest();
    this.waiting.delete(clientId);
  }
}
