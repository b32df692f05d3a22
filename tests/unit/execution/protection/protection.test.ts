import { afterEach, describe, expect, it } from '@jest/globals';
import { lots, ticks } from '#src/domain/units.js';
import type { SafetyState } from '#src/domain/safety.js';
import type { OrderRequest } from '#src/domain/order.js';
import type { RejectReason, SubmitResult } from '#src/ports/venue/submit-result.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import type { AnswerOf } from '#src/testing/answers.js';
import type { OrderEnd } from '#src/testing/fake-account.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { GuardedBot, STOP, SYMBOL, type GuardedOptions } from './guarded-bot.js';

const bots: GuardedBot[] = [];
afterEach(async () => {
  for (const { made } of bots.splice(0)) await made.stop();
});

function make(options: GuardedOptions = {}): GuardedBot {
  const bot = new GuardedBot(options);
  bots.push(bot);
  return bot;
}

/** Leaves the venue; what is made next is the next start. */
async function restart(bot: GuardedBot, options: GuardedOptions = {}): Promise<GuardedBot> {
  await bot.made.stop();
  bots.splice(bots.indexOf(bot), 1);
  return make({ broker: bot.broker, events: bot.events, ...options });
}

const withCapabilities = (change: Partial<FakeBroker['capabilities']>): FakeBroker => {
  const broker = new FakeBroker();
  broker.capabilities = { ...broker.capabilities, ...change };
  return broker;
};

describe('a position that its strategy wants protected', () => {
  it('has its stop from the first fill on, in the size of every fill', async () => {
    const bot = await make().open();
    await bot.enter(3, 2, 5);
    expect(bot.stops.map(({ lots: size, stop, reduceOnly, side }) => [size, stop, reduceOnly, side])).toEqual([
      [3, STOP, true, 'sell'],
      [2, STOP, true, 'sell'],
      [5, STOP, true, 'sell'],
    ]);
    expect([bot.covered, bot.status['naked']]).toEqual([10, []]);
  });

  it('loses its stops with its end, and no other order', async () => {
    const bot = await make().open();
    await bot.enter();
    bot.decide('close');
    await bot.made.advance(0);
    bot.broker.fill(bot.exits[0]?.clientId ?? '');
    await bot.made.advance(0);
    expect(bot.standing).toEqual([]);
  });

  it('is covered at the new price before the old stop leaves', async () => {
    const bot = await make().open();
    await bot.enter();
    const [old] = bot.stops;
    bot.broker.next('placeOrder', { delayMs: 300 });
    bot.named.stop = ticks(495_000);
    await bot.made.cycle({ [SYMBOL]: 50_100 });
    expect(bot.broker.cancelled).toEqual([]);
    await bot.made.advance(300);
    expect(bot.standing.map(({ stop }) => stop)).toEqual([495_000]);
    expect(bot.broker.cancelled.map(({ clientId }) => clientId)).toEqual([old?.clientId]);
  });

  it('keeps the old stop where the new one is refused', async () => {
    const bot = await make().open();
    await bot.enter();
    bot.broker.always('placeOrder', { refuse: 'other' });
    bot.named.stop = ticks(495_000);
    await bot.made.cycle({ [SYMBOL]: 50_100 });
    await bot.made.advance(5_000);
    expect(bot.standing.map(({ stop }) => stop)).toEqual([STOP]);
  });

  it('has a stop beside an exit that rests: that takes no room from it', async () => {
    const bot = await make({ stop: undefined }).open();
    await bot.enter();
    bot.made.bot.executeDecision(SYMBOL, {
      action: 'sell',
      reason: 'take profit',
      quantity: lots(10),
      orderType: 'limit',
      limit: ticks(502_000),
      reduceOnly: true,
    });
    await bot.made.advance(0);
    bot.named.stop = STOP;
    await bot.made.cycle({ [SYMBOL]: 50_050 });
    expect(bot.covered).toBe(10);
  });
});

describe('whatever becomes of a stop, it is sent again', () => {
  it.each<OrderEnd>(['cancelled', 'expired', 'rejected_late'])('when the venue ends it: %s', async (end) => {
    const bot = await make().open();
    await bot.enter();
    const [first] = bot.stops;
    bot.broker.end(first?.clientId ?? '', end);
    await bot.made.advance(0);
    expect(bot.covered).toBe(10);
    for (const { clientId } of bot.standing) bot.broker.end(clientId, end);
    await bot.made.advance(2_000);
    expect(bot.covered).toBe(10);
  });

  it.each<[string, AnswerOf<'placeOrder'>]>([
    ['it is refused', { refuse: 'other' }],
    ['the line broke before it arrived', { lost: 'request' }],
    ['the line broke after it arrived', { lost: 'answer' }],
    ['nothing comes back', { silent: true }],
    ['nothing comes back from an order that arrived', { silent: true, lost: 'answer' }],
    ['the adapter fails', { throws: new Error('broken') }],
  ])('when %s', async (_case, answer) => {
    const bot = await make().open();
    bot.broker.next('placeOrder', {}).next('placeOrder', answer);
    await bot.enter();
    await bot.made.advance(2_000);
    expect(bot.covered).toBeGreaterThanOrEqual(10);
    await bot.made.advance(60_000);
    expect(bot.covered).toBe(10);
    expect(bot.status['naked']).toEqual([]);
  });

  it('when an outage ends: the venue is asked every second, and nothing is sent into the dark', async () => {
    const bot = await make().open();
    await bot.enter();
    bot.broker
      .always('placeOrder', { throws: new Error('down') })
      .always('listOpenOrders', { throws: new Error('down') });
    bot.broker.end(bot.stops[0]?.clientId ?? '', 'cancelled');
    const before = bot.broker.called().filter((call) => call === 'placeOrder').length;
    await bot.made.advance(600_000);
    expect(bot.broker.called().filter((call) => call === 'placeOrder')).toHaveLength(before + 1);
    expect(Number(bot.status['unprotected_s'])).toBeCloseTo(600, 0);
    bot.broker.heal('placeOrder').heal('listOpenOrders');
    await bot.made.advance(2_000);
    expect(bot.covered).toBe(10);
  });

  it('at once, however many stops have waited in vain for the answer to their entries', async () => {
    const bot = await make({ broker: withCapabilities({ brackets: true }) }).open();
    await bot.enter();
    bot.named.planned = STOP;
    bot.broker.next('placeOrder', { silent: true });
    for (let n = 0; n < 8; n += 1) {
      bot.decide('buy', 1);
      await bot.made.advance(100);
    }
    await bot.made.advance(12_000);
    // They were refused here, before they were sent: no venue has said that it takes none.
    expect(bot.broker.placed.filter(({ options }) => options?.after !== undefined)).toEqual([]);
    bot.broker.end(bot.standing[0]?.clientId ?? '', 'cancelled');
    await bot.made.advance(1_000);
    expect(bot.covered).toBeGreaterThanOrEqual(10);
  });

  it('when a gap of the stream has swallowed its end', async () => {
    const bot = await make().open();
    await bot.enter();
    const order = bot.broker.account.orders.get(bot.stops[0]?.clientId ?? '');
    if (order === undefined) throw new Error('No stop.');
    bot.broker.account.orders.set(order.clientId ?? '', { ...order, report: { status: 'cancelled', at: 0 } });
    bot.broker.push({ kind: 'gap', message: 'lost', at: bot.made.clock.now() });
    await bot.made.advance(2_000);
    expect(bot.covered).toBe(10);
  });

  it('at once, however often the venue ends one that has stood for seconds', async () => {
    const bot = await make().open();
    await bot.enter();
    for (const stoodMs of [5_000, 3_000, 9_000, 4_000, 8_000, 9_500, 6_000, 60_000, 2_500]) {
      await bot.made.advance(stoodMs);
      bot.broker.end(bot.standing[0]?.clientId ?? '', 'cancelled');
      await bot.made.advance(0);
      expect(bot.covered).toBe(10);
    }
  });

  it('within two seconds of each gap, however many there are', async () => {
    const bot = await make().open();
    await bot.enter();
    for (let round = 0; round < 20; round += 1) {
      const clientId = bot.standing[0]?.clientId ?? '';
      const order = bot.broker.account.orders.get(clientId);
      if (order === undefined) throw new Error('No stop.');
      bot.broker.account.orders.set(clientId, { ...order, report: { status: 'cancelled', at: 0 } });
      bot.broker.push({ kind: 'gap', message: 'lost', at: bot.made.clock.now() });
      await bot.made.advance(2_000);
      expect(bot.covered).toBe(10);
      await bot.made.advance(1_000);
    }
  });

  it('ever more rarely while the venue refuses it, with few lines, and soon after it does not', async () => {
    // Somebody sees the price all the while: a position that nobody sees is closed.
    const bot = await make({ config: { risk: { maxMarkStaleness: '2h' } } }).open();
    await bot.enter();
    bot.broker.always('placeOrder', { refuse: 'other' });
    const before = bot.made.logger.lines.length;
    bot.broker.end(bot.stops[0]?.clientId ?? '', 'cancelled');
    await bot.made.advance(3_600_000);
    const attempts = bot.broker.called().filter((call) => call === 'placeOrder').length;
    expect(attempts).toBeGreaterThan(50);
    expect(attempts).toBeLessThan(80);
    expect(bot.made.logger.at('error').length).toBeLessThan(12);
    expect(bot.made.logger.lines.length - before).toBeLessThan(200);
    expect(bot.decide('buy', 1)).toMatchObject({ outcome: 'refused', check: 'unprotected' });
    bot.broker.heal('placeOrder');
    await bot.made.advance(60_000);
    expect(bot.covered).toBe(10);
  });
});

/** Refuses stops as long as it is told to, and takes everything else. */
class Stubborn extends FakeBroker {
  reason: RejectReason | undefined = 'other';

  override placeOrder(request: OrderRequest): Promise<SubmitResult> {
    if (request.stop === undefined || this.reason === undefined) return super.placeOrder(request);
    return Promise.resolve({ outcome: 'rejected', reason: this.reason, message: '', at: this.scheduler.clock.now() });
  }
}

describe('the bot watches the price itself', () => {
  const venues: [string, () => FakeBroker][] = [
    ['where the venue has no stops', () => withCapabilities({ orderTypes: ['market', 'limit'] })],
    ['while the venue refuses them', () => new Stubborn()],
  ];
  it.each(venues)('%s, in HALTED as well, and without the session', async (_case, broker) => {
    const bot = await make({ broker: broker() }).open();
    await bot.enter();
    await bot.made.get(SafetyLadder).tighten('HALTED', 'test');
    await bot.made.cycle({ [SYMBOL]: 49_000.1 });
    expect(bot.exits).toEqual([]);
    await bot.made.cycle({ [SYMBOL]: 49_000 });
    expect(bot.exits.map(({ lots: size }) => size)).toEqual([10]);
  });

  const endings: [string, (bot: GuardedBot, id: string) => void][] = (
    ['cancelled', 'expired', 'rejected_late'] as const
  ).map((end) => [end, (bot, id) => bot.broker.end(id, end)]);
  it.each(endings)('and sends again what its exit does not fill: %s', async (_end, finish) => {
    const bot = await make({ broker: new Stubborn() }).open();
    await bot.enter();
    await bot.made.cycle({ [SYMBOL]: 48_900 });
    const [first] = bot.exits;
    bot.broker.fill(first?.clientId ?? '', { size: '0.004' });
    finish(bot, first?.clientId ?? '');
    await bot.made.cycle();
    expect(bot.exits.map(({ lots: size }) => size)).toEqual([10, 6]);
    bot.broker.fill(bot.exits[1]?.clientId ?? '');
    await bot.made.cycles(3);
    expect(bot.exits).toHaveLength(2);
  });

  it('and leaves at once when the venue says that the price has been reached already', async () => {
    const broker = new Stubborn();
    broker.reason = 'would_trigger';
    const bot = await make({ broker }).open();
    await bot.enter();
    await bot.made.advance(0);
    expect(bot.exits.map(({ lots: size }) => size)).toEqual([10]);
  });
});

describe('an exit at the collar', () => {
  it.each([0, 4])('whose limit left all but %d of 10 lots is sent again at once without it', async (filled) => {
    const bot = await make({ broker: new Stubborn() }).open();
    await bot.enter();
    await bot.made.cycle({ [SYMBOL]: 48_900 });
    const [first] = bot.exits;
    expect([first?.type, first?.timeInForce, first?.lots]).toEqual(['limit', 'IOC', 10]);
    if (filled > 0) bot.broker.fill(first?.clientId ?? '', { size: '0.004' });
    bot.broker.end(first?.clientId ?? '', 'expired');
    await bot.made.advance(0);
    expect(bot.exits.slice(1).map(({ type, lots: size }) => [type, size])).toEqual([['market', 10 - filled]]);
    bot.broker.end(bot.exits[1]?.clientId ?? '', 'cancelled');
    await bot.made.advance(5_000);
    expect(bot.exits.at(-1)?.type).toBe('market');
  });

  it('is followed by the next start', async () => {
    const broker = new Stubborn();
    const bot = await make({ broker, config: { execution: { onShutdown: 'keep' } } }).open();
    await bot.enter();
    await bot.made.cycle({ [SYMBOL]: 48_900 });
    broker.end(bot.exits[0]?.clientId ?? '', 'expired');
    const before = bot.exits.length;
    const next = await (await restart(bot)).open();
    await next.made.cycle({ [SYMBOL]: 48_900 });
    expect(next.exits.length).toBeGreaterThan(before);
    expect(next.exits.at(-1)?.lots).toBe(10);
  });
});

describe('the safety states', () => {
  it.each<SafetyState>(['REDUCE_ONLY', 'HALTED', 'FLATTENING'])('%s: a stop is replaced and amended', async (state) => {
    const bot = await make().open();
    await bot.enter();
    await bot.made.get(SafetyLadder).tighten(state, 'test');
    bot.broker.end(bot.stops[0]?.clientId ?? '', 'cancelled');
    await bot.made.advance(1_000);
    expect(bot.covered).toBe(10);
    bot.named.stop = ticks(495_000);
    await bot.made.cycle({ [SYMBOL]: 50_100 });
    expect(bot.standing.map(({ stop, lots: size }) => [stop, size])).toEqual([[495_000, 10]]);
    expect(bot.decide('buy', 1).outcome).toBe('refused');
  });

  it('LOCKED: nothing is sent, and the status names what is naked', async () => {
    const bot = await make().open();
    await bot.enter();
    await bot.made.get(SafetyLadder).tighten('LOCKED', 'test');
    const sent = bot.broker.placed.length;
    bot.broker.end(bot.stops[0]?.clientId ?? '', 'cancelled');
    await bot.made.cycle({ [SYMBOL]: 48_000 });
    await bot.made.advance(60_000);
    expect(bot.broker.placed).toHaveLength(sent);
    expect(bot.status['naked']).toEqual([
      { symbol: SYMBOL, size: '0.01', naked: '0.01', stop: '49000', since: expect.any(String) },
    ]);
    expect(Number(bot.status['unprotected_s'])).toBeGreaterThanOrEqual(60);
  });
});

describe('over a stop and the next start', () => {
  it('the stop stays where nothing is configured, and nothing is sent anew', async () => {
    const bot = await make().open();
    await bot.enter();
    bot.made.bot.executeDecision(SYMBOL, {
      action: 'buy',
      reason: 'rests',
      quantity: lots(1),
      orderType: 'limit',
      limit: ticks(498_000),
    });
    await bot.made.advance(0);
    const [, , resting] = bot.broker.placed;
    const next = await restart(bot);
    expect(bot.broker.cancelled.map(({ clientId }) => clientId)).toEqual([resting?.clientId]);
    expect(bot.covered).toBe(10);
    const sent = bot.broker.placed.length;
    await next.open();
    expect([next.covered, next.broker.placed.length]).toEqual([10, sent]);
  });

  it('a strategy that has forgotten its stop does not lose the one that stands', async () => {
    const bot = await make().open();
    await bot.enter();
    const next = await restart(bot, { stop: undefined });
    await next.open();
    await next.made.cycles(3);
    expect([next.covered, next.broker.cancelled]).toEqual([10, []]);
  });

  it('what was planned with the entry protects when the strategy could write nothing down', async () => {
    const bot = await make({ stop: undefined }).open();
    bot.named.planned = STOP;
    await bot.enter();
    expect(bot.covered).toBe(0);
    const next = await restart(bot, { stop: undefined });
    await next.open();
    expect(next.covered).toBe(10);
  });

  it.each([
    ['cancel', 0],
    ['keep', 10],
  ] as const)('%s means what it meant', async (onShutdown, left) => {
    const bot = await make({ config: { execution: { onShutdown } } }).open();
    await bot.enter();
    await bot.made.stop();
    expect(bot.covered).toBe(left);
  });

  it('a stop that is missing at the end is placed before the venue is left', async () => {
    const bot = await make().open();
    bot.broker.next('placeOrder', {}).always('placeOrder', { refuse: 'other' });
    await bot.enter();
    await bot.made.advance(30_000);
    expect(bot.covered).toBe(0);
    bot.broker.heal('placeOrder');
    await bot.made.stop();
    expect(bot.covered).toBe(10);
  });

  it('says what stays bare', async () => {
    const bot = await make({ broker: withCapabilities({ orderTypes: ['market', 'limit'] }) }).open();
    await bot.enter();
    await bot.made.stop();
    expect(bot.made.logger.lines.find(({ message }) => message.startsWith('Positions are left'))?.fields).toEqual({
      symbols: [SYMBOL],
    });
  });

  it.each<[string, readonly ('listOpenOrders' | 'getOrder')[], boolean]>([
    ['its list fails', ['listOpenOrders'], false],
    ['its answer about one order fails', ['getOrder'], false],
    ['nobody is to ask', [], true],
  ])(
    'a stop that ended meanwhile is back two seconds after the venue can be asked, before anything else: %s',
    async (_why, failing, skip) => {
      const bot = await make().open();
      await bot.enter();
      const next = await restart(bot, { config: { execution: { skipStartupReconcile: skip } } });
      next.broker.end(next.standing[0]?.clientId ?? '', 'cancelled');
      for (const read of failing) next.broker.always(read, { throws: new Error('busy') });
      await next.open();
      // One that cannot be asked for is covered once more; of a list that fails nothing is known.
      expect(next.covered).toBe(failing.includes('listOpenOrders') ? 0 : 10);
      if (next.covered === 0) expect(next.decide('buy', 1)).toMatchObject({ check: 'unprotected' });
      await next.made.advance(4_000);
      next.broker.heal('listOpenOrders').heal('getOrder');
      await next.made.advance(2_000);
      expect(next.covered).toBe(10);
    },
  );

  it('cover is back before any other order, without a mark, and however often it is refused', async () => {
    const bot = await make().open();
    await bot.enter();
    const next = await restart(bot);
    next.broker.end(next.standing[0]?.clientId ?? '', 'cancelled');
    next.broker.always('placeOrder', { refuse: 'other' });
    const before = next.stops.length;
    await next.made.open();
    expect(next.stops.length).toBeGreaterThan(before);
    await next.made.cycle({ [SYMBOL]: 50_000 });
    expect(next.decide('buy', 1)).toMatchObject({ check: 'unprotected' });
    await next.made.advance(20_000);
    expect(next.broker.placed.slice(before).every(({ stop }) => stop === STOP)).toBe(true);
    next.broker.heal('placeOrder');
    await next.made.advance(16_000);
    expect(next.covered).toBe(10);
  });
});
