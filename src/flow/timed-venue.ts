import { fault, messageOf, PerpsBotError } from '../domain/errors.js';
import type { Clock } from '../ports/configuration/clock.js';
import type { Scheduler } from '../ports/configuration/scheduler.js';
import type { ConfigController } from '../ports/configuration/settings/config-controller.js';
import type { VenueContact } from '../ports/runtime-state/venue-contact.js';
import type { AccountEvent } from '../ports/venue/account-event.js';
import type { Brokerage } from '../ports/venue/brokerage.js';
import type { Capabilities } from '../ports/venue/capabilities.js';
import type { Subscription } from '../ports/venue/subscription.js';
import { withDeadline } from './deadline.js';
import { endOf } from './stream-end.js';

/** Connecting may read a venue's whole catalogue. */
const CONNECT_MS = 60_000;

type Answering = {
  [M in keyof Brokerage]: Brokerage[M] extends (...args: never[]) => Promise<unknown> ? M : never;
}[keyof Brokerage];

/**
 * Who bounds a call. `here`: it rejects once `execution.requestTimeout` of world time is over. `session`: the same by
 * the host's time, because nobody moves the world's before a start and after an end. `caller`: whoever calls it has a
 * deadline of its own, since what comes later still counts: a late answer about an order is heard, and a stream that
 * opens late is shut.
 */
type BoundBy = 'here' | 'session' | 'caller';

// Complete by its type: a member that is added does not compile without it.
const BOUND_BY: Readonly<Record<Answering, BoundBy>> = {
  connect: 'session',
  disconnect: 'session',
  getAccountId: 'session',
  getServerTime: 'here',
  listProducts: 'here',
  getQuote: 'here',
  getOrderBook: 'here',
  getCandles: 'here',
  getMarketSnapshot: 'here',
  getFundingRate: 'here',
  openBook: 'caller',
  openTrades: 'caller',
  placeOrder: 'caller',
  cancelOrder: 'caller',
  cancelAll: 'here',
  amendOrder: 'caller',
  placeOrders: 'caller',
  cancelOrders: 'caller',
  previewOrder: 'here',
  setDeadMan: 'here',
  listBalances: 'here',
  listPositions: 'here',
  listOpenOrders: 'here',
  getOrder: 'here',
  listFills: 'here',
  listFundingPayments: 'here',
  listTransfers: 'here',
  describeAccount: 'here',
  getAccountSnapshot: 'here',
  openAccount: 'caller',
  setLeverage: 'here',
  setMarginMode: 'here',
  setPositionMode: 'here',
  moveIsolatedMargin: 'here',
  quoteConversion: 'here',
  commitConversion: 'here',
  moveFunds: 'here',
};

export interface TimedVenuePorts {
  readonly config: ConfigController;
  readonly scheduler: Scheduler;
  readonly host: Scheduler;
  /** Told what calls come to; absent: nobody shows it. */
  readonly contact?: VenueContact;
  readonly clock?: Pick<Clock, 'now'>;
}

/** What stands before a member that not every venue has; undefined before the others. */
type GateOf = (
  member: string,
) => ((can: Capabilities, args: readonly unknown[]) => PerpsBotError | undefined) | undefined;

type Call = (...args: readonly unknown[]) => unknown;

/**
 * A role of a venue whose calls end: an adapter bounds its requests, and that it does is not believed. What is not
 * answered in time rejects with VENUE-002: not known, and never "nothing". One that throws at once, or answers without
 * a promise, is as one that rejects, or resolves. `ports` are asked for at the first call. What a gate refuses is not
 * called: the venue has said that it cannot.
 */
export function timedVenue<Role extends object>(role: Role, ports: () => TimedVenuePorts, gateOf: GateOf): Role {
  const made = new Map<PropertyKey, { readonly call: Call; readonly timed: Call }>();
  return new Proxy(role, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function' || name === 'constructor') return member;
      const call = member as Call;
      let entry = made.get(name);
      // A test, or a host, may put another member in its place.
      if (entry?.call !== call)
        made.set(name, (entry = { call, timed: timedCall(target, String(name), call, ports, gateOf) }));
      return entry.timed;
    },
  });
}

/** Whoever states what the venue can do is asked each time, and not called for what it cannot. */
function gatedCall(target: object, call: Call, gate: ReturnType<GateOf>): Call {
  const bound: Call = call.bind(target);
  if (gate === undefined) return bound;
  return (...args) => {
    const { capabilities } = target as { readonly capabilities?: Capabilities };
    const refusal = capabilities === undefined ? undefined : gate(capabilities, args);
    return refusal === undefined ? bound(...args) : Promise.reject(refusal);
  };
}

function timedCall(target: object, name: string, call: Call, ports: () => TimedVenuePorts, gateOf: GateOf): Call {
  const by = Object.hasOwn(BOUND_BY, name) ? BOUND_BY[name as Answering] : 'caller';
  const gated = gatedCall(target, call, gateOf(name));
  if (name === 'openAccount') return heardOf(gated as OpenAccount, ports) as Call;
  if (by === 'caller') return gated;
  return (...args) => {
    const { config, scheduler, host } = ports();
    const { requestTimeoutMs } = config.current.execution;
    const limitMs = name === 'connect' ? Math.max(CONNECT_MS, requestTimeoutMs) : requestTimeoutMs;
    const late = (): never => {
      throw fault('VENUE-002', `The venue must answer ${name} within ${limitMs} ms, and did not.`);
    };
    const answer = withDeadline(begun(gated, args), { scheduler: by === 'session' ? host : scheduler, limitMs, late });
    return noted(answer, ports());
  };
}

/** What was turned away proves nothing: our own gate turns away, too, and asks nobody. */
function noted<T>(answer: Promise<T>, { contact, clock }: TimedVenuePorts): Promise<T> {
  if (contact === undefined || clock === undefined) return answer;
  answer.then(
    () => contact.answered(clock.now()),
    (error: unknown) => {
      if (PerpsBotError.is(error) && error.code === 'VENUE-002') contact.unanswered(error.message, clock.now());
    },
  );
  return answer;
}

type OpenAccount = (sink: (event: AccountEvent) => void, signal: AbortSignal) => Promise<Subscription>;

/** An adapter may open its stream again by itself: what it says of gaps is as good as an end. */
function heardOf(open: OpenAccount, ports: () => TimedVenuePorts): OpenAccount {
  return async (sink, signal) => {
    const { contact, clock } = ports();
    if (contact === undefined || clock === undefined) return open(sink, signal);
    const hear = (event: AccountEvent): void => {
      // What cannot be read is somebody's word all the same: whoever takes it says what is wrong with it.
      const kind = (event as Partial<AccountEvent> | null | undefined)?.kind;
      if (kind === 'gap' || kind === 'closed') contact.streamDown(clock.now());
      else contact.streamUp();
      sink(event);
    };
    try {
      const stream = await open(hear, signal);
      contact.streamUp();
      const ended = (): void => {
        if (!signal.aborted) contact.streamDown(clock.now());
      };
      endOf(stream).then(ended, ended);
      return stream;
    } catch (error) {
      contact.streamDown(clock.now());
      throw error;
    }
  };
}

function begun(call: Call, args: readonly unknown[]): Promise<unknown> {
  try {
    return Promise.resolve(call(...args));
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(messageOf(error)));
  }
}
