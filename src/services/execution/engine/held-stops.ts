import type { Order } from '../../../domain/order.js';
import { isTerminal, protects } from '../../../domain/order-state.js';
import { lots, type MarkUnits } from '../../../domain/units.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { OrderLog, Spares, Submission } from '../../../ports/core-services/execution.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';
import { beyond, stopTypeOf } from '../protection/stop-orders.js';
import type { ChildFills } from './child-fills.js';
import { isReached, neverLived, type StopTrigger, type StopTriggers } from './stop-triggers.js';

const BPS = 10_000;

export interface HeldStopsPorts {
  readonly config: ConfigController;
  readonly session: VenueSession;
  readonly log: OrderLog;
  readonly portfolio: Portfolio;
  readonly triggers: StopTriggers;
  readonly children: ChildFills;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly place: (intent: OrderIntent, now: number) => Submission;
}

/**
 * Fires held stops and follows their orders to the end: one that was accepted is not done. What it does not fill, for
 * whatever reason it ends, is sent again after pauses that grow, until nothing is left or the position is gone.
 */
export class HeldStops {
  private fired = 0;

  constructor(private readonly ports: HeldStopsPorts) {
    ports.log.onChange((order) => this.follow(order));
  }

  /** Ids of those whose order was sent. */
  check(symbol: string, mark: MarkUnits, now: number): readonly string[] {
    const fired: string[] = [];
    for (const trigger of this.ports.triggers.of(symbol)?.values() ?? []) {
      if (trigger.childId !== undefined || now < trigger.attempts.until) continue;
      if (!trigger.isReached && !isReached(trigger.intent, mark)) continue;
      if (this.fire(trigger, now)) fired.push(trigger.id);
    }
    return fired;
  }

  clear(spares?: Spares): string[] {
    this.rest();
    return this.ports.triggers.clear(spares);
  }

  /** To the venue, where that takes a stop of another kind. */
  handOver(now: number): void {
    const { triggers, session, config, logger } = this.ports;
    const type = stopTypeOf(session.capabilities);
    for (const trigger of triggers.all()) {
      const { intent, childId, id } = trigger;
      const { stop, side } = intent;
      if (childId !== undefined || stop === undefined || !protects(intent) || !this.isNeeded(trigger)) continue;
      if (type === undefined) {
        logger.error('The venue takes no stop; it waits in the journal', {
          trigger: id,
          symbol: intent.instrument.symbol,
        });
        continue;
      }
      const slack = config.current.risk.priceCollarBps.toNumber() / BPS;
      const { limit, ...terms } = intent;
      this.send(
        trigger,
        {
          ...terms,
          type,
          ...(type === 'stop_limit' ? { limit: limit ?? beyond(stop, side, slack) } : {}),
          signalId: `${id}|handed over|${now}`,
          urgent: true,
        },
        now,
      );
    }
  }

  /** No timer is left. */
  rest(): void {
    this.ports.triggers.rest();
  }

  private fire(trigger: StopTrigger, now: number): boolean {
    trigger.isReached = true;
    const { stop, ...terms } = trigger.intent;
    const type = trigger.intent.type.endsWith('limit') ? 'limit' : 'market';
    const price = stop === undefined ? '' : trigger.intent.instrument.price(stop).toString();
    const origin = { ...terms.origin, reason: `stop ${price} reached: ${terms.origin.reason}`, decidedAt: now };
    const signalId = `${trigger.id}|fired|${now}|${(this.fired += 1)}`;
    return this.send(
      trigger,
      { ...terms, type, origin, signalId, ...(protects(trigger.intent) ? { protects: true, urgent: true } : {}) },
      now,
    );
  }

  private send(trigger: StopTrigger, intent: OrderIntent, now: number): boolean {
    const { triggers, children, logger, place } = this.ports;
    trigger.attempts.sent();
    const submission = place(intent, now);
    if (submission.outcome === 'submitted') {
      children.link(submission.clientId, trigger.id, trigger.whole, intent.instrument);
      triggers.fired(trigger, submission.clientId);
      return true;
    }
    logger.error('The order of a reached stop was refused', { trigger: trigger.id, submission });
    this.again(trigger);
    return false;
  }

  private follow(order: Order): void {
    const { triggers, logger } = this.ports;
    const trigger = triggers.byChild(order.request.clientId);
    if (trigger === undefined || !isTerminal(order.status)) return;
    const left = lots(trigger.intent.lots - order.filled);
    // One that the venue never had says nothing of the position.
    const isOver = !neverLived(order) && (!trigger.intent.reduceOnly || !this.isNeeded(trigger));
    if (left <= 0 || isOver || trigger.isDropped) {
      triggers.done(trigger);
      return;
    }
    const { status, reason } = order;
    logger.error('A reached stop is not done; the rest is sent again', { trigger: trigger.id, status, reason });
    triggers.rearm(trigger, left);
    this.again(trigger);
  }

  /** A stop that can only reduce ends with its position. */
  private isNeeded({ intent: { instrument, side, reduceOnly } }: StopTrigger): boolean {
    const held = this.ports.portfolio.position(instrument).lots;
    return !reduceOnly || (side === 'sell' ? held > 0 : held < 0);
  }

  private again(trigger: StopTrigger): void {
    trigger.attempts.ended();
    if (!trigger.isReached || !this.isNeeded(trigger)) return;
    trigger.attempts.again(() => {
      if (trigger.childId === undefined && this.ports.triggers.has(trigger.id, trigger.intent.instrument.symbol))
        this.fireOrForget(trigger);
    });
  }

  private fireOrForget(trigger: StopTrigger): void {
    if (this.isNeeded(trigger)) this.fire(trigger, this.ports.clock.now());
    else this.ports.triggers.done(trigger);
  }
}
