import { lots } from '../../../src/domain/units.js';
import { MINUTE_MS } from '../../../src/domain/time-spans.js';
import { expectSame, expectThat } from './expecting.js';
import { traded, type Scenario } from './scenario.js';
import type { ConformanceWorld } from './world.js';

const LIFE_MS = 11 * MINUTE_MS;

const A7 = traded('A7', 'who leaves while an order is under way does not know what became of it', async (world) => {
  world.wire.faults(['no-answer']);
  const pending = world.trader.placeOrder(world.order('PB1'));
  await world.scheduler.advance(100);
  await world.trader.disconnect();
  const { outcome } = await world.within(pending, 1_000);
  expectSame(outcome, 'unknown', 'The outcome');
  world.wire.faults([]);
});

const C1 = traded('C1', 'an order that rests fills in parts, each told once, and ends once', async (world) => {
  const { limit } = world.order('PB1');
  expectThat(limit !== undefined, 'An order that rests must have a limit.');
  await world.placed('PB1');
  const through = world.instrument.price(limit).minus(world.market.spec.tick.times(5));
  for (let part = 0; part < 4 && world.account.open().length > 0; part += 1) {
    world.market.trade(through, world.instrument.size(lots(part < 2 ? 4 : 1_000)), 'sell');
    await world.scheduler.advance(1_000);
  }
  const fills = world.fillsOf('PB1');
  expectSame(
    fills.reduce((sum, fill) => sum + fill.lots, 0),
    10,
    'What has filled',
  );
  expectSame(new Set(fills.map(({ tradeId }) => tradeId)).size, fills.length, 'Names of the fills');
  expectThat(
    fills.every(({ liquidity }) => liquidity === 'maker'),
    'Who rests is the maker.',
  );
  expectSame(world.endsOf('PB1'), ['filled'], 'The ends that were told');
});

const C7 = traded('C7', 'an order with an end of its own ends then, and no sooner', async (world) => {
  const goodTill = world.clock.now() + LIFE_MS;
  const { outcome } = await world.placed('PB1', { timeInForce: 'GTD', options: { goodTill } });
  expectSame(outcome, 'accepted', 'The outcome');
  await world.scheduler.advance(LIFE_MS - MINUTE_MS);
  expectSame(world.account.open(), ['PB1'], 'What is open before');
  await world.scheduler.advance(2 * MINUTE_MS);
  expectSame(world.account.open(), [], 'What is open afterwards');
  expectSame(world.endsOf('PB1').length, 1, 'Ends that were told');
});

const H5 = traded(
  'H5',
  'what filled while nobody was heard is in the history, and the stream begins anew',
  async (world) => {
    world.line.isHalfOpen = true;
    await world.placed('PB1', { type: 'market' });
    await world.scheduler.advance(30_000);
    expectThat(
      world.heardOf.some(({ kind }) => kind === 'closed'),
      'A stream of which nothing is heard must be given up.',
    );
    world.line.isHalfOpen = false;
    await world.listen();
    const { items } = await world.within(world.trader.listFills(world.clock.now() - MINUTE_MS));
    expectThat(
      items.some(({ clientId }) => clientId === 'PB1'),
      'What filled meanwhile must be in the history.',
    );
    await world.placed('PB2', { type: 'market' });
    await world.scheduler.advance(1_000);
    expectThat(world.fillsOf('PB2').length > 0, 'What fills now must be told.');
  },
);

const H6 = traded('H6', 'the key of a stream that ends is followed by another, and that is said', async (world) => {
  world.wire.faults(['listen-key-end']);
  await world.within(world.trader.listBalances());
  await world.scheduler.advance(1_000);
  world.wire.faults([]);
  await world.scheduler.advance(MINUTE_MS);
  expectThat(
    world.heardOf.some(({ kind }) => kind === 'gap' || kind === 'closed'),
    'That something may be missing must be said.',
  );
  if (world.heardOf.some(({ kind }) => kind === 'closed')) await world.listen();
  await world.placed('PB1', { type: 'market' });
  await world.scheduler.advance(1_000);
  expectSame(
    world.fillsOf('PB1').reduce((sum, fill) => sum + fill.lots, 0),
    10,
    'What was told of the next order',
  );
});

const C13 = traded(
  'C13',
  'an order that the engine refuses after it was taken is told so, with a reason',
  async (world) => {
    world.wire.faults(['late-reject']);
    const { outcome } = await world.placed('PB1');
    await world.scheduler.advance(5_000);
    world.wire.faults([]);
    expectSame(outcome, 'accepted', 'The outcome');
    expectSame(world.account.open(), [], 'What is open');
    const reports = world.heardOf.flatMap((event) => (event.kind === 'order' ? [event.report] : []));
    const late = reports.find(({ status }) => status === 'rejected_late');
    expectThat(late?.reason !== undefined && late.reason !== '', 'It must be told as refused late, with a reason.');
  },
);

const sumOf = (world: ConformanceWorld, clientId: string): number =>
  world.fillsOf(clientId).reduce((sum, fill) => sum + fill.lots, 0);

const C3 = traded(
  'C3',
  'what fills before its answer comes is told once, and the answer takes nothing back',
  async (world) => {
    world.wire.faults(['late-answer']);
    let isAnswered = false;
    const pending = world.trader.placeOrder(world.order('PB1', { type: 'market' })).finally(() => (isAnswered = true));
    await world.scheduler.advance(1_000);
    expectThat(!isAnswered, 'The answer must be late.');
    expectSame(sumOf(world, 'PB1'), 10, 'What has filled before the answer');
    const { outcome } = await world.within(pending);
    world.wire.faults([]);
    expectSame(outcome, 'accepted', 'The outcome');
    await world.scheduler.advance(5_000);
    expectSame(sumOf(world, 'PB1'), 10, 'What has filled');
    const statuses = world.heardOf.flatMap((event) => (event.kind === 'order' ? [event.report.status] : []));
    expectSame([statuses.at(-1), world.endsOf('PB1')], ['filled', ['filled']], 'What it has come to');
  },
);

const C4 = traded('C4', 'whether answer or stream comes first, the end is the same', async (world) => {
  const came: unknown[] = [];
  for (const [clientId, fault] of [
    ['PB1', 'late-answer'],
    ['PB2', 'delay'],
  ] as const) {
    world.wire.faults([fault]);
    const { outcome } = await world.placed(clientId, { type: 'market' });
    if (fault === 'delay') expectSame(sumOf(world, clientId), 0, 'What the stream has told before the answer');
    await world.scheduler.advance(5_000);
    world.wire.faults([]);
    const found = await world.within(world.trader.getOrder(world.refOf(clientId)));
    came.push([outcome, sumOf(world, clientId), world.endsOf(clientId), found.found && found.order.filled]);
  }
  expectSame(came[1], came[0], 'The end where the answer comes first');
  expectSame(came[0], ['accepted', 10, ['filled'], world.instrument.size(lots(10))], 'The end');
});

export const LIFETIMES: readonly Scenario[] = [A7, C1, C3, C4, C7, C13, H5, H6];
