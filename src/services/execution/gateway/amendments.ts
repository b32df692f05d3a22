import { fault, messageOf } from '../../../domain/errors.js';
import {
  hasTrigger,
  type Order,
  type OrderChange,
  type OrderRequest,
  type PendingChange,
} from '../../../domain/order.js';
import {
  changedTerms,
  differingTerms,
  isSettled,
  isTerminal,
  largerOf,
  protects,
  settledChange,
} from '../../../domain/order-state.js';
import { permitsChange } from '../../../domain/safety.js';
import type { AmendAsk, AmendNews, CancelOutcome, ChangeHands } from '../../../ports/core-services/execution.js';
import type { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { Capabilities } from '../../../ports/venue/capabilities.js';
import type { AmendResult } from '../../../ports/venue/submit-result.js';
import { changeFacts } from '../orders/order-facts.js';
import { kindOf } from '../orders/request-kind.js';
import { newsOf } from '../orders/venue-truth.js';
import { ChangeWire, type ChangeWirePorts } from './change-wire.js';
import type { ChangeResolver } from './change-resolver.js';
import type { ResolverPorts } from './unknown-resolver.js';
import type { MessageBudget } from './message-budget.js';
import { provenRest, refusal, type ChangeOutcome } from './proven-rest.js';

export interface AmendPorts extends ResolverPorts, ChangeWirePorts {
  readonly budget: ResolverPorts['budget'];
  readonly ladder: SafetyLadder;
  readonly pending: PendingWork;
  readonly messages: Pick<MessageBudget, 'sent'>;
  readonly resolver: ChangeResolver;
  readonly isClosed: () => boolean;
  /** Asks for the end of an order, whoever else is at it. */
  readonly cancel: (clientId: string) => Promise<CancelOutcome>;
  /** Somebody must find out. */
  readonly onUnknown: () => void;
  readonly tell: (news: AmendNews) => void;
}

interface Wish {
  readonly change: OrderChange;
  readonly hands: ChangeHands;
}
/** One change on its way. */
interface Going {
  /** The newest of those that wait for it. */
  waiting: Wish | undefined;
  /** Somebody wants the order's end. */
  isDropped: boolean;
  /** What has replaced the order. */
  by: string | undefined;
  done: Promise<void>;
}

const no = (check: string, reason: string): AmendAsk => ({ outcome: 'refused', check, reason });

/** Changes of orders, one at a time for each: durable before it leaves, the larger size reserved until it is known. */
export class OrderAmendments {
  private readonly wire: ChangeWire;
  private readonly going = new Map<string, Going>();
  /** Of orders that have not been answered yet. */
  private readonly early = new Map<string, Wish>();

  constructor(private readonly ports: AmendPorts) {
    this.wire = new ChangeWire(ports);
    ports.log.onChange((order) => {
      if (this.early.size > 0) this.answered(order);
      // In the step after this one: whoever else listens hears of the end first.
      if (order.changing !== undefined && isTerminal(order.status))
        ports.pending.track(Promise.resolve().then(() => this.ended(order.request.clientId)));
    });
  }

  isGoing(clientId: string): boolean {
    return this.going.has(clientId);
  }

  ask(clientId: string, change: OrderChange, hands: ChangeHands): AmendAsk {
    const order = this.ports.log.find(clientId);
    if (order === undefined || isTerminal(order.status)) return no('not_open', `${clientId} is not open.`);
    if (order.request.type === 'market') return no('unsupported', 'A market order cannot be changed.');
    if (order.status === 'unknown') return no('changing', `What became of ${clientId} is not known yet.`);
    const going = this.going.get(clientId);
    if (going !== undefined) {
      if (going.isDropped) return no('changing', `${clientId} is being cancelled.`);
      going.waiting = { change: { ...going.waiting?.change, ...change }, hands };
      return { outcome: 'queued' };
    }
    if (order.changing !== undefined) return no('changing', `What became of a change of ${clientId} is not known yet.`);
    if (!isSettled(order)) {
      this.early.set(clientId, { change: { ...this.early.get(clientId)?.change, ...change }, hands });
      return { outcome: 'queued' };
    }
    return this.start(order, { change, hands });
  }

  /** Whoever wants the order's end waits for a change that is on its way; nothing that waits for it is sent. */
  drop(clientId: string): { readonly done: Promise<void>; readonly by: () => string | undefined } | undefined {
    const going = this.going.get(clientId);
    const waiting = this.early.get(clientId) ?? going?.waiting;
    this.early.delete(clientId);
    if (waiting !== undefined)
      this.ports.tell({ clientId, change: waiting.change, ...refusal('withdrawn', 'The order is being cancelled.') });
    if (going === undefined) return undefined;
    going.isDropped = true;
    going.waiting = undefined;
    return { done: going.done, by: () => going.by };
  }

  /** A change of unknown outcome, by the venue's word; true once it is known. */
  async resolve(order: Order, now: number): Promise<boolean> {
    const settled = await this.ports.resolver.resolve(order, now);
    if (settled === undefined) return false;
    this.settle(order.request.clientId, settled.terms, settled.outcome);
    return true;
  }

  /** Nothing of it is open any more, whatever became of the change. What has filled may have proven it. */
  private ended(clientId: string): void {
    const { changing, request, status } = this.orderOf(clientId);
    if (changing === undefined || !isTerminal(status) || this.going.has(clientId)) return;
    const isChanged = differingTerms(request, changing) === undefined;
    this.settle(clientId, request, isChanged ? { outcome: 'amended' } : refusal('too_late', `The order is ${status}.`));
  }

  private answered(order: Order): void {
    const { clientId } = order.request;
    const wish = this.early.get(clientId);
    if (wish === undefined || order.status === 'planned' || order.status === 'sending') return;
    this.early.delete(clientId);
    this.later(clientId, wish);
  }

  private start(order: Order, { change: given, hands }: Wish): AmendAsk {
    const { log, clock, config, messages, budget, journal, pending, session, isClosed } = this.ports;
    const { clientId } = order.request;
    const wanted = differingTerms(order.request, given);
    if (wanted === undefined) return { outcome: 'unchanged' };
    const isProtecting = protects(order.request);
    if (isClosed() && !isProtecting) return no('closed', 'The order gateway is closed.');
    if (!journal.healthy) return no('journal_unhealthy', 'A change must not be sent while it cannot be made durable.');
    const now = clock.now();
    const isSentAnew = !isAmendable(order.request, session.capabilities);
    const verdict = hands.judge(order, wanted, now, isSentAnew);
    if (!verdict.approved) return no(verdict.check, verdict.reason);
    const change = differingTerms(order.request, verdict.value);
    if (change === undefined) return { outcome: 'unchanged' };
    const changing: PendingChange = {
      ...change,
      askedAt: now,
      expiresAt: now + config.current.execution.requestExpiryMs,
      ...(isSentAnew ? { anew: true } : {}),
    };
    const going: Going = { waiting: undefined, isDropped: false, by: undefined, done: Promise.resolve() };
    this.going.set(clientId, going);
    journal.append('order_amend', { ...changeFacts(order.request, changing), outcome: 'asked' });
    log.replace({ ...order, changing });
    messages.sent(now);
    budget.sent(kindOf(order.request), now);
    going.done = this.run(clientId, going, changing, hands);
    pending.track(going.done);
    return { outcome: 'asked' };
  }

  private async run(clientId: string, going: Going, changing: PendingChange, hands: ChangeHands): Promise<void> {
    try {
      const obstacle = (await this.undurable(clientId)) ?? this.obstacle(clientId, going, changing);
      if (obstacle !== undefined) this.settle(clientId, undefined, obstacle);
      else if (changing.anew === true) await this.anew(clientId, going, changing, hands);
      else await this.inPlace(clientId, changing);
    } catch (error) {
      this.ports.logger.error('A change failed', { client_order_id: clientId, error: messageOf(error) });
      this.ports.onUnknown();
    } finally {
      this.going.delete(clientId);
      this.ended(clientId);
      if (going.waiting !== undefined && !going.isDropped) this.later(going.by ?? clientId, going.waiting);
    }
  }

  /** Of a wish that was told to wait: what becomes of it is news. */
  private later(clientId: string, { change, hands }: Wish): void {
    const { tell, logger } = this.ports;
    try {
      const asked = this.ask(clientId, change, hands);
      if (asked.outcome === 'refused') tell({ clientId, change, ...asked });
      else if (asked.outcome === 'unchanged') tell({ clientId, change, outcome: 'amended' });
    } catch (error) {
      logger.error('A change that waited failed', { client_order_id: clientId, error: messageOf(error) });
      tell({ clientId, change, ...refusal('exception', messageOf(error)) });
    }
  }

  private async undurable(clientId: string): Promise<ChangeOutcome | undefined> {
    const { log, journal, scheduler } = this.ports;
    try {
      const durable = log.makeDurable(this.orderOf(clientId));
      if (journal.discards !== true) scheduler.waitFor?.(durable);
      await durable;
      return undefined;
    } catch (error) {
      return refusal('journal_unhealthy', messageOf(error));
    }
  }

  /** The world may have changed since it was asked for: looked at in the same step in which the bytes leave. */
  private obstacle(clientId: string, going: Going, changing: PendingChange): ChangeOutcome | undefined {
    const { ladder, journal, budget, clock, time } = this.ports;
    const { request, status } = this.orderOf(clientId);
    if (going.isDropped) return refusal('withdrawn', 'The order is being cancelled.');
    if (isTerminal(status)) return refusal('too_late', `The order is ${status}.`);
    const isProtecting = protects(request);
    const isLarger = largerOf(request, changing) !== undefined;
    ladder.heed();
    if (!permitsChange(ladder.state, request.reduceOnly, isProtecting, isLarger))
      return refusal('kill_switch', `Safety state is ${ladder.state}: the order stays as it is.`);
    if (!journal.healthy) return refusal('journal_unhealthy', 'The journal cannot be written.');
    if (!(clock.now() <= changing.expiresAt + time.boundMs)) return refusal('expired', 'It left too late.');
    // What would be given up for an order that may not be taken stays as it is.
    const held = budget.heldUntil(clock.now(), changing.anew === true ? 'query' : kindOf(request));
    return held === undefined ? undefined : refusal('cool_down', 'The venue has asked to be left alone.');
  }

  private async inPlace(clientId: string, changing: PendingChange): Promise<void> {
    const onLate = (result: AmendResult): void => {
      const isStill = this.orderOf(clientId).changing?.askedAt === changing.askedAt;
      if (isStill && !this.going.has(clientId)) void this.take(clientId, changing, result);
    };
    await this.take(clientId, changing, await this.wire.send(this.orderOf(clientId), changing, onLate));
  }

  private async take(clientId: string, changing: PendingChange, result: AmendResult): Promise<void> {
    const { stream, logger, onUnknown, tell } = this.ports;
    const { request } = this.orderOf(clientId);
    if (result.outcome === 'accepted' && result.stage !== 'received') {
      this.settle(clientId, changedTerms(request, changing), { outcome: 'amended' }, result);
      if (result.order !== undefined) stream.accept(newsOf(this.orderOf(clientId), result.order));
    } else if (result.outcome === 'rejected') {
      this.settle(clientId, undefined, refusal(result.reason, result.message));
    } else if (result.outcome === 'ended') {
      this.settle(clientId, undefined, { outcome: 'ended' });
      await this.ports.resolver.end(this.orderOf(clientId), result.report);
    } else {
      const cause = result.outcome === 'unknown' ? result.cause : 'received';
      this.record(clientId, changing, { outcome: 'unknown', reason: cause });
      logger.warn('ChangeOutcome of a change unknown', { client_order_id: clientId, cause });
      tell({ clientId, change: changing, outcome: 'unknown', reason: cause });
      onUnknown();
    }
  }

  private async anew(clientId: string, going: Going, changing: PendingChange, hands: ChangeHands): Promise<void> {
    const left = await provenRest(clientId, changing, { ...this.ports, isDropped: () => going.isDropped });
    if (typeof left !== 'number') {
      this.settle(clientId, undefined, left);
      return;
    }
    this.settle(clientId, undefined, undefined);
    const submission = hands.replace(this.orderOf(clientId), changing, left, this.ports.clock.now());
    if (submission.outcome === 'submitted') {
      going.by = submission.clientId;
      this.told(clientId, changing, { outcome: 'replaced', by: submission.clientId });
      return;
    }
    const [check, reason] =
      submission.outcome === 'refused'
        ? [submission.check, submission.reason]
        : ['not_replaced', submission.outcome === 'nothing' ? submission.reason : submission.outcome];
    this.ports.log.replace({ ...this.orderOf(clientId), reason: `not replaced: ${check}: ${reason}` });
    this.told(clientId, changing, refusal(check, reason));
  }

  /** The change is over; without terms the order stands as it was. */
  private settle(
    clientId: string,
    terms: OrderRequest | undefined,
    outcome: ChangeOutcome | undefined,
    accepted?: Extract<AmendResult, { outcome: 'accepted' }>,
  ): void {
    const order = this.orderOf(clientId);
    const { changing } = order;
    const at = accepted?.at ?? this.ports.clock.now();
    this.ports.log.replace(settledChange(order, terms ?? order.request, at, accepted?.venueId));
    if (outcome !== undefined && changing !== undefined) this.told(clientId, changing, outcome);
  }

  private told(clientId: string, changing: PendingChange, outcome: ChangeOutcome): void {
    this.record(clientId, changing, outcome);
    this.ports.tell({ clientId, change: changing, ...outcome });
  }

  private record(clientId: string, changing: PendingChange, outcome: ChangeOutcome): void {
    const { journal } = this.ports;
    if (journal.discards !== true)
      journal.append('order_amend', { ...changeFacts(this.orderOf(clientId).request, changing), ...outcome });
  }

  private orderOf(clientId: string): Order {
    const order = this.ports.log.find(clientId);
    if (order === undefined) throw fault('ORDER-001', `Order ${clientId} is changed and must be known.`);
    return order;
  }
}

/** Whether the venue changes an order of this kind in place; else it is cancelled and sent anew. */
const isAmendable = ({ type }: OrderRequest, { amend, amendTriggers }: Capabilities): boolean =>
  amend !== 'none' && (!hasTrigger(type) || amendTriggers === true);
