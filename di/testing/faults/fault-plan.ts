import type { Order } from '../../../src/domain/order.js';
import { protects } from '../../../src/domain/order-state.js';
import type { FaultStep, OrderFault } from './fault-step.js';
import { isOfOrder, msOf } from './fault-step.js';

type Passing = 'sent' | 'accepted' | 'filled';

/** What an order is called in a test: the tag under which it was asked for, and its role. */
export function namesOf(order: Pick<Order, 'request' | 'origin'>): readonly [tag: string, role: string] {
  const { request, origin } = order;
  const asked = origin?.asked;
  if (asked !== undefined) return [asked.tag, asked.role];
  const role = protects(request) ? 'stop' : request.reduceOnly ? 'exit' : 'entry';
  return [role, role];
}

/** The faults of a run that have not happened yet, and how often each place was passed. */
export class FaultPlan {
  private readonly waiting: FaultStep[];
  private readonly passed = new Map<string, number>();
  /** Those of the next order, whichever it is. */
  private readonly forNext: OrderFault[] = [];
  private records = 0;

  constructor(
    steps: readonly FaultStep[],
    private readonly startAt: number,
    private readonly intervalMs: number,
  ) {
    this.waiting = [...steps];
  }

  /** Instant of the next fault that time brings; infinite without one. */
  get nextAt(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.waiting.map((step) => this.atOf(step)));
  }

  /** Steps that have not come to pass. */
  get left(): readonly FaultStep[] {
    return this.waiting;
  }

  /** Takes what is due by `now`. */
  due(now: number): readonly FaultStep[] {
    return this.take((step) => this.atOf(step) <= now);
  }

  /** Keeps a fault for the next order that is sent. */
  keep(fault: OrderFault): void {
    this.forNext.push(fault);
  }

  /** An order passes a place: what happens there. */
  pass(order: Pick<Order, 'request' | 'origin'>, is: Passing): readonly FaultStep[] {
    const [tag, role] = namesOf(order);
    const names = new Set([tag, role]);
    for (const name of names) this.passed.set(`${name} ${is}`, (this.passed.get(`${name} ${is}`) ?? 0) + 1);
    return this.take(
      ({ when }) =>
        'order' in when &&
        when.is === is &&
        names.has(when.order) &&
        this.passed.get(`${when.order} ${is}`) === (when.nth ?? 1),
    );
  }

  /** What becomes of an order that is being sent, from its own steps and what waited for the next one. */
  fateOf(steps: readonly FaultStep[]): readonly OrderFault[] {
    return [...steps.filter((step): step is FaultStep & OrderFault => isOfOrder(step)), ...this.forNext.splice(0)];
  }

  /** A record that somebody waits for is on disk. */
  recorded(): readonly FaultStep[] {
    this.records += 1;
    return this.take(({ when }) => 'record' in when && when.record === this.records);
  }

  get recordsSoFar(): number {
    return this.records;
  }

  private atOf({ when }: FaultStep): number {
    // The instant of the close belongs to the market, and to whoever is told of it.
    if ('bar' in when) return this.startAt + (when.bar + 1) * this.intervalMs - 1;
    return 'at' in when ? this.startAt + msOf(when.at) : Number.POSITIVE_INFINITY;
  }

  private take(isDue: (step: FaultStep) => boolean): readonly FaultStep[] {
    const due = this.waiting.filter(isDue);
    for (const step of due) this.waiting.splice(this.waiting.indexOf(step), 1);
    return due;
  }
}
