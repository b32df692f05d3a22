import { describe, expect, it } from '@jest/globals';
import { lots, ticks, units } from '#src/domain/units.js';
import { Rig, SYMBOL, T0 } from './rig.js';

const sent = async (rig: Rig): Promise<Rig['broker']['placed'][number]> => {
  await rig.pending.idle();
  const request = rig.broker.placed.at(-1);
  if (request === undefined) throw new Error('nothing was sent');
  return request;
};

describe('order placement: what is ordered', () => {
  it('turns a notional into lots at the mark, rounded down', async () => {
    const rig = new Rig();
    // 1,040 at 50,000 is 0.0208.
    rig.place({ action: 'buy', notional: units(1_040e8) });
    expect(await sent(rig)).toMatchObject({
      side: 'buy',
      type: 'market',
      lots: 20,
      reduceOnly: false,
      timeInForce: 'GTC',
    });
  });

  it('takes a quantity as it is', async () => {
    const rig = new Rig();
    rig.place({ action: 'sell', quantity: lots(7) });
    expect(await sent(rig)).toMatchObject({ side: 'sell', lots: 7 });
  });

  it('closes the position by its sign, reduce-only', async () => {
    const rig = new Rig();
    rig.hold(-12);
    rig.place({ action: 'close' });
    expect(await sent(rig)).toMatchObject({ side: 'buy', lots: 12, reduceOnly: true });
  });

  it('closes what is left, however little it is worth, and calls nothing of it flat (OL-19)', async () => {
    const rig = new Rig();
    rig.hold(1);
    rig.portfolio.mark(SYMBOL, rig.markOf('5000'));
    expect(rig.place({ action: 'buy', quantity: lots(1) })).toMatchObject({
      outcome: 'refused',
      check: 'min_notional',
    });
    rig.clock.advance(1);
    rig.place({ action: 'close' });
    expect(await sent(rig)).toMatchObject({ side: 'sell', lots: 1, reduceOnly: true });
    expect(rig.portfolio.position(rig.instrument).lots).toBe(1);
  });

  it('does not close lots that a working order closes already (OL-17)', async () => {
    const rig = new Rig();
    rig.hold(12);
    rig.submit({ side: 'sell', lots: lots(8), reduceOnly: true });
    rig.place({ action: 'close' });
    expect(await sent(rig)).toMatchObject({ side: 'sell', lots: 4 });
    rig.clock.advance(1);
    expect(rig.place({ action: 'close' })).toMatchObject({ outcome: 'nothing' });
  });

  it('forces reduce-only when risk says so, and cuts the order to the position (B-49)', async () => {
    const rig = new Rig();
    rig.hold(10);
    rig.risk.reduceOnly = true;
    rig.place({ action: 'sell', quantity: lots(30) });
    expect(await sent(rig)).toMatchObject({ lots: 10, reduceOnly: true });
  });

  it('forces reduce-only on a symbol that is no longer configured', async () => {
    const rig = new Rig({ risk: 'live' });
    rig.portfolio.setKnown(true);
    rig.hold(10);
    rig.config.apply({ updated: { ...rig.config.current, symbols: ['ETH-PERP'] }, diff: {} });
    rig.place({ action: 'sell', quantity: lots(30) });
    expect(await sent(rig)).toMatchObject({ lots: 10, reduceOnly: true });
  });

  it('passes prices, time in force and post-only on (B-58)', async () => {
    const rig = new Rig({ config: { execution: { postOnly: true } } });
    rig.place({ action: 'buy', quantity: lots(5), orderType: 'limit', limit: ticks(499_000), timeInForce: 'IOC' });
    expect(await sent(rig)).toMatchObject({ type: 'limit', limit: 499_000, timeInForce: 'IOC', postOnly: true });
    rig.clock.advance(1);
    rig.place({ action: 'sell', quantity: lots(5), orderType: 'stop_market', stopTrigger: ticks(480_000) });
    expect(await sent(rig)).toMatchObject({ type: 'stop_market', stop: 480_000, postOnly: false });
  });

  it('reads the default time in force at each use', async () => {
    const rig = new Rig();
    rig.execution = { timeInForce: 'IOC' };
    rig.place({ action: 'buy', quantity: lots(5) });
    expect(await sent(rig)).toMatchObject({ timeInForce: 'IOC' });
  });

  it('trades nothing without position, notional, quantity or mark', () => {
    const rig = new Rig();
    expect(rig.place({ action: 'close' })).toMatchObject({ outcome: 'nothing' });
    expect(rig.place({ action: 'buy' })).toMatchObject({ outcome: 'nothing' });
    const position = rig.portfolio.position(rig.instrument);
    expect(
      rig.coordinator.executeDecision(
        rig.instrument,
        { action: 'buy', reason: '', notional: units(1e10) },
        rig.markOf('0'),
        position,
        T0,
      ),
    ).toMatchObject({ outcome: 'nothing' });
    expect(rig.stats).toEqual({ attempted: 0, successful: 0, failed: 0, others: 0 });
  });

  it('sends nothing and counts nothing in a dry run', async () => {
    const rig = new Rig({ config: { dryRun: true } });
    expect(rig.place({ action: 'buy', quantity: lots(5) })).toEqual({ outcome: 'dry_run' });
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(0);
    expect(rig.stats.attempted).toBe(0);
  });

  it('names the same decision the same way, so that a second call is refused (OL-05)', async () => {
    const rig = new Rig();
    rig.place({ action: 'buy', quantity: lots(5) });
    expect(rig.place({ action: 'buy', quantity: lots(5) })).toMatchObject({
      outcome: 'refused',
      check: 'duplicate_intent',
    });
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(1);
  });
});

describe('order placement: counters', () => {
  it('counts an accepted order once (B-56)', async () => {
    const rig = new Rig();
    rig.place({ action: 'buy', quantity: lots(5) });
    expect(rig.stats).toEqual({ attempted: 1, successful: 0, failed: 0, others: 0 });
    await rig.pending.idle();
    const [order] = rig.log.open();
    if (order !== undefined) rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 5, 't1') });
    expect(rig.stats).toEqual({ attempted: 1, successful: 1, failed: 0, others: 0 });
  });

  it('counts refusals and rejections as failed, once each', async () => {
    const rig = new Rig();
    rig.risk.refusal = { check: 'leverage', reason: 'too much' };
    rig.place({ action: 'buy', quantity: lots(5) });
    rig.risk.refusal = undefined;
    rig.broker.always('placeOrder', {
      refuse: 'insufficient_margin',
    });
    rig.place({ action: 'buy', quantity: lots(5) });
    await rig.pending.idle();
    expect(rig.stats).toEqual({ attempted: 2, successful: 0, failed: 2, others: 0 });
  });

  it('counts an order that no decision was beside them: no fill is without its order', async () => {
    const rig = new Rig({ engine: 'advanced' });
    rig.place({ action: 'buy', quantity: lots(5) });
    await rig.pending.idle();
    const [order] = rig.log.open();
    if (order !== undefined) rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 5, 't1') });
    rig.advanced.closePosition(rig.instrument, 'taken off', rig.clock.now());
    await rig.pending.idle();
    expect(rig.stats).toEqual({ attempted: 1, successful: 1, failed: 0, others: 1 });
    expect([...rig.log.all()]).toHaveLength(2);
  });

  it('keeps an unknown order pending until it is known', async () => {
    const rig = new Rig();
    rig.broker.always('placeOrder', {
      lost: 'request',
    });
    rig.place({ action: 'buy', quantity: lots(5) });
    await rig.pending.idle();
    expect(rig.stats).toEqual({ attempted: 1, successful: 0, failed: 0, others: 0 });
    await rig.scheduler.advance(60_000);
    expect(rig.log.open()).toHaveLength(0);
    expect(rig.stats).toEqual({ attempted: 1, successful: 0, failed: 1, others: 0 });
  });
});
