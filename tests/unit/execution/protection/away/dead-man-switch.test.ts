import { lots, ticks } from '#src/domain/units.js';
import type { Submission } from '#src/ports/core-services/execution.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import type { DeadManTerms } from '#src/ports/venue/capabilities.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import type { TestBot } from 'perpsbot/testing';
import { GuardedBot, STOP, SYMBOL, type GuardedOptions } from '../guarded-bot.js';

const COUNTDOWN_MS = 60_000;
const LIMIT = ticks(495_000);

/** A bot on a venue without brackets, whose switch is as given; its strategy plans a stop with each entry. */
async function opened(
  terms: Partial<DeadManTerms> | undefined = {},
  options: GuardedOptions = {},
): Promise<GuardedBot> {
  const broker =
    options.broker ??
    new FakeBroker(terms === undefined ? {} : { capabilities: { deadMan: { per: 'symbol', ...terms } } });
  const bot = new GuardedBot({ broker, ...options });
  made.push(bot);
  bot.named.planned = STOP;
  return bot.open();
}

const made: GuardedBot[] = [];
afterEach(async () => {
  for (const { made: bot, broker } of made.splice(0)) {
    broker.heal();
    if (bot.bot.isOpen) await stopped(bot);
  }
});

/** What a stop waits for comes with the time of the world: nobody waits for it on the host. */
async function stopped(bot: TestBot): Promise<void> {
  let isOver = false;
  const stop = bot.stop().finally(() => (isOver = true));
  for (let passed = 0; !isOver && passed < COUNTDOWN_MS; passed += 1_000) await bot.advance(1_000);
  await stop;
}

const rest = (bot: GuardedBot, size = 10, more: object = {}): Submission =>
  bot.made.bot.executeDecision(SYMBOL, {
    action: 'buy',
    reason: 'rests',
    quantity: lots(size),
    orderType: 'limit',
    limit: LIMIT,
    timeInForce: 'GTC',
    ...more,
  });

const orderCalls = (bot: GuardedBot): string[] =>
  bot.broker.calls.flatMap(({ member, args }) => {
    if (member === 'setDeadMan') return args[0] === undefined ? 'off' : 'on';
    return member === 'placeOrder' || member === 'cancelOrder' ? member : [];
  });

const isOpen = (bot: GuardedBot, clientId: string): boolean => bot.broker.account.isOpen(clientId);

describe('a dead man’s switch', () => {
  it('runs before the first entry rests, is renewed at a third of its time, and is off once nothing rests', async () => {
    const bot = await opened();
    expect(rest(bot)).toMatchObject({ outcome: 'submitted' });
    await bot.made.advance(0);
    expect(orderCalls(bot)).toEqual(['on', 'placeOrder']);
    const began = bot.made.clock.now();
    expect(bot.broker.deadMan.endsAt(SYMBOL)).toBe(began + COUNTDOWN_MS);
    expect(bot.status['dead_man']).toEqual([
      { scope: SYMBOL, proven: true, until: new Date(began + COUNTDOWN_MS).toISOString() },
    ]);

    await bot.made.advance(COUNTDOWN_MS / 3);
    expect(bot.broker.deadMan.endsAt(SYMBOL)).toBe(began + COUNTDOWN_MS / 3 + COUNTDOWN_MS);

    bot.broker.end(bot.broker.lastPlaced, 'cancelled');
    await bot.made.advance(1_000);
    expect(bot.broker.deadMan.endsAt(SYMBOL)).toBeUndefined();
    expect(bot.status['dead_man']).toEqual([]);
  });

  it('takes the entry along when nobody winds it up', async () => {
    const bot = await opened();
    rest(bot);
    await bot.made.advance(0);
    bot.broker.always('setDeadMan', { silent: true });
    await bot.made.advance(COUNTDOWN_MS);
    expect(isOpen(bot, bot.broker.lastPlaced.clientId)).toBe(false);
  });

  it('keeps an entry from leaving that it does not run for', async () => {
    const bot = await opened();
    bot.broker.always('setDeadMan', { throws: new Error('no') });
    rest(bot);
    await bot.made.advance(0);
    expect(bot.broker.placed).toEqual([]);
    const refused = bot.events.query({ types: ['order_rejected'] });
    expect(refused[0]?.payload['reason']).toMatch(/^unprotected/);
  });

  it('lets an entry without a stop leave all the same', async () => {
    const bot = await opened();
    bot.named.planned = undefined;
    bot.broker.always('setDeadMan', { throws: new Error('no') });
    rest(bot);
    await bot.made.advance(0);
    expect(bot.broker.placed).toHaveLength(1);
  });

  it('is off before the first stop leaves, and what it guarded is withdrawn', async () => {
    const bot = await opened();
    rest(bot);
    await bot.made.advance(0);
    const entry = bot.broker.lastPlaced;
    bot.broker.fill(entry, { size: entry.instrument.size(lots(4)) });
    await bot.made.advance(0);
    const calls = orderCalls(bot);
    expect(calls.indexOf('off')).toBeGreaterThan(0);
    expect(calls.lastIndexOf('placeOrder')).toBeGreaterThan(calls.indexOf('off'));
    expect(bot.covered).toBe(4);
    expect(isOpen(bot, entry.clientId)).toBe(false);
    expect(bot.broker.deadMan.endsAt(SYMBOL)).toBeUndefined();
  });

  it('is waited for no longer than half a second by a stop, and counts as running until its end is answered', async () => {
    const bot = await opened();
    rest(bot);
    await bot.made.advance(0);
    bot.broker.always('setDeadMan', { silent: true });
    bot.broker.fill(bot.broker.lastPlaced);
    await bot.made.advance(0);
    await bot.made.advance(499);
    expect(bot.covered).toBe(0);
    await bot.made.advance(1);
    expect(bot.covered).toBe(10);
    expect(bot.status['dead_man']).toMatchObject([{ scope: SYMBOL }]);
    bot.broker.heal();
    await bot.made.advance(11_000);
    expect(bot.status['dead_man']).toEqual([]);
    expect(bot.broker.deadMan.endsAt(SYMBOL)).toBeUndefined();
    expect(bot.covered).toBe(10);
  });

  it.each([
    ['was renewed', COUNTDOWN_MS / 2],
    ['has only just been wound up', 0],
  ])('that %s and nobody ends takes no stop along unseen: the bot asks, and sends it again', async (_, afterMs) => {
    const bot = await opened();
    rest(bot);
    await bot.made.advance(0);
    await bot.made.advance(afterMs);
    bot.broker.always('setDeadMan', { silent: true });
    bot.broker.fill(bot.broker.lastPlaced);
    await bot.made.advance(0);
    await bot.made.advance(500);
    const [stop] = bot.standing;
    const endsAt = bot.broker.deadMan.endsAt(SYMBOL) ?? Number.NaN;
    await bot.made.advance(endsAt - bot.made.clock.now() - 1);
    const told = bot.broker.account.orders.get(stop?.clientId ?? '');
    if (told === undefined) throw new Error('No stop.');
    // Nobody says so: the stream has lost it.
    bot.broker.account.orders.set(stop?.clientId ?? '', { ...told, report: { status: 'cancelled', at: 0 } });
    expect(bot.covered).toBe(0);
    await bot.made.advance(2_000);
    expect(bot.covered).toBe(10);
    // Whatever may run out by then has: nobody asks any more.
    await bot.made.advance(2 * COUNTDOWN_MS);
    const asked = bot.broker.called().filter((member) => member === 'listOpenOrders').length;
    await bot.made.advance(10_000);
    const again = bot.broker.called().filter((member) => member === 'listOpenOrders').length;
    expect(again - asked).toBeLessThan(5);
  });

  it('is ended once more where a renewal without an answer may still arrive', async () => {
    const bot = await opened();
    rest(bot);
    await bot.made.advance(0);
    // It arrives, and its answer does not.
    bot.broker.next('setDeadMan', { silent: true });
    await bot.made.advance(COUNTDOWN_MS / 3 + 10_000);
    bot.broker.fill(bot.broker.lastPlaced);
    await bot.made.advance(0);
    expect(bot.covered).toBe(10);
    bot.broker.deadMan.windUp(COUNTDOWN_MS, SYMBOL);
    await bot.made.advance(10_000);
    expect(bot.broker.deadMan.endsAt(SYMBOL)).toBeUndefined();
    await bot.made.advance(COUNTDOWN_MS);
    expect(bot.covered).toBe(10);
    expect(bot.stops).toHaveLength(1);
  });

  it('that a process before left running is off before the stop of its position leaves', async () => {
    const before = await opened({}, { config: { tasks: { stopBudget: '200ms' } } });
    rest(before);
    await before.made.advance(0);
    const { broker, events } = before;
    // Nobody of it is there any more, and its entry has filled.
    broker.always('setDeadMan', { silent: true });
    await before.made.stop();
    broker.heal();
    expect(broker.deadMan.endsAt(SYMBOL)).toBeDefined();

    const after = new GuardedBot({ broker, events });
    made.push(after);
    after.named.planned = STOP;
    await after.made.open();
    await after.made.advance(1_000);
    expect(broker.deadMan.endsAt(SYMBOL)).toBeUndefined();
  });

  it.each([
    ['protect', undefined, false],
    ['cancel', undefined, false],
    ['keep', STOP, true],
    ['keep', undefined, false],
  ] as const)('is left at a shutdown with %s and a stop at %s: %s', async (onShutdown, planned, runs) => {
    const bot = await opened({}, { config: { execution: { onShutdown } } });
    bot.named.planned = planned;
    rest(bot);
    await bot.made.advance(0);
    expect(bot.broker.deadMan.endsAt(SYMBOL)).toBeDefined();
    await bot.made.stop();
    expect(bot.broker.deadMan.endsAt(SYMBOL) !== undefined).toBe(runs);
    expect(isOpen(bot, bot.broker.lastPlaced.clientId)).toBe(onShutdown === 'keep');
  });

  it('goes on at a shutdown while it is not known that the entry has ended', async () => {
    const bot = await opened();
    rest(bot);
    await bot.made.advance(0);
    bot.broker.always('cancelOrder', { lost: 'request' });
    await bot.made.stop();
    expect(bot.broker.deadMan.endsAt(SYMBOL)).toBeDefined();
  });

  it('runs on beside a stop where it spares what waits for a trigger, and for no entry that does', async () => {
    const bot = await opened({ sparesTriggers: true });
    rest(bot);
    await bot.made.advance(0);
    const entry = bot.broker.lastPlaced;
    bot.broker.fill(entry, { size: entry.instrument.size(lots(4)) });
    await bot.made.advance(0);
    expect(bot.covered).toBe(4);
    expect(isOpen(bot, entry.clientId)).toBe(true);
    expect(bot.broker.deadMan.endsAt(SYMBOL)).toBeDefined();
    expect(bot.made.logger.at('error')).toEqual([]);
    const stopEntry = { orderType: 'stop_market', stopTrigger: ticks(510_000), limit: undefined };
    expect(rest(bot, 10, stopEntry)).toMatchObject({ outcome: 'refused', check: 'unprotected' });
  });

  it('is one for the account where the venue has it so', async () => {
    const bot = await opened({ per: 'account' });
    rest(bot);
    await bot.made.advance(0);
    expect(bot.broker.deadMan.endsAt()).toBeDefined();
    expect(bot.broker.deadMan.endsAt(SYMBOL)).toBeUndefined();
  });

  it('keeps to what the venue takes', async () => {
    const bot = await opened({ maxMs: 45_000 });
    rest(bot);
    await bot.made.advance(0);
    expect(bot.broker.deadMan.endsAt(SYMBOL)).toBe(bot.made.clock.now() + 45_000);
  });

  it('is not wound up while the bot is locked', async () => {
    const bot = await opened();
    rest(bot);
    await bot.made.advance(0);
    await bot.made.get(SafetyLadder).tighten('LOCKED', 'test');
    const before = orderCalls(bot).filter((call) => call === 'on').length;
    await bot.made.advance(COUNTDOWN_MS);
    expect(orderCalls(bot).filter((call) => call === 'on')).toHaveLength(before);
    expect(isOpen(bot, bot.broker.placed[0]?.clientId ?? '')).toBe(false);
  });

  it('refuses to add while the stop of the position stands that it would end', async () => {
    const bot = await opened();
    await bot.enter();
    expect(bot.covered).toBe(10);
    expect(rest(bot)).toMatchObject({ outcome: 'refused', check: 'unprotected' });
    await bot.made.advance(1);
    expect(bot.decide('buy', 5)).toMatchObject({ outcome: 'submitted' });
  });
});

describe('a venue that covers nothing while the bot is away', () => {
  const bare = (config: object = {}): Promise<GuardedBot> =>
    opened(undefined, { broker: new FakeBroker(), config: { execution: config } });

  it('is sent no entry that rests', async () => {
    const bot = await bare();
    expect(rest(bot)).toMatchObject({ outcome: 'refused', check: 'unprotected' });
    await bot.made.advance(1);
    expect(rest(bot, 10, { timeInForce: 'IOC' })).toMatchObject({ outcome: 'submitted' });
    await bot.made.advance(1);
    expect(bot.decide('buy', 5)).toMatchObject({ outcome: 'submitted' });
  });

  it('is sent one without a stop, and all of them where its owner says so', async () => {
    const bot = await bare();
    bot.named.planned = undefined;
    expect(rest(bot)).toMatchObject({ outcome: 'submitted' });
    const allowed = await bare({ allowUncoveredEntries: true });
    expect(rest(allowed)).toMatchObject({ outcome: 'submitted' });
    await allowed.made.advance(0);
    expect(isOpen(allowed, allowed.broker.lastPlaced.clientId)).toBe(true);
  });
});
