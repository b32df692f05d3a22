import { DAY_MS, MINUTE_MS } from '../../../src/domain/time-spans.js';
import type { ScriptedAnswer } from './contract.js';
import { expectRefusal, expectSame, expectThat } from './expecting.js';
import { leap, traded, type Scenario } from './scenario.js';
import type { ConformanceWorld } from './world.js';

const OF_LONG_AGO_MS = 4 * DAY_MS;
/** Requests that no venue answers within a minute. */
const TOO_MANY = 100;

/** Each means what the venue's documents say, and is followed by nothing. */
async function answered(world: ConformanceWorld, answers: readonly ScriptedAnswer[]): Promise<void> {
  for (const [place, scripted] of answers.entries()) {
    const clientId = `PB${place}`;
    const [open, placed] = [world.account.open().length, world.account.placed()];
    world.wire.answer(scripted);
    const result = await world.placed(clientId);
    world.wire.answer(undefined);
    const { name, means, isDone } = scripted;
    const is = result.outcome === 'rejected' ? result.reason : result.outcome;
    expectSame(is, means, `What ${name} means`);
    expectSame(world.account.placed(), placed + 1, `Requests that were sent for ${name}`);
    expectSame(world.account.open().length, open + (isDone ? 1 : 0), `What is open after ${name}`);
    if (result.outcome === 'rejected')
      expectThat(result.message.includes(String(scripted.status)), `What the venue has said must be kept: ${name}`);
    const { apiKey, apiSecret } = world.account.key;
    expectThat(
      ![apiKey, apiSecret].some((secret) => JSON.stringify(result).includes(secret)),
      'A key must not be told.',
    );
    // Whoever asks to be left alone is.
    await world.scheduler.advance(MINUTE_MS);
  }
}

const C11 = traded('C11', 'a refusal that nobody knows is one, and what is none says nothing', (world) =>
  answered(
    world,
    world.wire.answers.filter(({ isNew }) => isNew),
  ),
);

const D5 = traded('D5', 'an answer that says neither yes nor no means what the venue says it means', (world) =>
  answered(
    world,
    world.wire.answers.filter(({ isNew }) => !isNew),
  ),
);

const D6 = traded(
  'D6',
  'an answer that is late is heard by whoever waits, and one that never comes leaves the outcome to others',
  async (world) => {
    world.wire.faults(['late-answer']);
    const { outcome } = await world.placed('PB1');
    world.wire.faults([]);
    expectSame(outcome, 'accepted', 'The outcome');
  },
  async (world) => {
    world.wire.faults(['no-answer']);
    const { outcome } = await world.placed('PB1');
    world.wire.faults([]);
    expectSame(outcome, 'unknown', 'The outcome');
    expectSame(world.account.placed(), 1, 'Requests that reached the venue');
    const told = world.heardOf.flatMap((event) =>
      event.kind === 'order' ? [`${event.clientId} ${event.report.status}`] : [],
    );
    expectSame(told, ['PB1 open'], 'What the stream tells of it');
    const found = await world.within(world.trader.getOrder(world.refOf('PB1')));
    expectSame(found.found && found.order.report.status, 'open', 'What it is found as');
  },
);

const D7 = traded('D7', 'an order that was taken a moment ago and is not found yet is not denied', async (world) => {
  await world.placed('PB1');
  world.wire.forget(true);
  await expectRefusal(world.within(world.trader.getOrder(world.refOf('PB1')), 2_000), 'a denial of what was taken');
  world.wire.forget(false);
  const { found } = await world.within(world.trader.getOrder(world.refOf('PB1')));
  expectSame(found, true, 'Whether it is found');
});

const D8 = traded(
  'D8',
  'an order that the venue may have forgotten is not denied, and one that has filled is remembered',
  async (world) => {
    const sentAt = world.clock.now();
    await world.placed('PB1');
    await world.placed('PB2', { type: 'market' });
    await world.within(world.trader.cancelOrder(world.refOf('PB1')));
    await leap(world, OF_LONG_AGO_MS);
    const asked = (clientId: string) => world.within(world.trader.getOrder({ ...world.refOf(clientId), sentAt }));
    // Where it rejects it says nothing either.
    const told = await asked('PB1').catch(() => undefined);
    expectThat(
      told === undefined || (!told.found && told.forgotten === true),
      'What was forgotten must not be denied.',
    );
    const filled = await asked('PB2');
    expectSame(filled.found && filled.order.report.status, 'filled', 'What the one that has filled is found as');
  },
);

/** Told to leave the venue alone, whoever trades does: nothing is sent, and it is said for how long. */
const leftAlone = (fault: 'rate-limited' | 'banned') => async (world: ConformanceWorld) => {
  world.wire.faults([fault]);
  const told = await expectRefusal(world.within(world.trader.listBalances()), 'what is asked too often');
  world.wire.faults([]);
  const { retryAfterMs = 0 } = told as { readonly retryAfterMs?: number };
  expectThat(retryAfterMs > 0, 'It must be said how long.');
  const sent = world.requests().length;
  await expectRefusal(world.within(world.trader.listBalances()), 'what is asked meanwhile');
  const order = await world.placed('PB1');
  expectSame(order.outcome === 'rejected' && order.reason, 'throttled', 'The reason of an order');
  expectThat(order.outcome === 'rejected' && (order.retryAfterMs ?? 0) > 0, 'An order must be told how long.');
  expectSame(world.requests().length, sent, 'Requests that were sent meanwhile');
  await world.scheduler.advance(retryAfterMs);
  await world.within(world.trader.listBalances());
  expectSame((await world.placed('PB2')).outcome, 'accepted', 'The outcome of an order afterwards');
};

const H10 = traded(
  'H10',
  'a venue that wants to be left alone is, and before that cancellations have a part of their own',
  leftAlone('rate-limited'),
  leftAlone('banned'),
  async (world) => {
    await world.placed('PB1');
    let refusal: unknown;
    for (let left = TOO_MANY; left > 0 && refusal === undefined; left -= 1)
      refusal = await world.within(world.trader.listOpenOrders()).then(
        () => undefined,
        (error: unknown) => error,
      );
    expectThat(refusal instanceof Error, `Of ${TOO_MANY} questions at once some must wait.`);
    const found = await world.within(world.trader.getOrder(world.refOf('PB1')));
    expectSame(found.found, true, 'Whether an order is found all the same');
    const { outcome } = await world.within(world.trader.cancelOrder(world.refOf('PB1')));
    expectSame(outcome, 'cancelled', 'The outcome of a cancellation all the same');
  },
);

export const ANSWERED: readonly Scenario[] = [C11, D5, D6, D7, D8, H10];
