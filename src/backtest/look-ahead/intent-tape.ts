import type { Decision } from '../../domain/decision.js';
import type { StrategyContext } from '../../ports/core-services/strategy.js';
import type { EventStrategy } from '../../ports/strategy/event-strategy.js';
import type { Intent, IntentList, Why } from '../../ports/strategy/intent.js';
import type { StrategyDesk } from '../../ports/strategy/strategy-desk.js';
import type { OrderTicket } from '../../ports/strategy/order-ticket.js';
import type { ShortDesk } from '../../services/strategy/host/short-desk.js';
import { HostDesk } from '../../services/strategy/host/host-desk.js';
import type { AnswerTape, TapedDecision } from './taped-decision.js';

/** Handlers that are handed a desk, and where it stands among their arguments. */
const DESK_AT = {
  onStart: 0,
  onStop: 0,
  onBar: 1,
  onStep: 0,
  onMark: 1,
  onOrder: 1,
  onFill: 2,
  onPosition: 1,
  onTimer: 1,
  onGate: 1,
} as const satisfies Partial<Record<keyof EventStrategy, number>>;
type Handler = keyof typeof DESK_AT;

/** The same strategy, whose every intent, change, close, cancellation and hold is written down as it is asked. */
export function tapedStrategy(
  strategy: EventStrategy,
  symbol: string,
  tape: AnswerTape,
  explain: () => string | undefined = () => strategy.explain?.(symbol),
): EventStrategy {
  const desks = new WeakMap<StrategyDesk, StrategyDesk>();
  const write = (at: number, action: TapedDecision['action'], reason: string, terms: unknown): void => {
    tape.push({ at, symbol, action, reason, terms: JSON.stringify(terms), detail: explain() });
  };
  const deskOf = (desk: StrategyDesk): StrategyDesk => {
    let taped = desks.get(desk);
    if (taped !== undefined) return taped;
    desks.set(desk, (taped = tapedDesk(desk, write)));
    // What is asked of a ticket does not pass its desk.
    if (hearsTickets(desk))
      desk.onTicketAsk = (tag, change, why) =>
        write(desk.now, 'hold', why, change === undefined ? { cancel: tag } : { amend: tag, ...change });
    return taped;
  };
  /** One of the short form decides as well: what it answers is written down beside what it asked of its desk. */
  const decided = (
    target: EventStrategy,
    given: readonly unknown[],
    call: (...given: unknown[]) => unknown,
  ): unknown => {
    const [context, desk, isAsked] = given as [StrategyContext, StrategyDesk, boolean];
    const decision = call.call(target, context, deskOf(desk), isAsked) as Decision | undefined;
    if (decision === undefined) return undefined;
    const { action, reason, ...terms } = decision;
    write(context.now, action, reason, terms);
    return decision;
  };
  return new Proxy(strategy, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      const call = value as (...given: unknown[]) => unknown;
      if (key === 'decide') return (...given: unknown[]) => decided(target, given, call);
      const at = DESK_AT[key as Handler];
      if (at === undefined) return call.bind(target);
      return (...given: unknown[]) =>
        call.apply(
          target,
          given.map((each, index) => (index === at ? deskOf(each as StrategyDesk) : each)),
        );
    },
  });
}

const hearsTickets = (desk: StrategyDesk): desk is HostDesk => desk instanceof HostDesk;

function tapedDesk(
  desk: StrategyDesk & Pick<ShortDesk, 'place' | 'placeList'>,
  write: (at: number, action: TapedDecision['action'], reason: string, terms: unknown) => void,
): StrategyDesk {
  const own: Partial<ShortDesk> = {
    place(intent: Intent, planned?: OrderTicket) {
      const { instrument, why, ...terms } = intent;
      write(desk.now, intent.side, why, { ...terms, symbol: instrument.symbol });
      return desk.place(intent, planned);
    },
    placeList(list: IntentList, planned?: readonly OrderTicket[]) {
      const { kind } = list;
      const intents = 'entry' in list ? [list.entry, ...list.exits] : list.intents;
      for (const { instrument, why, ...terms } of intents)
        write(desk.now, terms.side, why, { ...terms, kind, symbol: instrument.symbol });
      return desk.placeList(list, planned);
    },
    amend(ticket, { why, ...change }) {
      write(desk.now, 'hold', why, { amend: ticket.tag, ...change });
      return desk.amend(ticket, { why, ...change });
    },
    close(of: string, why: Why) {
      write(desk.now, 'close', why.why, { symbol: of, values: why.values });
      return desk.close(of, why);
    },
    cancel(ticket, why) {
      write(desk.now, 'hold', why, { cancel: ticket.tag });
      return desk.cancel(ticket, why);
    },
    cancelAll(filter, why) {
      write(desk.now, 'hold', why, { cancelAll: filter });
      return desk.cancelAll(filter, why);
    },
    hold(of, why, values) {
      write(desk.now, 'hold', why, { symbol: of, values });
      desk.hold(of, why, values);
    },
  };
  return new Proxy(desk, {
    get(target, key) {
      const mine = own[key as keyof ShortDesk];
      if (mine !== undefined) return mine;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
    },
  });
}
