import { readAmendResult } from '../../../border/orders.js';
import { messageOf } from '../../../domain/errors.js';
import type { Order, PendingChange } from '../../../domain/order.js';
import { withDeadline } from '../../../flow/deadline.js';
import { askUnlessHeld } from '../../../flow/left-alone.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { OrderAmendment } from '../../../ports/venue/order-amendment.js';
import type { OrderEntry } from '../../../ports/venue/order-entry.js';
import type { AmendResult } from '../../../ports/venue/submit-result.js';
import { kindOf } from '../orders/request-kind.js';
import { refOf } from '../orders/venue-truth.js';

export interface ChangeWirePorts {
  readonly config: ConfigController;
  readonly entry: OrderEntry;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly budget: Pick<RequestBudget, 'heed' | 'heldUntil'>;
}

/** The way of a change to the venue and back. A failure of the wire is the outcome `unknown`. */
export class ChangeWire {
  constructor(private readonly ports: ChangeWirePorts) {}

  /** `onLate` hears an answer that came after the deadline and still tells something. */
  async send(order: Order, changing: PendingChange, onLate: (result: AmendResult) => void): Promise<AmendResult> {
    const { entry, scheduler, config, clock } = this.ports;
    const { limit, stop, lots, expiresAt } = changing;
    const ref = refOf(order);
    const change: OrderAmendment = {
      ref,
      expiresAt,
      ...(limit === undefined ? {} : { limit }),
      ...(stop === undefined ? {} : { stop }),
      ...(lots === undefined ? {} : { lots }),
    };
    try {
      const reply = askUnlessHeld(() => entry.amendOrder(change), this.ports, kindOf(order.request));
      const late = (): AmendResult => {
        this.listen(reply, ref, onLate);
        return { outcome: 'unknown', ref, cause: 'timeout' };
      };
      const limitMs = config.current.execution.requestTimeoutMs;
      return readAmendResult(await withDeadline(reply, { scheduler, limitMs, late }), ref, clock.now());
    } catch (error) {
      return { outcome: 'unknown', ref, cause: messageOf(error) };
    }
  }

  private listen(reply: Promise<AmendResult>, ref: OrderAmendment['ref'], onLate: (result: AmendResult) => void): void {
    reply
      .then(
        (answer) => {
          const result = readAmendResult(answer, ref, this.ports.clock.now());
          if (result.outcome !== 'unknown') onLate(result);
        },
        () => undefined,
      )
      .catch((error: unknown) =>
        this.ports.logger.warn('A late reply could not be recorded', {
          client_order_id: ref.clientId,
          error: messageOf(error),
        }),
      );
  }
}
