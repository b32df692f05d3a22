import type { Decision } from '../../../domain/decision.js';
import { fault } from '../../../domain/errors.js';
import type { OrderChange, Values } from '../../../domain/order.js';
import { lots, type MarkUnits } from '../../../domain/units.js';
import type { Submission } from '../../../ports/core-services/execution.js';
import type { Intent, IntentList, OrderFilter, Why } from '../../../ports/strategy/intent.js';
import type { CancelAsk, ChangeAsk, IntentRefusal, OrderTicket } from '../../../ports/strategy/order-ticket.js';
import type { StrategyGate } from '../../../ports/strategy/strategy-desk.js';
import { AccountDesk } from './account-desk.js';
import { Asked } from './asked.js';
import type { DeskPorts } from './desk-ports.js';
import { listSideObjection } from './exit-sides.js';
import { refusalOf } from './intent-checks.js';
import { assertKnownIntent } from './known-intents.js';
import { IntentJudge, type JudgedDesk } from './intent-judge.js';
import { placesOf } from './intent-lists.js';
import { KeptDesk } from './kept/kept-desk.js';
import { LiveTicket } from './live-ticket.js';
import { IntentRecords } from './records/intent-records.js';
import { IntentSending } from './intents/sending.js';
import type { ShortDesk } from './short-desk.js';
import { StrategyTimers } from './strategy-timers.js';
import { changeObjection } from './standing-checks.js';
import { StrategyWatch, type WatchFinding } from './suspension/strategy-watch.js';
import { matches, TicketBook } from './ticket-book.js';
import { CLOSE, declined, isProtecting, TicketChanges } from './ticket-changes.js';

const TRADING: StrategyGate = Object.freeze({ mode: 'trading', name: undefined });

/** Told of what is asked of a ticket itself, and not of its desk; without a change its end is asked for. */
export type TicketAskListener = (tag: string, change: OrderChange | undefined, why: string) => void;

/** The desk of one strategy: what it asks becomes an intent here and nowhere else. */
export class HostDesk extends AccountDesk implements ShortDesk, JudgedDesk {
  now = 0;
  gate: StrategyGate = TRADING;
  /** The bar that is told has ended before now: the market of then is not the market of now. */
  isPast = false;
  isStopping = false;
  /** Its strategy has been taken down: only what protects is sent. */
  isOver = false;
  /** Only what reduces is sent, until a person lets it go on. */
  isSuspended = false;
  readonly watch = new StrategyWatch();
  readonly timers = new StrategyTimers();
  readonly tickets: TicketBook;
  /** What is being told; empty while what was asked before is carried out by itself. */
  handler = '';
  readonly asked = new Asked(this);
  private decidedIn = '';
  /** The mark of the step that is told; undefined between steps. */
  shownMark: MarkUnits | undefined;
  readonly records: IntentRecords;
  private readonly changes: TicketChanges;
  /** Lists that the venue cannot keep. */
  readonly kept: KeptDesk;
  private readonly sending: IntentSending;
  onTicketAsk: TicketAskListener | undefined = undefined;

  constructor(
    strategy: string,
    symbol: string,
    intervalMs: number,
    ports: DeskPorts,
    /** Told once, when the strategy must be stopped by somebody who is not it. */
    private readonly onObjection: (objection: WatchFinding) => void,
  ) {
    super(strategy, symbol, ports);
    this.tickets = new TicketBook(`${strategy}@${symbol}`, {
      change: (ticket, change, why) => {
        this.onTicketAsk?.(ticket.tag, change, why);
        return this.change(ticket, change, why);
      },
      end: (ticket, why) => {
        this.onTicketAsk?.(ticket.tag, undefined, why);
        return this.end(ticket, why);
      },
    });
    this.records = new IntentRecords(this, ports);
    this.sending = new IntentSending(this, strategy, intervalMs, new IntentJudge(strategy, this, ports), ports);
    this.changes = new TicketChanges(this.tickets, ports, this.records, (of) => this.account(of));
    this.kept = new KeptDesk(this, { ports, sending: this.sending, changes: this.changes });
  }

  /** Intents that were turned away. */
  get refusals(): number {
    return this.sending.refusals;
  }

  get instance(): string {
    return this.tickets.instance;
  }

  place(intent: Intent, planned?: OrderTicket): OrderTicket {
    assertKnownIntent('place', intent);
    return this.sending.one(intent, planned === undefined ? undefined : this.own(planned));
  }

  placeList(list: IntentList, planned: readonly OrderTicket[] = []): readonly OrderTicket[] {
    assertKnownIntent('placeList', list);
    const known = planned.map((each) => this.own(each));
    const intents = placesOf(list);
    const objection = this.sending.objection(intents, listSideObjection(list, this.mark(this.symbol)));
    if (objection !== undefined) return this.sending.allRefused(intents, known, objection);
    const tickets = this.kept.send(intents, known);
    const [entry, ...exits] = tickets;
    if ('entry' in list && entry !== undefined) entry.children = exits;
    return tickets;
  }

  amend(ticket: OrderTicket, asked: OrderChange & Why): ChangeAsk {
    assertKnownIntent('amend', asked);
    const { why, ...change } = asked;
    return this.change(this.own(ticket), change, why);
  }

  cancel(ticket: OrderTicket, why: string): CancelAsk {
    return this.end(this.own(ticket), why);
  }

  cancelAll(filter: OrderFilter, why: string): number {
    assertKnownIntent('cancelAll', filter);
    return [...this.tickets.open(filter)].filter((ticket) => this.end(ticket, why) === 'asked').length;
  }

  close(symbol: string, why: Why): OrderTicket | undefined {
    for (const ticket of [...this.tickets.open({ symbol })])
      if (ticket.tag !== CLOSE && !isProtecting(ticket)) this.end(ticket);
    const held = this.account(symbol).lots;
    if (held === 0) return undefined;
    const underWay = this.tickets.open({ symbol, tag: CLOSE })[0];
    if (underWay !== undefined) return underWay;
    return this.sending.one(
      {
        ...{ ...why, instrument: this.instrument(symbol), role: 'exit', tag: CLOSE },
        ...{ side: held > 0 ? 'sell' : 'buy', type: 'market', lots: lots(Math.abs(held)), reduceOnly: true },
      },
      undefined,
      true,
    );
  }

  hold(_symbol: string, why: string, values?: Values): void {
    this.asked.held(why, values);
  }

  open(filter?: OrderFilter): readonly OrderTicket[] {
    return this.tickets.open(filter);
  }

  find(tag: string): OrderTicket | undefined {
    return this.tickets.find(tag);
  }

  plan(intent: Intent, why?: IntentRefusal): OrderTicket {
    const ticket = this.tickets.plan({ ...intent, createdAt: this.now });
    if (why !== undefined) this.sending.turnedAway(ticket, why);
    return ticket;
  }

  decides(ticket: OrderTicket, decision: Decision): void {
    this.tickets.unnamed?.expect(this.own(ticket), decision, this.now);
    this.decidedIn = this.handler;
  }

  drop(ticket: OrderTicket, why: string | IntentRefusal): void {
    const own = this.own(ticket);
    if (!own.isUnsent) return;
    if (typeof why === 'string') own.drop('expired', why);
    else this.sending.turnedAway(own, why);
  }

  allOpen(filter: OrderFilter = {}): readonly OrderTicket[] {
    const { tickets } = this;
    return [...(tickets.unnamed?.open ?? []).filter((ticket) => matches(ticket, filter)), ...tickets.open(filter)];
  }

  findAny(tag: string): OrderTicket | undefined {
    return this.tickets.find(tag) ?? this.tickets.unnamed?.find(tag);
  }

  /** The decision of this step goes to execution now. */
  handsOver(decision: Decision, mark: MarkUnits): void {
    this.handler = this.decidedIn;
    this.shownMark = mark;
    this.records.decides(decision, this.tickets.unnamed?.pendingTicket()?.terms);
  }

  /** What the newest decision has come to. */
  answered(submission: Submission): void {
    this.records.handedOver();
    this.handler = '';
    this.shownMark = undefined;
    const ticket = this.tickets.unnamed?.takePending();
    if (ticket?.isUnsent !== true) return;
    if (submission.outcome === 'submitted') {
      const order = this.ports.log.find(submission.clientId);
      if (order !== undefined) this.tickets.unnamed?.took(ticket, order);
    } else this.sending.turnedAway(ticket, refusalOf(submission));
  }

  setTimer(name: string, ms: number, repeat = false): void {
    if (!(ms > 0)) throw fault('STRAT-001', `Timer ${name} of ${this.strategy} must be set for later, was ${ms} ms.`);
    this.timers.set(name, ms, repeat, this.now);
  }

  clearTimer(name: string): void {
    this.timers.clear(name);
  }

  /** A close is under way, and goes on by itself. */
  get isClosing(): boolean {
    return this.ports.coordinator.isClosing?.(this.symbol) ?? this.tickets.open({ tag: CLOSE }).length > 0;
  }

  /** Its strategy has been taken down. */
  over(): void {
    this.isOver = true;
    this.ports.coordinator.stopClosing?.(this.symbol);
  }

  /** Other terms for an order; refused where the gate lets nothing of its kind out. */
  change(ticket: LiveTicket, change: OrderChange, why: string): ChangeAsk {
    const shut = changeObjection(this, ticket, change);
    const answer = shut === undefined ? this.kept.change(ticket, change, why) : declined(shut);
    if (answer.outcome === 'refused') {
      this.records.changeRefused(ticket, change, why, answer.refusal);
      this.sending.counted(ticket, answer.refusal);
    } else if (answer.outcome !== 'unchanged') this.asked.held(why);
    return answer;
  }

  /** Asks for the end of an order. */
  end(ticket: LiveTicket, why?: string): CancelAsk {
    const answer = this.kept.end(ticket, why ?? 'ended');
    if (answer === 'asked' && why !== undefined) this.asked.held(why);
    return answer;
  }

  /** It wants more than it holds: counted, whatever becomes of that. */
  entryAsked(): void {
    if (!this.isSuspended) this.object(this.watch.entry(this.now, this.ports.config.current.risk.ordersPerMinute));
  }

  object(objection: WatchFinding | undefined): void {
    if (objection !== undefined && !this.isSuspended) this.onObjection(objection);
  }

  private own(ticket: OrderTicket): LiveTicket {
    if (ticket instanceof LiveTicket) return ticket;
    throw fault('STRAT-001', `A ticket must be one that this desk gave, was one of tag ${ticket.tag}.`);
  }

  isLeaving(symbol: string): boolean {
    return this.changes.isLeaving(symbol);
  }
}
