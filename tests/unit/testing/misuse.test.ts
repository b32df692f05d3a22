import { describe, expect, it } from '@jest/globals';
import { OrderRequest } from '#src/domain/order.js';
import { lots } from '#src/domain/units.js';
import { Clock } from '#src/ports/configuration/clock.js';
import type { BrokerMember, OrderAnswer } from '#src/testing/answers.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrument } from '#src/testing/instruments.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';

const order = new OrderRequest({
  clientId: 'c1',
  instrument: instrument(),
  side: 'buy',
  type: 'market',
  lots: lots(10),
  timeInForce: 'GTC',
  postOnly: false,
  reduceOnly: false,
});
const accepted = { outcome: 'accepted', venueId: 'v', at: 0 } as const;

/** Written as a test in JavaScript might. */
const script = (member: string, answer: object): unknown => new FakeBroker().next(member as BrokerMember, answer);

async function holding(): Promise<FakeBroker> {
  const broker = new FakeBroker();
  await broker.placeOrder(order);
  return broker;
}

describe('a test kit that is used wrongly says what is wrong and what to do', () => {
  it.each<[string, string, object, RegExp]>([
    ['a word it does not know', 'placeOrder', { fills: 'all' }, /An answer of placeOrder has no fills\. It has .*fill/],
    ['an order’s word for a read', 'getQuote', { fill: 'all' }, /getQuote has no fill\. It has value, reply/],
    [
      'two outcomes',
      'placeOrder',
      { refuse: 'other', silent: true },
      /one outcome, was silent and refuse\. Script two/,
    ],
    ['a reply that is also a fill', 'placeOrder', { value: accepted, fill: 'all' }, /word for word.*Leave out value/],
    ['a fill of what is refused', 'placeOrder', { refuse: 'other', fill: 'all' }, /must not fill.*lost: 'answer'/],
    ['a fill of what never arrives', 'placeOrder', { silent: true, fill: 'all' }, /must not fill.*lost: 'answer'/],
    ['a rest of nothing', 'placeOrder', { rest: 'expired' }, /must say fill with rest\. End an order/],
    [
      'a delay that is none',
      'getQuote',
      { delayMs: -1 },
      /delayMs of getQuote must be zero or more milliseconds, was -1/,
    ],
    [
      'a fill of nothing',
      'placeOrder',
      { fill: { size: 0 } },
      /size of a fill must be above zero, was 0\. Leave it out/,
    ],
    ['a fill with a typing error', 'placeOrder', { fill: { prise: 3 } }, /A fill has no prise\. It has size, price/],
    [
      'a member that no venue has',
      'placeOrdr',
      {},
      /A venue has no placeOrdr that answers\. Script a member of Brokerage/,
    ],
  ])('%s', (_what, member, answer, message) => {
    expect(() => script(member, answer)).toThrow(message);
    expect(() => script(member, answer)).toThrow(
      expect.objectContaining({ code: 'TEST-001', fix: expect.any(String) }),
    );
  });

  it.each<[string, (broker: FakeBroker) => unknown, RegExp]>([
    [
      'a fill of an order that is not there',
      (broker) => broker.fill('c9'),
      /must hold c9, and holds c1\. An order arrives/,
    ],
    ['a fill without a price', (broker) => broker.fill('c1'), /must have a price, and BTC-PERP has none\. Say fill/],
    [
      'a fill of more than is left',
      (broker) => broker.fill('c1', { size: 1 }),
      /at most 0\.01, was 1\. It was open, 0 of/,
    ],
    [
      'a fill of a broken step',
      (broker) => broker.fill('c1', { size: 0.0001, price: 9 }),
      /whole number of steps of 0\.001, was 0\.0001\. Round it/,
    ],
    [
      'an end of what has ended',
      (broker) => {
        broker.end('c1', 'expired');
        broker.end('c1', 'expired');
      },
      /c1 must be open, was expired, 0 of 0\.01 filled/,
    ],
    [
      'news that nobody hears',
      (broker) => broker.push({ kind: 'gap', message: '', at: 0 }),
      /stream must be open.*open\(\)/,
    ],
    ['a price of what is not traded', (broker) => broker.setPrice('ETH-PERP', 1), /was of ETH-PERP\. It has BTC-PERP/],
    ['calls of what is no role', (broker) => broker.called(Clock), /by a role of a venue\. Name one/],
    [
      'no order where one is looked at',
      () => new FakeBroker().lastPlaced,
      /must have been placed.*Called: nothing\. Look/,
    ],
    ['a clock that goes by NaN', () => new ManualClock().advance(NaN), /zero or more milliseconds, was NaN/],
    ['a clock set to nothing', () => new ManualClock(NaN), /epoch milliseconds, was NaN/],
  ])('%s', async (_what, work, message) => {
    const broker = await holding();
    expect(() => work(broker)).toThrow(message);
  });

  it('refuses to go back in time with its timers', async () => {
    await expect(new ManualScheduler().advance(-1)).rejects.toThrow(/zero or more milliseconds, was -1/);
  });

  it('names the answers that nobody asked for', async () => {
    const broker = await holding();
    broker
      .next('placeOrder', { refuse: 'other' })
      .next('placeOrder', {})
      .next('getOrder', { value: { found: false } });
    expect(() => broker.assertDone()).toThrow(
      /not: 2 of placeOrder, 1 of getOrder\. Called: placeOrder\. Let the bot get there/,
    );
  });

  it('names what is still under way', async () => {
    const broker = new FakeBroker().next('getAccountId', { delayMs: 5 });
    const id = broker.getAccountId();
    expect(() => broker.assertDone()).toThrow(/must have arrived, was not: the answer of getAccountId\. Advance/);
    await broker.scheduler.advance(5);
    expect(await id).toBe('fake-account');
    broker.assertDone();
  });

  it.each<[string, OrderAnswer]>([
    ['at once', { fill: 'all' }],
    ['after a while', { fill: { afterMs: 5 } }],
    ['unheard', { fill: 'all', lost: 'answer', transitMs: 5 }],
  ])('tells the test of a mistake that the bot takes for a broken line: %s', async (_when, answer) => {
    const broker = new FakeBroker().next('placeOrder', answer);
    void broker.placeOrder(order).catch(() => undefined);
    await broker.scheduler.advance(5);
    expect(() => broker.assertDone()).toThrow(/must have a price/);
  });
});
