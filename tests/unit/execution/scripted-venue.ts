import type { OrderRequest } from '#src/domain/order.js';
import type { SubmitResult } from '#src/ports/venue/submit-result.js';
import type { OrderAnswer } from '#src/testing/answers.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import type { ManualClock } from '#src/testing/manual-clock.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

/** What becomes of one request on the wire. */
export interface Fate {
  readonly arrives: 'now' | 'late' | 'never';
  readonly delayMs: number;
  readonly reply: 'told' | 'unknown' | 'silent';
  readonly refused: boolean;
  /** Share of the order that fills on arrival, in tenths. */
  readonly fillTenths: number;
  /** How long queries do not show it yet. */
  readonly lagMs: number;
  /** Whether the account stream tells of it. */
  readonly streamed: boolean;
}

const READS = ['getOrder', 'listOpenOrders', 'listFills', 'listTransfers'] as const;

/** A venue that does with each order what its fate says, and looks whether it was sent too early. */
export class ScriptedVenue extends FakeBroker {
  readonly problems: string[] = [];
  private isDown = false;

  constructor(
    clock: ManualClock,
    private readonly journal: CrashingJournal,
  ) {
    super({ scheduler: new ManualScheduler(clock) });
  }

  get sent(): string[] {
    return this.placed.map(({ clientId }) => clientId);
  }

  get position(): number {
    return this.account.fills.reduce((sum, { lots }) => sum + lots, 0);
  }

  /** Nothing can be asked while it is. */
  get down(): boolean {
    return this.isDown;
  }
  set down(isDown: boolean) {
    this.isDown = isDown;
    for (const read of READS)
      if (isDown) this.always(read, { throws: new Error('venue down') });
      else this.heal(read);
  }

  /** What becomes of the orders from now on, until the first of them has met it. */
  set fate(fate: Fate) {
    this.always('placeOrder', answerOf(fate));
  }

  override placeOrder(request: OrderRequest): Promise<SubmitResult> {
    if (!this.journal.durablyKnows(request.clientId))
      this.problems.push(`${request.clientId} left before its intent was durable`);
    const answer = super.placeOrder(request);
    this.heal('placeOrder');
    return answer;
  }
}

function answerOf({ arrives, delayMs, reply, refused, fillTenths, lagMs, streamed }: Fate): OrderAnswer {
  const silence = reply === 'silent' ? ({ silent: true } as const) : {};
  if (refused) return reply === 'told' ? { refuse: 'other' } : { lost: 'request' };
  if (arrives === 'never') return { lost: 'request', ...silence };
  return {
    ...(fillTenths === 0 ? {} : { fill: { size: fillTenths / 1_000, price: 50_000 } }),
    ...(arrives === 'late' ? { transitMs: delayMs } : {}),
    ...(arrives === 'now' && reply === 'told' ? {} : { lost: 'answer' as const }),
    ...silence,
    hiddenMs: lagMs,
    streamed,
  };
}

/** A journal whose process can die: what was not synced may be lost, as a tail. */
export class CrashingJournal extends FakeEventStore {
  private durable = 0;

  /** The disk takes its time; what was appended meanwhile is synced with it. */
  override async appendDurable(
    ...args: Parameters<FakeEventStore['appendDurable']>
  ): ReturnType<FakeEventStore['appendDurable']> {
    const written = await super.appendDurable(...args);
    for (let i = 0; i < 3; i += 1) await Promise.resolve();
    this.durable = this.events.length;
    return written;
  }

  override flush(): Promise<void> {
    this.durable = this.events.length;
    return Promise.resolve();
  }

  durablyKnows(clientId: string): boolean {
    return this.events
      .slice(0, this.durable)
      .some((event) => event.type === 'order' && event.payload['client_id'] === clientId);
  }

  /** `kept` tenths of what was not synced survive. */
  crash(kept: number): void {
    this.events.length = this.durable + Math.floor(((this.events.length - this.durable) * kept) / 10);
    this.durable = this.events.length;
  }
}

/** Everything a process reaches, until it dies: after that its calls go nowhere and never come back. */
export function mortal<T extends object>(target: T, alive: () => boolean): T {
  return new Proxy(target, {
    get(object, key): unknown {
      const value: unknown = Reflect.get(object, key);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown =>
        alive() ? Reflect.apply(value, object, args) : new Promise(() => undefined);
    },
  });
}
