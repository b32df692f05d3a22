import { describe, expect, it } from '@jest/globals';
import { lots, ticks } from '#src/domain/units.js';
import type { Submission } from '#src/ports/core-services/execution.js';
import type { NamedIntent } from '#src/ports/strategy/intent.js';
import { Rig, settled } from '../rig.js';

const worst = ticks(495_000);

/** Long a hundred lots. */
function holding(): Rig {
  const rig = new Rig({ permit: { objection: () => undefined, worstPrice: () => worst } });
  rig.hold(100);
  return rig;
}

let nth = 0;
const out = (rig: Rig, size: number, more: Partial<NamedIntent> = {}): Submission =>
  rig.coordinator.executeIntent(
    {
      ...{ instrument: rig.instrument, side: 'sell', type: 'market', lots: lots(size), reduceOnly: true, role: 'exit' },
      ...{ tag: 'out', why: 'enough', strategy: 'test', instance: 'test@BTC', nth: (nth += 1) },
      ...more,
    },
    rig.markOf('50000'),
    rig.clock.now(),
  );

/** Fills this much of the newest order, then ends it. */
async function end(rig: Rig, filled: number): Promise<void> {
  await settled();
  const order = rig.log.find(rig.broker.lastPlaced.clientId);
  if (order === undefined) throw new Error('There is no order.');
  const { clientId, symbol } = order.request;
  if (filled > 0) rig.stream.accept({ kind: 'fill', fill: rig.fill(order, filled, `t-${clientId}`) });
  const report = { status: 'expired', at: rig.clock.now() } as const;
  if (filled < order.request.lots) rig.stream.accept({ kind: 'order', clientId, symbol, report, filled: lots(filled) });
  await settled();
}

const sizes = (rig: Rig): number[] => rig.broker.placed.map(({ lots: size }) => size);

describe('an exit that a strategy asks for by intent', () => {
  it('goes on, for its own size, with what the collar has left of it', async () => {
    const rig = holding();
    out(rig, 50);
    await end(rig, 20);
    expect(sizes(rig)).toEqual([50]);
    await rig.scheduler.advance(1_000);
    expect(sizes(rig)).toEqual([50, 30]);
    await end(rig, 30);
    await rig.scheduler.advance(600_000);
    expect([sizes(rig), rig.scheduler.pending]).toEqual([[50, 30], 0]);
    expect(rig.portfolio.position(rig.instrument).lots).toBe(50);
  });

  it('sends its rest under its tag and a number of its own', async () => {
    const rig = holding();
    out(rig, 100, { nth: 7 });
    await end(rig, 20);
    await rig.scheduler.advance(1_000);
    const asked = [...rig.log.all()].map(({ origin }) => `${origin?.asked?.tag} ${origin?.asked?.nth}`);
    expect(asked).toEqual(['out 7', 'out 8']);
  });

  it('goes on until the position is gone where that is what was asked', async () => {
    const rig = holding();
    out(rig, 100, { isWhole: true });
    await end(rig, 40);
    rig.portfolio.applyFill(rig.fill('elsewhere', 10, 'e', { side: 'sell' }));
    await rig.scheduler.advance(1_000);
    expect(sizes(rig)).toEqual([100, 50]);
  });

  it('sends nothing of it while a person flattens, and goes on when that is over', async () => {
    const rig = holding();
    out(rig, 100, { isWhole: true });
    await end(rig, 40);
    rig.ladder.state = 'FLATTENING';
    await rig.scheduler.advance(120_000);
    expect(sizes(rig)).toEqual([100]);
    rig.ladder.state = 'NORMAL';
    await rig.scheduler.advance(120_000);
    expect(sizes(rig)).toEqual([100, 60]);
  });

  it('takes what is left at once when what took its size has ended', async () => {
    const rig = holding();
    const target = rig.submit({ side: 'sell', type: 'limit', limit: ticks(600_000), lots: lots(60), reduceOnly: true });
    await settled();
    out(rig, 100, { isWhole: true });
    await end(rig, 40);
    expect(sizes(rig)).toEqual([60, 40]);
    await rig.gateway.cancel(target.request.clientId);
    await settled();
    expect(sizes(rig)).toEqual([60, 40, 60]);
  });

  it('begins when what takes all of it off has ended, once', async () => {
    const rig = holding();
    const target = rig.submit({
      ...{ side: 'sell', type: 'limit', limit: ticks(600_000), lots: lots(100), reduceOnly: true },
    });
    await settled();
    expect(out(rig, 100, { isWhole: true })).toMatchObject({ outcome: 'nothing' });
    out(rig, 100, { isWhole: true });
    await rig.scheduler.advance(60_000);
    expect(sizes(rig)).toEqual([100]);
    await rig.gateway.cancel(target.request.clientId);
    await settled();
    expect(sizes(rig)).toEqual([100, 100]);
    await end(rig, 100);
    await rig.scheduler.advance(600_000);
    expect([sizes(rig), rig.portfolio.position(rig.instrument).lots]).toEqual([[100, 100], 0]);
  });

  it.each([
    ['another exit at market', { tag: 'other' }],
    ['an exit that rests', { tag: 'other', type: 'limit', limit: ticks(600_000) }],
  ] as const)('leaves its rest to what the strategy asks after it: %s', async (_what, more) => {
    const rig = holding();
    out(rig, 50);
    await end(rig, 20);
    out(rig, 30, more);
    await settled();
    await rig.scheduler.advance(600_000);
    expect(sizes(rig)).toEqual([50, 30]);
  });

  it('is not asked again after it was refused', async () => {
    const rig = holding();
    rig.broker.next('placeOrder', {
      value: { outcome: 'rejected', reason: 'other', message: 'no', at: rig.clock.now() },
    });
    out(rig, 100, { isWhole: true });
    await settled();
    await rig.scheduler.advance(600_000);
    expect(sizes(rig)).toEqual([100]);
  });
});
