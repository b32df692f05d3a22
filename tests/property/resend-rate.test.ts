import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTerminal } from '#src/domain/order-state.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import type { Subscription } from '#src/ports/venue/subscription.js';
import type { AnswerOf } from '#src/testing/answers.js';
import type { OrderEnd } from '#src/testing/fake-account.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { GuardedBot } from '../unit/execution/protection/guarded-bot.js';

/** The smallest rate that may be configured. */
const RATE = 20;
const MINUTE = 60_000;

type StreamEnding = 'holds' | 'ends at once' | 'breaks at once' | 'cannot be opened' | 'tells of gaps';

const PLACED: readonly AnswerOf<'placeOrder'>[] = [
  {},
  {},
  { refuse: 'other' },
  { refuse: 'reduce_only' },
  { refuse: 'throttled' },
  { lost: 'request' },
  { lost: 'answer' },
  { silent: true },
  { silent: true, lost: 'answer' },
  { throws: new Error('broken') },
  { stage: 'received' },
];
const ENDS: readonly (OrderEnd | undefined)[] = ['cancelled', 'expired', 'rejected_late', undefined];
const READS = ['listOpenOrders', 'getOrder', 'listFills'] as const;

/** Notes when it was asked for anything. */
class WatchedVenue extends FakeBroker {
  readonly at: number[] = [];
  stream: StreamEnding = 'holds';
  private sink: (event: AccountEvent) => void = () => undefined;
  private readonly withdrawn = new Set<string>();

  override placeOrder(...args: Parameters<FakeBroker['placeOrder']>): ReturnType<FakeBroker['placeOrder']> {
    this.note();
    return super.placeOrder(...args);
  }
  /** The first cancellation of an order is not sent again. */
  override cancelOrder(...args: Parameters<FakeBroker['cancelOrder']>): ReturnType<FakeBroker['cancelOrder']> {
    if (this.withdrawn.has(args[0].clientId)) this.note();
    this.withdrawn.add(args[0].clientId);
    return super.cancelOrder(...args);
  }
  override listOpenOrders(...args: Parameters<FakeBroker['listOpenOrders']>): ReturnType<FakeBroker['listOpenOrders']> {
    this.note();
    return super.listOpenOrders(...args);
  }
  override getOrder(...args: Parameters<FakeBroker['getOrder']>): ReturnType<FakeBroker['getOrder']> {
    this.note();
    return super.getOrder(...args);
  }
  override listFills(...args: Parameters<FakeBroker['listFills']>): ReturnType<FakeBroker['listFills']> {
    this.note();
    return super.listFills(...args);
  }
  override async openAccount(sink: (event: AccountEvent) => void, signal: AbortSignal): Promise<Subscription> {
    this.note();
    this.sink = sink;
    const { stream } = this;
    if (stream === 'cannot be opened') throw new Error('refused');
    const opened = await super.openAccount(sink, signal);
    if (stream === 'ends at once') return { ...opened, closed: Promise.resolve() };
    if (stream === 'breaks at once') return { ...opened, closed: Promise.reject(new Error('socket')) };
    return opened;
  }

  tellOfGap(): void {
    if (this.stream === 'tells of gaps') this.sink({ kind: 'gap', message: '', at: this.scheduler.clock.now() });
  }

  private note(): void {
    this.at.push(this.scheduler.clock.now());
  }
}

/** The most requests in any minute after `from`. */
function busiest(at: readonly number[], from: number): number {
  const later = at.filter((each) => each > from);
  return later.reduce(
    (most, start) => Math.max(most, later.filter((each) => each >= start && each < start + MINUTE).length),
    0,
  );
}

interface Step {
  readonly placed: AnswerOf<'placeOrder'>;
  readonly end: OrderEnd | undefined;
  readonly stream: StreamEnding;
  readonly read: (typeof READS)[number] | undefined;
  readonly cancel: AnswerOf<'cancelOrder'>;
  readonly seconds: number;
}

/** Closes of a bare position, none of which is answered: each leaves in the place of one that has not ended. */
const UNANSWERED_CLOSES: readonly Partial<Step>[] = [
  { end: 'cancelled', read: 'listOpenOrders', seconds: 19 },
  { placed: { lost: 'request' }, end: 'cancelled', seconds: 25 },
  { end: 'cancelled', read: 'listOpenOrders', seconds: 49 },
  { read: 'listFills', seconds: 50 },
  { placed: { silent: true, lost: 'answer' }, end: 'cancelled', read: 'listFills', seconds: 40 },
  { end: 'cancelled', read: 'listOpenOrders', seconds: 21 },
];
const QUIET: Step = { placed: {}, end: undefined, stream: 'holds', read: undefined, cancel: {}, seconds: 1 };

describe('what is sent again', () => {
  it('is never more in any minute than the stated number, whatever ends how', async () => {
    const stops: Promise<unknown>[] = [];
    const step: fc.Arbitrary<Step> = fc.record({
      placed: fc.constantFrom(...PLACED),
      end: fc.constantFrom(...ENDS),
      stream: fc.constantFrom<StreamEnding>(
        'holds',
        'ends at once',
        'breaks at once',
        'cannot be opened',
        'tells of gaps',
      ),
      read: fc.constantFrom<(typeof READS)[number] | undefined>(...READS, undefined),
      cancel: fc.constantFrom<AnswerOf<'cancelOrder'>>({}, { lost: 'answer' }, { requested: true }),
      seconds: fc.integer({ min: 1, max: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
        const broker = new WatchedVenue();
        const bot = await new GuardedBot({ broker, config: { execution: { resendsPerMinute: RATE } } }).open();
        try {
          await bot.enter();
          const from = broker.scheduler.clock.now();
          for (const { placed, end, stream, read, cancel, seconds } of steps) {
            broker.always('placeOrder', placed).always('cancelOrder', cancel);
            broker.stream = stream;
            for (const each of READS)
              if (each === read) broker.always(each, { throws: new Error('busy') });
              else broker.heal(each);
            for (let second = 0; second < seconds; second += 1) {
              for (const [clientId, { report, type }] of broker.account.orders)
                if (end !== undefined && type !== 'market' && !isTerminal(report.status)) broker.end(clientId, end);
              broker.tellOfGap();
              await bot.made.advance(1_000);
            }
          }
          expect(busiest(broker.at, from)).toBeLessThanOrEqual(RATE);
        } finally {
          // What a venue never answers is waited for by the clock of the machine: once for all of them.
          stops.push(bot.made.stop());
        }
      }),
      { numRuns: 12, examples: [[UNANSWERED_CLOSES.map((each) => ({ ...QUIET, ...each }))]] },
    );
    await Promise.all(stops);
  });
});
