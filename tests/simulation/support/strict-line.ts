import { fault } from '#src/domain/errors.js';
import { protects } from '#src/domain/order-state.js';
import type { OrderRequest } from '#src/domain/order.js';
import type { Scheduler } from '#src/ports/configuration/scheduler.js';
import type { Brokerage } from '#src/ports/venue/brokerage.js';
import type { OrderRef } from '#src/ports/venue/order-ref.js';
import type { VenuePosition } from '#src/domain/market.js';
import type { SubmitResult } from '#src/ports/venue/submit-result.js';
import { ToldPosition } from './drift-oracle.js';
import { badEvent, isLasting, withBadRow, withLastingRow } from './bad-rows.js';

export interface StrictParts {
  readonly draw: () => number;
  /** The venue's time, and what the bot takes it for. */
  readonly now: () => number;
  readonly botNow: () => number;
  readonly scheduler: () => Scheduler;
  readonly disturbed: () => void;
  readonly isAsleep: () => boolean;
  /** An order that nobody has decided on just now: it follows another, or is sent again. */
  readonly isByItself: (clientId: string) => boolean;
}

/** A reducing order that waits for nobody leaves in the step of its decision. */
const AT_ONCE_MS = 5;
const EXPIRY_MS = 2_000;
const ANSWER_MS = 10_000;
const MINUTE_MS = 60_000;
const RECONCILED_MS = 5_000;
/** The stated bound of the bot's clock. */
const CLOCK_BOUND_MS = 1_000;
/** The bot looks once a second, and asks three times. */
const MEASURED_IN_MS = 4_000;
/** Pauses are told in milliseconds, and clocks differ by some. */
const ROUNDED_MS = 50;

interface Told {
  readonly at: number;
  readonly until: number;
  readonly name: string;
}

/** What may be tried once in a pause, each by itself, and everything else. */
type Sort = 'reduces' | 'cancels' | 'other';

const requestsOf = (name: string, about: unknown): readonly OrderRequest[] =>
  name === 'placeOrder' || name === 'placeOrders' ? ([about].flat() as readonly OrderRequest[]) : [];

function sortOf(name: string, about: unknown): Sort {
  // A switch is ended for a stop that would go with it: it leaves as that stop does.
  if (name === 'setDeadMan' && about === undefined) return 'reduces';
  if (name === 'cancelOrder' || name === 'cancelOrders') return 'cancels';
  const requests = requestsOf(name, about);
  if (requests.length === 0) return 'other';
  return requests.every(({ reduceOnly }) => reduceOnly) ? 'reduces' : 'other';
}

/** How long a stop waits for the end of a dead man's switch, at most. */
const SWITCH_MS = 500;

/** Asked for again when nobody answers, and by the clock besides. */
const AGAIN = new Set(['placeOrder', 'placeOrders', 'listOpenOrders', 'getOrder', 'listFills', 'openAccount']);

/** The venue's own desk: what it is asked for, when, and how often. Refuses what venues refuse, and keeps count. */
export class StrictLine {
  private switchEndedAt = Number.NEGATIVE_INFINITY;
  readonly violations: string[] = [];
  readonly seen = { throttled: 0, whileWaiting: 0, afterAnother: 0, badRows: 0, doubted: 0 };
  /** Every request is refused until then, with a `Retry-After`. */
  busyUntil = Number.NEGATIVE_INFINITY;
  readonly position = new ToldPosition();
  /** How often a row is misshapen. */
  badRows = 0;
  /** On the way to the venue's clock and back, at most. */
  timeDelayMs = 0;
  /** Since when the venue's clock could be read by a bot that is awake. */
  measurableSince = Number.NEGATIVE_INFINITY;
  measuredAt = Number.NEGATIVE_INFINITY;
  /** Requests that are sent again, in any minute, and what the clock asks for by itself. */
  mostPerMinute = Number.POSITIVE_INFINITY;
  /** Why nothing may be added now, as the venue knows it. */
  objection: () => string | undefined = () => undefined;
  /** Nothing that the bot has could tell it that its clock is off. */
  isUnseen: () => boolean = () => false;
  /** When it last told the bot, by refusing an order, that its clock is off. */
  refusedLateAt = Number.NEGATIVE_INFINITY;
  /** The pause that was told to anybody: nothing but the first of each sort that may be tried leaves before its end. */
  private told: Told | undefined;
  /** That was told in answer to one of the sort: none of it leaves before its end. */
  private readonly toldTo = new Map<Sort, Told>();
  /** Lists with a bad row that is told again whenever they are asked for. */
  private readonly lasting = new Set<string>();
  private readonly again: number[] = [];
  /** What the bot's clock was off the venue's, whenever it was about to be set in this instant of the venue's. */
  private readonly offsets = { at: Number.NEGATIVE_INFINITY, before: [] as number[] };
  private readonly cancelled = new Set<string>();
  private readonly unanswered = new Map<string, number>();

  constructor(private readonly parts: StrictParts) {}

  around(broker: Brokerage): Brokerage {
    return new Proxy(broker, {
      get: (target, key): unknown => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function' || typeof key !== 'string') return value;
        return (...args: unknown[]): unknown =>
          this.call(key, args, (...all) => (value as (...all: unknown[]) => unknown).apply(target, all));
      },
    });
  }

  private call(name: string, args: readonly unknown[], go: (...all: unknown[]) => unknown): unknown {
    if (name === 'disconnect') return go(...args);
    this.count(name, args[0]);
    const requests = requestsOf(name, args[0]);
    for (const request of requests) this.check(request);
    const { now } = this.parts;
    if (now() < this.busyUntil) return this.throttle(name, args[0]);
    if (name === 'getServerTime') return this.time(go);
    const answer = go(...args.map((arg) => (typeof arg === 'function' ? this.sinkOf(name, arg as Sink) : arg)));
    if (!(answer instanceof Promise)) return answer;
    if (name === 'listPositions') this.position.note(answer as Promise<readonly VenuePosition[]>);
    for (const request of requests) this.awaitAnswer(request, answer);
    if (requests.length > 0) void this.noteLate(answer as Promise<SubmitResult | readonly SubmitResult[]>);
    return this.badRows > 0 || this.lasting.size > 0 ? answer.then((told: unknown) => this.spoil(name, told)) : answer;
  }

  private count(name: string, about: unknown): void {
    const now = this.parts.now();
    this.countWhileHeld(name, about, now);
    const isRepeated = name === 'cancelOrder' && this.cancelled.has((about as OrderRef).clientId);
    if (name === 'cancelOrder') this.cancelled.add((about as OrderRef).clientId);
    if (!AGAIN.has(name) && !isRepeated) return;
    // The reconciliation looks each order up that is open and not known, by the clock, whatever the rate.
    if (name === 'getOrder' && now % RECONCILED_MS === 0) return;
    const requests = requestsOf(name, about);
    if (requests.length > 0 && !requests.some(({ clientId }) => this.parts.isByItself(clientId))) return;
    this.again.push(now);
    while ((this.again[0] ?? now) <= now - MINUTE_MS) this.again.shift();
    if (this.again.length > this.mostPerMinute)
      this.violations.push(`${this.again.length} requests within a minute, of at most ${this.mostPerMinute}`);
  }

  /**
   * The answer is there in the step in which the request arrived, so that what leaves in a later one was sent by
   * somebody who had been told.
   */
  private countWhileHeld(name: string, about: unknown, now: number): void {
    if (name === 'setDeadMan' && about === undefined) this.switchEndedAt = now;
    const sort = sortOf(name, about);
    const told = sort === 'other' ? this.told : this.toldTo.get(sort);
    if (told !== undefined && now > told.at && now < told.until - ROUNDED_MS) this.object(name, told, now);
  }

  private object(name: string, told: Told, now: number): void {
    this.violations.push(
      `${name} was sent ${now - told.at} ms after the venue answered ${told.name} with a pause of ${Math.round(told.until - told.at)} ms`,
    );
  }

  /** Entries of one symbol in order; what reduces waits for nobody's answer; a clock that is good enough for each. */
  private check(request: OrderRequest): void {
    const { violations, seen } = this;
    const { clientId, symbol, reduceOnly, expiresAt, options } = request;
    const now = this.parts.now();
    const decidedAt = (expiresAt ?? Number.NaN) - EXPIRY_MS;
    const waited = this.parts.botNow() - decidedAt;
    const isWaiting = (this.unanswered.get(symbol) ?? Number.NEGATIVE_INFINITY) > now;
    if (isWaiting && reduceOnly && options?.after === undefined) seen.whileWaiting += 1;
    if (isWaiting && !reduceOnly) violations.push(`${clientId} left before the entry before it was answered`);
    if (!reduceOnly && waited > 0) seen.afterAnother += 1;
    // It waits so long for the end of a switch that would take it along (decision 27).
    const isForSwitch = waited <= SWITCH_MS && this.switchEndedAt >= now - SWITCH_MS;
    if (reduceOnly && options?.after === undefined && !isForSwitch && !this.isAtOnce(decidedAt, now))
      violations.push(`${clientId} (${request.type}, reduces) left ${waited} ms after its decision`);
    // A machine that sleeps sends nothing.
    if (this.parts.isAsleep()) return;
    const off = Math.abs(this.parts.botNow() - now);
    const isOverdue = !reduceOnly || now - this.measurableSince > MEASURED_IN_MS;
    if (off > CLOCK_BOUND_MS && isOverdue && !this.isUnseen())
      violations.push(`${clientId} (${reduceOnly ? 'reduces' : 'adds'}) left with a clock that is ${off} ms off`);
    const objection = reduceOnly ? undefined : this.objection();
    if (objection !== undefined) violations.push(`${clientId} adds to a position while ${objection}`);
    if (this.objection() !== undefined && protects(request)) seen.doubted += 1;
  }

  /** By the clock of the decision: that may have been set since, in the same instant of the venue's, by its answers. */
  private isAtOnce(decidedAt: number, now: number): boolean {
    const before = this.offsets.at === now ? this.offsets.before : [];
    return [this.parts.botNow() - now, ...before].some((off) => Math.abs(now - (decidedAt - off)) <= AT_ONCE_MS);
  }

  private noteClock(now: number): void {
    if (this.offsets.at !== now) Object.assign(this.offsets, { at: now, before: [] });
    this.offsets.before.push(this.parts.botNow() - now);
  }

  private awaitAnswer({ symbol, reduceOnly }: OrderRequest, answer: Promise<unknown>): void {
    if (reduceOnly) return;
    this.unanswered.set(symbol, this.parts.now() + ANSWER_MS);
    const answered = (): boolean => this.unanswered.delete(symbol);
    answer.then(answered, answered);
  }

  private async noteLate(answer: Promise<SubmitResult | readonly SubmitResult[]>): Promise<void> {
    for (const told of [await answer.catch(() => undefined)].flat())
      if (told?.outcome === 'rejected' && told.reason === 'expired') this.refusedLateAt = this.parts.now();
  }

  private throttle(name: string, about: unknown): Promise<unknown> {
    const now = this.parts.now();
    const retryAfterMs = this.busyUntil - now;
    this.seen.throttled += 1;
    this.parts.disturbed();
    const told: Told = { at: now, until: this.busyUntil, name };
    const isNew = (before: Told | undefined): boolean => !(before !== undefined && before.until >= this.busyUntil);
    if (isNew(this.told)) this.told = told;
    const sort = sortOf(name, about);
    if (isNew(this.toldTo.get(sort))) this.toldTo.set(sort, told);
    const message = 'too many requests';
    const refusal = { outcome: 'rejected', reason: 'throttled', message, at: now, retryAfterMs } as const;
    if (name === 'placeOrder') return Promise.resolve(refusal);
    if (name === 'placeOrders') return Promise.resolve(requestsOf(name, about).map(() => refusal));
    if (name === 'cancelOrder')
      return Promise.resolve({ outcome: 'unknown', ref: about, cause: message, retryAfterMs });
    return Promise.reject(Object.assign(fault('VENUE-002', message), { retryAfterMs }));
  }

  private async time(go: () => unknown): Promise<number> {
    const { draw, now, scheduler } = this.parts;
    const [there, back] = [draw() * this.timeDelayMs, draw() * this.timeDelayMs];
    if (there > 0) await scheduler().sleep(there);
    await go();
    const at = now();
    if (back > 0) await scheduler().sleep(back);
    this.measuredAt = now();
    this.noteClock(now());
    return at;
  }

  private spoil(name: string, told: unknown): unknown {
    if (this.lasting.has(name)) return withLastingRow(told);
    if (this.parts.draw() >= this.badRows) return told;
    if (isLasting(name)) this.lasting.add(name);
    this.seen.badRows += 1;
    return withBadRow(name, told, this.parts.draw);
  }

  private sinkOf(name: string, sink: Sink): Sink {
    if (name !== 'openAccount') return sink;
    return (event) => {
      if (this.parts.draw() < this.badRows / 4) {
        this.seen.badRows += 1;
        sink(badEvent(this.parts.draw));
      }
      sink(event);
    };
  }
}

type Sink = (event: unknown) => void;
