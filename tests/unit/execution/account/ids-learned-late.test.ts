import { describe, expect, it } from '@jest/globals';
import { clientOrderId } from '#src/domain/client-order-id.js';
import { venueOrderId, type Order } from '#src/domain/order.js';
import type { StatusReport } from '#src/domain/order-state.js';
import { FakeEventStore } from '../../../support/memory-event-store.js';
import { Rig, SYMBOL, T0 } from '../rig.js';

/** Nobody here knows that this is the venue's name of the order. */
const UNTOLD = { venueId: venueOrderId('v7') };

async function accepted(): Promise<{ rig: Rig; order: Order; journal: FakeEventStore }> {
  const journal = new FakeEventStore(() => T0);
  const rig = new Rig({ journal });
  await rig.start();
  const order = rig.submit();
  await rig.pending.idle();
  return { rig, order, journal };
}

/** The next process, before the venue has told it anything. */
async function restarted({ rig, journal }: { rig: Rig; journal: FakeEventStore }): Promise<Rig> {
  const next = new Rig({ journal, clock: rig.clock });
  await next.start();
  return next;
}

const tell = (rig: Rig, { request }: Order, status: StatusReport['status'], filled?: number): void =>
  rig.stream.accept({
    kind: 'order',
    clientId: request.clientId,
    symbol: SYMBOL,
    report: { status, at: T0, ...UNTOLD },
    ...(filled === undefined ? {} : { filled: rig.instrument.toLots(rig.instrument.size(filled as never), 'floor') }),
  });

const bookOf = (rig: Rig, { request }: Order): unknown => {
  const { status, filled, filledNotional } = rig.log.find(request.clientId) ?? {};
  return { status, filled, filledNotional, lots: rig.portfolio.position(rig.instrument).lots };
};

describe('a fill by a venue id that our order learns later', () => {
  it('is counted as the order learns it, and after a restart it is the same', async () => {
    const bot = await accepted();
    const { rig, order } = bot;
    rig.stream.accept({ kind: 'fill', fill: rig.fill('', 4, 't1', UNTOLD) });
    expect(bookOf(rig, order)).toMatchObject({ filled: 0, lots: 4 });

    tell(rig, order, 'open');

    expect(bookOf(rig, order)).toMatchObject({ status: 'partially_filled', filled: 4, lots: 4 });
    expect(bookOf(await restarted(bot), order)).toEqual(bookOf(rig, order));
  });

  it('is counted when the id is learned after a restart', async () => {
    const bot = await accepted();
    bot.rig.stream.accept({ kind: 'fill', fill: bot.rig.fill('', 4, 't1', UNTOLD) });
    const next = await restarted(bot);

    tell(next, bot.order, 'open');

    expect(bookOf(next, bot.order)).toMatchObject({ status: 'partially_filled', filled: 4, lots: 4 });
  });

  it('is counted when a fill with our name teaches the id', async () => {
    const bot = await accepted();
    const { rig, order } = bot;
    rig.stream.accept({ kind: 'fill', fill: rig.fill('', 4, 't1', UNTOLD) });

    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 6, 't2', UNTOLD) });

    expect(bookOf(rig, order)).toMatchObject({ status: 'filled', filled: 10, lots: 10 });
    expect(bookOf(await restarted(bot), order)).toEqual(bookOf(rig, order));
  });

  it('lets an order end that the venue calls ended by the id of its fills', async () => {
    const bot = await accepted();
    const { rig, order } = bot;
    rig.stream.accept({ kind: 'fill', fill: rig.fill('', 4, 't1', UNTOLD) });

    tell(rig, order, 'cancelled', 4);

    expect(bookOf(rig, order)).toMatchObject({ status: 'cancelled', filled: 4, lots: 4 });
    expect(rig.openOrders.buying(SYMBOL)).toBe(0);
    expect(bookOf(await restarted(bot), order)).toEqual(bookOf(rig, order));
  });

  it('lets an order end that a question finds ended by the id of its fills', async () => {
    const bot = await accepted();
    const { rig, order } = bot;
    rig.stream.accept({ kind: 'fill', fill: rig.fill('', 4, 't1', UNTOLD) });
    rig.broker.always('listOpenOrders', { value: [] });
    rig.broker.always('getOrder', {
      value: { found: true, order: { ...rig.venueOrder(order, 'cancelled', 4), ...UNTOLD } },
    });

    await rig.reconciler.reconcile();

    expect(bookOf(rig, order)).toMatchObject({ status: 'cancelled', filled: 4, lots: 4 });
  });

  it('is told to who listens after the order itself, newest last', async () => {
    const { rig, order } = await accepted();
    rig.stream.accept({ kind: 'fill', fill: rig.fill('', 4, 't1', UNTOLD) });
    const heard: number[] = [];
    rig.log.onChange(() => undefined);
    rig.log.onChange(({ filled }) => heard.push(filled));

    tell(rig, order, 'open');

    expect(heard).toEqual([0, 4]);
  });

  it('counts for an order thought dead that the venue calls open, which stops everything', async () => {
    const bot = await accepted();
    const { rig, order } = bot;
    const dead = { ...order, status: 'lost' as const, venueIds: [] };
    rig.log.replace(dead);
    rig.stream.accept({ kind: 'fill', fill: rig.fill('', 4, 't1', UNTOLD) });

    tell(rig, order, 'open');

    expect(bookOf(rig, order)).toMatchObject({ status: 'partially_filled', filled: 4, lots: 4 });
    expect(rig.ladder.tightened).toContain('HALTED lost_order_open');
    expect(bookOf(await restarted(bot), order)).toEqual(bookOf(rig, order));
  });

  it('is not counted by an order that it would overfill, before a restart or after', async () => {
    const bot = await accepted();
    const { rig, order } = bot;
    rig.stream.accept({ kind: 'fill', fill: rig.fill('', 8, 't1', UNTOLD) });

    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 5, 't2', UNTOLD) });

    expect(bookOf(rig, order)).toMatchObject({ filled: 5, lots: 13 });
    expect(rig.ladder.tightened).toEqual(['HALTED order_overfilled']);
    expect(bookOf(await restarted(bot), order)).toEqual(bookOf(rig, order));
  });

  it('is counted once by an order with our name that is adopted after it, and by no restart again', async () => {
    const bot = await accepted();
    const { rig, order } = bot;
    const orphan = clientOrderId('perps-bot', 88, 1);
    const venueId = venueOrderId('v88');
    rig.stream.accept({ kind: 'fill', fill: rig.fill(orphan, 3, 't1', { venueId }) });
    rig.stream.accept({ kind: 'fill', fill: rig.fill('', 2, 't2', { venueId }) });
    const listed = { ...rig.venueOrder(order, 'open', 5), clientId: orphan, venueId };
    rig.broker.always('listOpenOrders', { value: [rig.venueOrder(order, 'open'), listed] });

    await rig.reconciler.reconcile();

    expect(rig.log.find(orphan)).toMatchObject({ status: 'partially_filled', filled: 5 });
    expect((await restarted(bot)).log.find(orphan)).toMatchObject({ status: 'partially_filled', filled: 5 });
  });
});
