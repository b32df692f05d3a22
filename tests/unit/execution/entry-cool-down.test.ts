import { describe, expect, it } from '@jest/globals';
import type { OrderStatus } from '#src/domain/order-state.js';
import type { Decision } from '#src/domain/decision.js';
import { lots, ticks } from '#src/domain/units.js';
import type { Submission } from '#src/ports/core-services/execution.js';
import { instrument } from '#src/testing/instruments.js';
import { Rig, settled } from './rig.js';

const HOUR = 3_600_000;

const buy = (rig: Rig, terms: Partial<Decision> = {}): Submission => {
  rig.clock.advance(1);
  return rig.place({ action: 'buy', quantity: lots(1), ...terms });
};

describe('entries that the venue does not take', () => {
  it('wait longer each time: an hour of refusals is few orders and few lines', async () => {
    const rig = new Rig();
    rig.broker.always('placeOrder', { refuse: 'insufficient_margin' });
    for (let at = 0; at < HOUR; at += 5_000) {
      buy(rig);
      await settled();
      await rig.scheduler.advance(4_999);
    }
    const attempts = rig.broker.called().filter((call) => call === 'placeOrder').length;
    expect(attempts).toBeGreaterThan(8);
    expect(attempts).toBeLessThan(20);
    expect(rig.logger.lines.length).toBeLessThan(60);
    expect(rig.stats.attempted).toBe(720);
  });

  it('wait over a restart, and no more once one has filled', async () => {
    const rig = new Rig();
    rig.broker.always('placeOrder', { refuse: 'other' });
    for (let i = 0; i < 5; i += 1) {
      buy(rig);
      await settled();
      await rig.scheduler.advance(20_000);
    }
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock });
    await next.start();
    const again = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock });
    await again.start();
    buy(again);
    await settled();
    expect(buy(again)).toMatchObject({ outcome: 'refused', check: 'cool_down' });
    again.clock.advance(60_000);
    again.broker.heal('placeOrder');
    const entry = buy(again);
    await settled();
    const id = entry.outcome === 'submitted' ? entry.clientId : '';
    again.stream.accept({ kind: 'fill', fill: again.fill(again.log.find(id) ?? id, 1, 't1') });
    again.broker.next('placeOrder', { refuse: 'other' });
    buy(again);
    await settled();
    again.clock.advance(1_000);
    expect(buy(again)).toMatchObject({ outcome: 'submitted' });
  });

  it('wait in their lane behind one that was refused, and leave no more', async () => {
    const rig = new Rig();
    rig.broker.next('placeOrder', { refuse: 'insufficient_margin' });
    const [first, second] = [rig.submit(), rig.submit()];
    const elsewhere = rig.submit({ instrument: instrument({ symbol: 'ETH-PERP', base: 'ETH' }) });
    await rig.pending.idle();
    expect(rig.log.find(first.request.clientId)?.reason).toMatch(/^insufficient_margin/);
    expect(rig.log.find(second.request.clientId)?.reason).toMatch(/^cool_down: The venue has not taken 1 entries/);
    expect(rig.broker.placed.map(({ clientId }) => clientId)).toEqual(
      expect.arrayContaining([first, elsewhere].map(({ request }) => request.clientId)),
    );
    expect(rig.broker.placed).toHaveLength(2);
  });

  const STATUSES: [OrderStatus, Partial<Decision>, boolean][] = [
    ['rejected_late', {}, true],
    ['expired', {}, true],
    ['cancelled', {}, true],
    ['rejected_late', { orderType: 'limit', limit: ticks(499_000) }, true],
    ['expired', { orderType: 'limit', limit: ticks(499_000) }, false],
    ['cancelled', { orderType: 'limit', limit: ticks(499_000) }, false],
    ['liquidated', {}, false],
  ];
  it.each(STATUSES)('%s of %j: the next one waits: %s', async (status, terms, waits) => {
    const rig = new Rig();
    const entry = buy(rig, terms);
    await settled();
    const id = entry.outcome === 'submitted' ? entry.clientId : '';
    rig.stream.accept({
      kind: 'order',
      clientId: id,
      symbol: 'BTC-PERP',
      report: { status, at: rig.clock.now() },
      filled: lots(0),
    });
    expect(buy(rig).outcome).toBe(waits ? 'refused' : 'submitted');
  });

  it('hold back nothing that reduces, and no other symbol', async () => {
    const rig = new Rig();
    rig.hold(5);
    rig.broker.next('placeOrder', { refuse: 'other' });
    buy(rig);
    await settled();
    expect(buy(rig)).toMatchObject({ check: 'cool_down' });
    rig.clock.advance(1);
    expect(rig.place({ action: 'close' })).toMatchObject({ outcome: 'submitted' });
  });

  it('a refusal of our own is no refusal of the venue', async () => {
    const rig = new Rig();
    rig.ladder.state = 'HALTED';
    buy(rig);
    await settled();
    rig.ladder.state = 'NORMAL';
    expect(buy(rig)).toMatchObject({ outcome: 'submitted' });
  });
});
