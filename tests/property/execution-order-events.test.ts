import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTerminal, type OrderStatus } from '#src/domain/order-state.js';
import { lots } from '#src/domain/units.js';
import { venueOrderId } from '#src/domain/order.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import { Rig, SYMBOL } from '../unit/execution/rig.js';

/** What truly happened to one order at the venue. */
interface Truth {
  readonly size: number;
  readonly fills: readonly number[];
  readonly end: 'rests' | 'cancelled' | 'expired' | 'rejected';
}

const truths: fc.Arbitrary<Truth> = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    fills: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 5 }).map((parts) => cut(parts, size)),
    end: fc.constantFrom('rests' as const, 'cancelled' as const, 'expired' as const, 'rejected' as const),
  }),
);

function cut(parts: readonly number[], size: number): number[] {
  const kept: number[] = [];
  let left = size;
  for (const part of parts) {
    const taken = Math.min(part, left);
    if (taken > 0) kept.push(taken);
    left -= taken;
  }
  return kept;
}

describe('orders under any sequence of venue events', () => {
  it("end in the venue's truth and count nothing twice, whatever is repeated, reordered or lost in the reply (I-04) (I-08)", async () => {
    await fc.assert(
      fc.asyncProperty(
        truths,
        fc.boolean(),
        fc.array(fc.nat(), { minLength: 4, maxLength: 24 }),
        async (truth, replyLost, shuffle) => {
          const filled = truth.fills.reduce((sum, part) => sum + part, 0);
          // Nothing that has filled in whole can end otherwise, and a venue refuses late only what has not traded.
          fc.pre(!(truth.end === 'rejected' && filled > 0) && !(filled === truth.size && truth.end !== 'rests'));
          const rig = new Rig();
          if (replyLost)
            rig.broker.always('placeOrder', {
              lost: 'request',
            });
          const order = rig.submit({ lots: lots(truth.size) });
          await rig.pending.idle();
          const report = (status: OrderStatus): AccountEvent => ({
            kind: 'order',
            clientId: order.request.clientId,
            symbol: SYMBOL,
            report: { status, at: rig.clock.now(), venueId: venueOrderId('v1') },
          });
          const told: AccountEvent[] = truth.fills.map((part, index) => ({
            kind: 'fill',
            fill: rig.fill(order, part, `t${index}`),
          }));
          told.push(report('open'), ...(truth.fills.length > 0 ? [report('partially_filled')] : []));
          if (truth.end !== 'rests') told.push(report(truth.end));
          if (filled === truth.size) told.push(report('filled'));
          for (const event of disordered(told, shuffle)) rig.stream.accept(event);

          const after = rig.log.find(order.request.clientId);
          expect(after?.filled).toBe(filled);
          expect(normal(after?.status)).toBe(expectedStatus(truth, filled));
          expect(rig.portfolio.position(rig.instrument).lots).toBe(filled);
          expect(rig.records('fill')).toHaveLength(truth.fills.length);
          expect(rig.openOrders.buying(SYMBOL)).toBe(
            after !== undefined && isTerminal(after.status) ? 0 : truth.size - filled,
          );
          expect(rig.ladder.state).toBe('NORMAL');
          rig.portfolio.assertConsistent();
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Every event at least once, some twice, in an order the numbers decide. */
function disordered(events: readonly AccountEvent[], numbers: readonly number[]): AccountEvent[] {
  const all = [...events, ...numbers.slice(0, 4).map((n) => events[n % events.length])].filter(
    (event) => event !== undefined,
  );
  const result: AccountEvent[] = [];
  for (const [index, event] of all.entries())
    result.splice((numbers[index % numbers.length] ?? 0) % (result.length + 1), 0, event);
  return result;
}

const normal = (status: OrderStatus | undefined): string =>
  status === 'rejected_late' ? 'rejected' : (status ?? 'none');

function expectedStatus(truth: Truth, filled: number): string {
  if (filled === truth.size) return 'filled';
  if (truth.end !== 'rests') return truth.end;
  return filled > 0 ? 'partially_filled' : 'open';
}
