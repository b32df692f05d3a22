import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { venueOrderId, type Fill, type OrderRequest } from '#src/domain/order.js';
import { lots, ticks, units } from '#src/domain/units.js';
import { ExactVenueTime } from '#src/platform/time/exact-venue-time.js';
import type { TimeNews } from '#src/ports/configuration/venue-time.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import type { AnswerOf } from '#src/testing/answers.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { GuardedBot, SYMBOL } from './guarded-bot.js';

type Cause = 'liquidation' | 'adl' | 'external';

let fills = 0;

/** Somebody else closes `size` of the long position, so that `left` of it stay. */
function reduce(bot: GuardedBot, size: number, left: number, cause: Cause): void {
  const instrument = bot.stops[0]?.instrument;
  if (instrument === undefined) throw new Error('There is no stop.');
  const held = { symbol: SYMBOL, size: instrument.size(lots(left)), entryPrice: new Decimal(50_000) };
  bot.broker.account.positions = left === 0 ? [] : [held];
  const id = (fills += 1);
  const fill: Fill = {
    tradeId: `out-${id}`,
    clientId: `elsewhere-${id}`,
    venueId: venueOrderId(`out-${id}`),
    instrument,
    side: 'sell',
    lots: lots(size),
    price: ticks(495_000),
    fee: units(-1_000),
    liquidity: 'taker',
    at: bot.broker.scheduler.clock.now(),
    ...(cause === 'external' ? {} : { cause }),
  };
  bot.broker.push({ kind: 'fill', fill });
}

describe('the cover of a position that others reduce', () => {
  it('AC-08: after a partial liquidation is of the size that is left, while nothing can be added', async () => {
    const bot = await new GuardedBot().open();
    await bot.enter(3, 7);
    expect(bot.covered).toBe(10);
    reduce(bot, 4, 6, 'liquidation');
    await bot.made.advance(5_000);
    expect(bot.made.get(SafetyLadder).state).toBe('REDUCE_ONLY');
    expect([bot.covered, bot.status['naked']]).toEqual([6, []]);
    expect(bot.decide('buy', 1).outcome).toBe('refused');
    await bot.made.stop();
  });

  it('AC-08: is the position again, and never less meanwhile, whatever it was made of and whatever was taken', async () => {
    const parts = fc.array(fc.integer({ min: 3, max: 12 }), { minLength: 1, maxLength: 8 });
    const taken = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 30 }), fc.constantFrom<Cause>('liquidation', 'adl', 'external')),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    const minimum = fc.constantFrom('0.001', '0.003');
    const waits = fc.constantFrom(0, 400, 1_500, 20_000);
    await fc.assert(
      fc.asyncProperty(parts, taken, minimum, waits, async (entries, reductions, minSize, waitMs) => {
        const products = [instrumentSpec({ minSize: new Decimal(minSize) })];
        const bot = await new GuardedBot({ broker: new FakeBroker({ products }) }).open();
        await bot.enter(...entries);
        await bot.made.advance(3_000);
        let left = entries.reduce((sum, part) => sum + part, 0);
        expect(bot.covered).toBe(left);
        for (const [most, cause] of reductions) {
          const size = Math.min(most, left - 1);
          if (size < 1) continue;
          left -= size;
          reduce(bot, size, left, cause);
          for (let at = 0; at < waitMs; at += 100) {
            await bot.made.advance(100);
            expect(bot.covered).toBeGreaterThanOrEqual(left);
          }
        }
        const sent = bot.broker.placed.length;
        await bot.made.advance(10_000);
        // What is too small to be ordered keeps the stop that it has.
        if (left >= Number(minSize) * 1_000) expect(bot.covered).toBe(left);
        else expect(bot.covered).toBeGreaterThanOrEqual(left);
        expect(bot.broker.placed.length - sent).toBeLessThanOrEqual(2);
        await bot.made.stop();
      }),
      { numRuns: 25 },
    );
  });

  it('is left alone while the position is leaving in parts, and fits it where the rest of that does not come', async () => {
    const bot = await new GuardedBot().open();
    await bot.enter();
    bot.decide('sell', 10);
    await bot.made.advance(0);
    const [exit] = bot.exits;
    for (let part = 0; part < 4; part += 1) {
      bot.broker.fill(exit?.clientId ?? '', { size: '0.001' });
      await bot.made.advance(500);
    }
    expect([bot.stops.length, bot.covered]).toEqual([1, 10]);
    bot.broker.end(exit?.clientId ?? '', 'expired');
    await bot.made.advance(2_000);
    expect([bot.standing.length, bot.covered]).toEqual([1, 6]);
    await bot.made.stop();
  });

  it('keeps the larger stop where the venue refuses the fitting one, and asks ever more rarely', async () => {
    const bot = await new GuardedBot().open();
    await bot.enter();
    bot.broker.always('placeOrder', { refuse: 'other' });
    reduce(bot, 4, 6, 'external');
    await bot.made.advance(600_000);
    expect([bot.covered, bot.status['naked']]).toEqual([10, []]);
    expect(bot.broker.called().filter((call) => call === 'placeOrder').length).toBeLessThan(20);
    bot.broker.heal('placeOrder');
    await bot.made.advance(60_000);
    expect(bot.covered).toBe(6);
    await bot.made.stop();
  });
});

describe('a question that is not answered', () => {
  it('keeps nobody from asking again: the stop is back two seconds after the answer to it is missing', async () => {
    const bot = await new GuardedBot().open();
    await bot.enter();
    bot.broker.next('placeOrder', { silent: true }).next('listOpenOrders', { silent: true });
    bot.broker.end(bot.standing[0]?.clientId ?? '', 'cancelled');
    await bot.made.advance(0);
    await bot.made.advance(3_100);
    expect(bot.covered).toBe(10);
    await bot.made.advance(60_000);
    expect(bot.covered).toBe(10);
    await bot.made.stop();
  });

  it('after a gap is asked again, until what stands is known', async () => {
    const bot = await new GuardedBot().open();
    await bot.enter();
    const clientId = bot.standing[0]?.clientId ?? '';
    const order = bot.broker.account.orders.get(clientId);
    if (order === undefined) throw new Error('No stop.');
    bot.broker.account.orders.set(clientId, { ...order, report: { status: 'cancelled', at: 0 } });
    bot.broker.next('listOpenOrders', { throws: new Error('502') });
    bot.broker.push({ kind: 'gap', message: 'lost', at: bot.made.clock.now() });
    await bot.made.advance(0);
    await bot.made.advance(2_000);
    expect(bot.covered).toBe(10);
    await bot.made.stop();
  });
});

type Row = Awaited<ReturnType<FakeBroker['listOpenOrders']>>[number];

/** Rows of our own order that nobody can read. */
const UNREADABLE: readonly (readonly [string, (row: Row) => unknown])[] = [
  ['a status of its own', (row) => ({ ...row, report: { ...row.report, status: 'SUSPENDED' } })],
  ['a size that is no number', (row) => ({ ...row, size: new Decimal(Number.NaN) })],
  ['no venue id', (row) => ({ ...row, venueId: undefined })],
  ['no report', (row) => ({ ...row, report: undefined })],
];

const LOOKUPS: readonly (readonly [string, AnswerOf<'getOrder'> | undefined])[] = [
  ['cannot be read either', { value: { found: true } as never }],
  ['never comes', { silent: true }],
  ['fails', { throws: new Error('502') }],
  ['denies it', { value: { found: false } }],
];

describe('a row of our own stop that cannot be read', () => {
  const CASES = UNREADABLE.flatMap(([what, broken]) =>
    LOOKUPS.map(([how, lookup]) => [what, how, broken, lookup] as const),
  );

  /** Two stops, of which a gap has swallowed the end of the second, and the row of the first is `broken`. */
  async function gapped(broken: (row: Row) => unknown, lookup: AnswerOf<'getOrder'> | undefined): Promise<GuardedBot> {
    const bot = await new GuardedBot().open();
    await bot.enter(4, 6);
    const [first, second] = bot.standing.map(({ clientId }) => clientId);
    const ended = bot.broker.account.orders.get(second ?? '');
    if (ended === undefined) throw new Error('No second stop.');
    bot.broker.account.orders.set(second ?? '', { ...ended, report: { status: 'cancelled', at: 0 } });
    bot.broker.always('listOpenOrders', {
      reply: () =>
        [...bot.broker.account.orders.values()]
          .filter(({ report }) => report.status === 'open')
          .map((row) => (row.clientId === first ? broken(row) : row) as Row),
    });
    if (lookup !== undefined)
      bot.broker.always('getOrder', {
        reply: (ref) => {
          if (ref.clientId !== first) return { found: true, order: bot.broker.account.orders.get(ref.clientId) as Row };
          if (lookup.throws !== undefined) throw lookup.throws;
          return lookup.silent === true ? new Promise<never>(() => undefined) : (lookup.value as never);
        },
      });
    bot.broker.push({ kind: 'gap', message: 'lost', at: bot.made.clock.now() });
    return bot;
  }

  it.each(CASES)('with %s, whose lookup %s: what is missing is sent, and no more than twice', async (...row) => {
    const [, , broken, lookup] = row;
    const bot = await gapped(broken, lookup);
    for (let at = 0; at < 2_100; at += 100) await bot.made.advance(100);
    // The one of which nobody knows counts for nothing; what is known covers the position.
    expect(bot.covered).toBe(14);
    expect(bot.status['naked']).toEqual([]);
    const before = bot.broker.called().length;
    await bot.made.advance(600_000);
    expect(bot.covered).toBe(14);
    const asked = bot.broker.called().slice(before);
    expect(asked.filter((call) => call === 'placeOrder')).toEqual([]);
    expect(asked.filter((call) => call === 'listOpenOrders').length).toBeLessThan(50);
    bot.broker.heal('listOpenOrders').heal('getOrder');
    await bot.made.advance(70_000);
    expect([bot.covered, bot.status['naked']]).toEqual([10, []]);
    await bot.made.stop();
  });

  it('is known by the answer about it alone', async () => {
    const bot = await gapped(UNREADABLE[0]?.[1] ?? ((row) => row), undefined);
    await bot.made.advance(2_100);
    expect([bot.covered, bot.standing.length]).toEqual([10, 2]);
    await bot.made.stop();
  });

  it('of every stop, however often it is asked: the position is covered twice and never more', async () => {
    const bot = await new GuardedBot().open();
    await bot.enter(4, 6);
    bot.broker
      .always('listOpenOrders', { reply: () => bot.standing.map(({ clientId }) => ({ clientId }) as Row) })
      .always('getOrder', { throws: new Error('502') });
    for (let gap = 0; gap < 5; gap += 1) {
      bot.broker.push({ kind: 'gap', message: 'lost', at: bot.made.clock.now() });
      await bot.made.advance(60_000);
    }
    expect(bot.covered).toBe(20);
    bot.broker.heal('listOpenOrders').heal('getOrder');
    await bot.made.advance(70_000);
    expect(bot.covered).toBe(10);
    await bot.made.stop();
  });
});

describe('a stop that was refused for a wrong clock s sake', () => {
  it.each([
    ['corrected', 10],
    ['suspected', 0],
  ] as const)('once it is %s: %d lots are covered', async (news, covered) => {
    const told: ((news: TimeNews) => void)[] = [];
    const onDoubt = (listener: (news: TimeNews) => void) => {
      told.push(listener);
      return () => undefined;
    };
    const broker = new FakeBroker();
    const bot = await new GuardedBot({ broker, time: Object.assign(new ExactVenueTime(), { onDoubt }) }).open();
    await bot.enter();
    broker.always('placeOrder', { refuse: 'expired' });
    for (const { clientId } of bot.standing) broker.end(clientId, 'cancelled');
    await bot.made.advance(100_000);
    expect(bot.covered).toBe(0);
    broker.heal('placeOrder');
    for (const listener of told) listener(news);
    await bot.made.advance(0);
    expect(bot.covered).toBe(covered);
    await bot.made.advance(60_000);
    expect(bot.covered).toBe(10);
    await bot.made.stop();
  });
});

describe('a pause of the stop that grew', () => {
  /** Its stop is refused for a minute: the next try is a minute away. */
  async function refused(): Promise<GuardedBot> {
    const bot = await new GuardedBot().open();
    await bot.enter();
    bot.broker.always('placeOrder', { refuse: 'other' });
    bot.broker.end(bot.standing[0]?.clientId ?? '', 'cancelled');
    await bot.made.advance(60_000);
    bot.broker.heal('placeOrder');
    return bot;
  }

  it('says nothing of the next position: its stop is missed at once', async () => {
    const bot = await refused();
    bot.decide('close');
    await bot.made.advance(0);
    bot.broker.fill(bot.exits[0]?.clientId ?? '');
    await bot.made.advance(0);
    expect(bot.decide('buy', 10)).toMatchObject({ outcome: 'submitted' });
    await bot.made.advance(0);
    bot.broker.fill(bot.broker.placed.findLast(({ reduceOnly }) => !reduceOnly)?.clientId ?? '');
    await bot.made.advance(0);
    expect(bot.covered).toBe(10);
    bot.broker.end(bot.standing[0]?.clientId ?? '', 'cancelled');
    await bot.made.advance(1_000);
    expect(bot.covered).toBe(10);
    await bot.made.stop();
  });

  it('does not grow by a pause that the venue names: cover is back when that is over', async () => {
    const bot = await new GuardedBot().open();
    await bot.enter();
    const at = bot.made.clock.now();
    const told = { outcome: 'rejected', reason: 'throttled', message: '429', at, retryAfterMs: 5_000 } as const;
    bot.broker.always('placeOrder', { value: told });
    bot.broker.end(bot.standing[0]?.clientId ?? '', 'cancelled');
    await bot.made.advance(29_000);
    bot.broker.heal('placeOrder');
    await bot.made.advance(2_000);
    expect(bot.covered).toBe(10);
    await bot.made.stop();
  });

  it('of its exits ends with the outage in which nobody answered them', async () => {
    const bot = await new GuardedBot().open();
    await bot.enter();
    const { broker } = bot;
    broker.always('placeOrder', { throws: new Error('502') }).always('listOpenOrders', { throws: new Error('502') });
    broker.end(bot.standing[0]?.clientId ?? '', 'cancelled');
    for (let second = 0; second < 40; second += 1) {
      await bot.made.cycle({ [SYMBOL]: 48_900 });
      await bot.made.advance(1_000);
    }
    broker.heal('listOpenOrders').always('placeOrder', {
      reply: (request) =>
        request.stop === undefined
          ? { outcome: 'accepted', venueId: venueOrderId('out'), at: bot.made.clock.now() }
          : { outcome: 'rejected', reason: 'would_trigger', message: '', at: bot.made.clock.now() },
    });
    const before = broker.called().length;
    await bot.made.advance(2_000);
    const since = broker.calls.slice(before).filter(({ member }) => member === 'placeOrder');
    expect(since.some(({ args: [request] }) => (request as OrderRequest).stop === undefined)).toBe(true);
    await bot.made.stop();
  });
});
