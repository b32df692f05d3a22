import type { OrderRequest } from '#src/domain/order.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import type { Brokerage } from '#src/ports/venue/brokerage.js';
import { never, type Life } from '#di/testing/faults/estate.js';

export const DEATHS = ['moment', 'leaving', 'sent', 'accepted', 'told', 'taken', 'answered'] as const;
/** And on its way to the venue's dead man's switch. */
export const WINDINGS = ['winding', 'wound'] as const;

/** Where a process dies: at an instant, or at the nth passing of a place on its way to the venue. */
export interface Death {
  readonly place: (typeof DEATHS)[number] | (typeof WINDINGS)[number];
  readonly nth: number;
}

export interface LineEvents {
  /** An order leaves the process. */
  readonly left: (request: OrderRequest) => void;
  /** The venue has answered for the first time. */
  readonly answered: () => void;
}

/** The way of one process to its venue: what it says and hears ends with it. */
export function mortalLine(broker: Brokerage, life: Life, death: Death, events: LineEvents): Brokerage {
  let left = death.nth;
  const pass = (place: Death['place']): void => {
    if (place === death.place && (left -= 1) === 0) life.die();
  };
  const sinkOf = (sink: (event: unknown) => void) => (event: unknown) => {
    if (life.isOver) return;
    const isOrder = ['order', 'fill'].includes((event as AccountEvent).kind);
    if (isOrder) pass('told');
    if (life.isOver) return;
    sink(event);
    if (isOrder) pass('taken');
  };
  return new Proxy(broker, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const isOrder = key === 'placeOrder' || key === 'placeOrders';
        if (isOrder) pass('leaving');
        if (key === 'setDeadMan') pass('winding');
        if (life.isOver) return never();
        if (isOrder) for (const request of [args[0]].flat() as readonly OrderRequest[]) events.left(request);
        const all = args.map((arg) => (typeof arg === 'function' ? sinkOf(arg as (event: unknown) => void) : arg));
        const answer: unknown = (value as (...all: unknown[]) => unknown).apply(target, all);
        if (isOrder) pass('sent');
        return answer instanceof Promise ? heard(answer, key, isOrder) : answer;
      };
    },
  });

  async function heard(answer: Promise<unknown>, key: string | symbol, isOrder: boolean): Promise<unknown> {
    try {
      const told = await answer;
      pass(isOrder ? 'accepted' : 'answered');
      if (key === 'setDeadMan') pass('wound');
      if (!life.isOver) events.answered();
      return life.isOver ? await never() : told;
    } catch (error) {
      if (life.isOver) await never();
      throw error;
    }
  }
}
