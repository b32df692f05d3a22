import { expectSame, expectThat } from './expecting.js';
import { traded, type Scenario } from './scenario.js';
import type { WireFault } from '../../../src/ports/venue/serving/wire-faults.js';

/** After it the venue takes the request no more, and a question finds what it has taken. */
const EXPIRED_MS = 20_000;

const D1 = traded(
  'D1',
  'a request that is lost on its way is not known, and denied in the end',
  async (world) => {
    world.line.loses = 'request';
    const { outcome } = await world.placed('PB1');
    world.line.loses = undefined;
    expectSame(outcome, 'unknown', 'The outcome');
    expectSame(world.account.placed(), 0, 'Requests that reached the venue');
    await world.scheduler.advance(EXPIRED_MS);
    const { found } = await world.within(world.trader.getOrder(world.refOf('PB1')));
    expectSame(found, false, 'Whether it is found');
  },
  async (world) => {
    // Whoever is called is not there, for several orders: of none is it known, and none is sent once it is.
    const names = ['PB1', 'PB2', 'PB3'];
    world.line.isDown = true;
    for (const clientId of names) expectSame((await world.placed(clientId)).outcome, 'unknown', 'The outcome');
    world.line.isDown = false;
    await world.scheduler.advance(EXPIRED_MS);
    for (const clientId of names)
      expectSame(
        (await world.within(world.trader.getOrder(world.refOf(clientId)))).found,
        false,
        'Whether it is found',
      );
    expectSame(world.account.placed(), 0, 'Requests that reached the venue');
  },
);

const D2 = traded('D2', 'an order whose answer is lost is not known, found, and sent once', async (world) => {
  world.line.loses = 'answer';
  const { outcome } = await world.placed('PB1');
  world.line.loses = undefined;
  expectSame(outcome, 'unknown', 'The outcome');
  expectSame(world.account.placed(), 1, 'Requests that reached the venue');
  const found = await world.within(world.trader.getOrder(world.refOf('PB1')));
  expectSame(found.found && found.order.report.status, 'open', 'What it is found as');
  expectSame(world.account.open(), ['PB1'], 'What is open');
});

const D3 = traded(
  'D3',
  'what filled at once and was not answered is told by stream and history, once',
  async (world) => {
    world.line.loses = 'answer';
    await world.placed('PB1', { type: 'market' });
    world.line.loses = undefined;
    await world.scheduler.advance(1_000);
    const told = world.fillsOf('PB1').map(({ tradeId }) => tradeId);
    expectThat(told.length > 0, 'The stream must tell its fill.');
    const { items } = await world.within(world.trader.listFills(world.clock.now() - 60_000));
    expectSame(
      items.filter(({ clientId }) => clientId === 'PB1').map(({ tradeId }) => tradeId),
      told,
      'The fills of the history',
    );
  },
);

/** What comes back in place of an answer, of which nothing follows. */
const UNREADABLE: readonly WireFault[] = ['html', 'truncated', 'reset'];

const D4 = traded(
  'D4',
  'an answer that says nothing leaves the outcome unknown, and nothing is sent again',
  ...UNREADABLE.map((fault) => async (world: Parameters<Parameters<typeof traded>[2]>[0]) => {
    world.wire.faults([fault]);
    const { outcome } = await world.placed('PB1');
    world.wire.faults([]);
    expectSame(outcome, 'unknown', `The outcome of an answer that is ${fault}`);
    expectSame(world.account.placed(), 1, 'Requests that reached the venue');
  }),
);

export const LOST: readonly Scenario[] = [D1, D2, D3, D4];
