import type { Order } from '../../../domain/order.js';
import { isTerminal, protects } from '../../../domain/order-state.js';
import { lots, type MarkUnits } from '../../../domain/units.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { OrderLog, Spares, Submission } from '../../../ports/core-services/execution.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';
import { beyond, stopTypeOf } from '../protection/stop-orders.js';
import type { ChildFills } from './child-fills.js';
import { isReached, neverLived, type StopTrigger, type StopTriggers } from './stop-triggers.js';
import type { WatchedPrice } from './watched-price.js';

const BPS = 10_000;

export interface HeldStopsPorts {
  readonly config: ConfigController;
  readonly session: VenueSession;
  readonly log: OrderLog;
  readonly portfolio: Portfolio;
  readonly triggers: StopTriggers;
  readonly children: ChildFills;
  readonly watched: WatchedPrice;
  readonly pending: PendingWork;
  readonly clock: Clock;
  readonly budget: Pick<RequestBudget, 'heldUntil'>;
  readonly logger: Logger;
  readonly place: (intent: OrderIntent, now: number) => Submission;
}

/** What is too large for one order is sent in several. */
const inOne = <T extends Pick<OrderIntent, 'instrument' | 'lots'>>(terms: T): T =>
  terms.lots > terms.instrument.maxLots ? { ...terms, lots: terms.instrument.maxLots } : terms;

/**
 * Fires held stops and follows their orders to the end: one that was accepted is not done. What it does not fill, for
 * whatever reason it ends, is sent again after pauses that grow, until nothing is left or the position is gone. What
 * an order at the collar has left goes at once, without it.
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
      if (trigger.childId !== undefined || now < trigger.attempts.nextAt()) continue;
      if (trigger.intent.stop === undefined && !this.isNeeded(trigger)) {
        this.ports.triggers.done(trigger);
        continue;
      }
      if (!trigger.isReached && !isReached(trigger.intent, this.ports.watched.of(trigger.intent, mark, now))) continue;
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

  /** Leaves a position as a stop that is reached now: what this order does not fill is followed to the end, too. */
  leave(intent: OrderIntent, now: number): Submission {
    const { triggers, children, place } = this.ports;
    const submission = place(inOne(intent), now);
    if (submission.outcome !== 'submitted') return submission;
    const trigger = triggers.add(intent);
    trigger.isReached = true;
    trigger.attempts.sent();
    children.link(submission.clientId, trigger.id, trigger.whole, intent.instrument);
    triggers.fired(trigger, submission.clientId);
    return submission;
  }

  /** No timer is left. */
  rest(): void {
    this.ports.triggers.rest();
  }

  private fire(trigger: StopTrigger, now: number): boolean {
    trigger.isReached = true;
    const { stop, triggerBy, ...terms } = trigger.intent;
    const type = trigger.intent.type.endsWith('limit') ? 'limit' : 'market';
    const { instrument } = trigger.intent;
    const by = triggerBy === undefined ? '' : ` by the ${triggerBy} price`;
    const why = stop === undefined ? 'the rest of' : `stop ${instrument.price(stop).toString()} reached${by}`;
    const origin = { ...terms.origin, reason: `${why}: ${terms.origin.reason}`, decidedAt: now };
    const signalId = `${trigger.id}|fired|${now}|${(this.fired += 1)}`;
    const isProtecting = stop === undefined || protects(trigger.intent);
    return this.send(
      trigger,
      {
        ...inOne(terms),
        type,
        origin,
        signalId,
        ...(isProtecting ? { protects: true, urgent: true } : {}),
        ...(isProtecting && trigger.isBare ? { bare: true } : {}),
      },
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
    const { triggers, budget, clock, logger } = this.ports;
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
    const isPart = status === 'filled';
    if (!isPart)
      logger.error('A reached stop is not done; the rest is sent again', { trigger: trigger.id, status, reason });
    triggers.rearm(trigger, left);
    const isAtOnce = isPart || (order.collar !== undefined && !trigger.isBare);
    trigger.isBare ||= !isPart;
    if (isAtOnce && budget.heldUntil(clock.now(), 'protection') === undefined) this.atOnce(trigger);
    else this.again(trigger);
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
      if (trigger.childId === undefined && this.isHeld(trigger)) this.fireOrForget(trigger);
    });
  }

  /** The collar alone was in the way: nothing is naked for a limit's sake. In the step after this one. */
  private atOnce(trigger: StopTrigger): void {
    if (!trigger.isReached || !this.isNeeded(trigger)) return;
    this.ports.pending.track(
      Promise.resolve().then(() => {
        if (trigger.childId === undefined && this.isHeld(trigger)) this.fireOrForget(trigger);
      }),
    );
  }

  private isHeld({ id, intent }: StopTrigger): boolean {
    return this.ports.triggers.has(id, intent.instrument.symbol);
  }

  private fireOrForget(trigger: StopTrigger): void {
    if (this.isNeeded(trigger)) this.fire(trigger, this.ports.clock.now());
    else this.ports.triggers.done(trigger);
  }
}
