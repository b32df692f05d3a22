import { afterEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { ExecutionEngine, OrderLog } from '#src/ports/core-services/execution.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { OperatorControl } from '#src/ports/core-services/operator-control.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { HostTimers } from '#src/platform/time/host-timers.js';
import { NodeHostClock } from '#src/platform/time/node-host-clock.js';
import { HostClock } from '#src/ports/configuration/clock.js';
import { HostScheduler } from '#src/ports/configuration/scheduler.js';
import { swap, testBot, type TestBot } from 'perpsbot/testing';
import { testConfig } from '../../support/config.js';
import { instrument } from '#src/testing/instruments.js';
import { settled } from '#src/testing/settled.js';

const BTC = instrument();
const ADA = { actor: 'ada', reason: 'leaving' };
const BOB = { actor: 'bob', reason: 'no' };
let made: TestBot[] = [];
afterEach(async () => {
  await Promise.all(made.map(({ bot }) => bot.stop()));
  made = [];
});

/** The host's time passes so many times as fast: a flattening pauses for seconds of it. */
const HURRY = 5;
const host = new NodeHostClock();
class HurriedTimers extends HostTimers {
  override after(delayMs: number, callback: () => void): () => void {
    return super.after(delayMs / HURRY, callback);
  }
}

/** A long position of ten lots, bought at 50,000. */
async function holding(): Promise<TestBot> {
  const bot = testBot({
    config: testConfig({ streaming: { enabled: false } }),
    overrides: (container) => {
      swap(container, HostClock, { monotonic: () => host.monotonic() * HURRY, wall: () => host.wall() });
      swap(container, HostScheduler, new HurriedTimers(host));
    },
  });
  made.push(bot);
  await bot.bot.open();
  bot.get(MarketData).acceptMark('BTC-PERP', BTC.toMarks(new Decimal(50_000)), bot.clock.now());
  bot.broker.setPrice('BTC-PERP', 50_000);
  bot.broker.next('placeOrder', { fill: 'all' });
  bot.bot.executeDecision('BTC-PERP', { action: 'buy', reason: 'test', quantity: lots(10) });
  await settled();
  return bot;
}

/** A minute later, at the same price. */
async function trade(bot: TestBot, action: 'buy' | 'close'): Promise<void> {
  await bot.advance(60_000);
  bot.get(MarketData).acceptMark('BTC-PERP', BTC.toMarks(new Decimal(50_000)), bot.clock.now());
  bot.bot.executeDecision('BTC-PERP', { action, reason: 'test', ...(action === 'buy' ? { quantity: lots(10) } : {}) });
  await settled();
}

const held = (bot: TestBot): number =>
  [...bot.get(Portfolio).positions()].reduce((sum, { lots: size }) => sum + size, 0);

describe('flatten', () => {
  it('shows its plan and does nothing without its name', async () => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    const plan = control.planFlatten();
    expect(plan).toEqual(control.planFlatten());
    expect(plan.steps).toMatchObject([{ symbol: 'BTC-PERP', side: 'sell', markPrice: '50000', worstPrice: '49500' }]);
    expect([held(bot), bot.get(SafetyLadder).state, bot.broker.placed.length]).toEqual([10, 'NORMAL', 1]);
    await expect(control.flatten('not-the-name', ADA)).rejects.toMatchObject({ code: 'RISK-005', exitCode: 9 });
    expect(bot.broker.placed).toHaveLength(1);
  });

  it('takes a thin book in slices within its worst price, never flips, and is flat when the venue says so (OP-04)', async () => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    bot.broker.next('placeOrder', { fill: { size: BTC.size(lots(4)) }, rest: 'expired' });
    bot.broker.next('placeOrder', { fill: { size: BTC.size(lots(5)) }, rest: 'expired' });
    bot.broker.always('placeOrder', { fill: 'all' });

    const report = await control.flatten(control.planFlatten().hash, ADA);

    expect(report).toMatchObject({ flat: true, running: false, remaining: [], mayBeLive: [] });
    expect(report.taken).toEqual([{ symbol: 'BTC-PERP', side: 'sell', size: '0.01', averagePrice: '50000' }]);
    const sent = bot.broker.placed.slice(1);
    expect(sent.map(({ lots: size }) => size)).toEqual([10, 6, 1]);
    for (const order of sent)
      expect(order).toMatchObject({
        side: 'sell',
        type: 'limit',
        timeInForce: 'IOC',
        reduceOnly: true,
        price: new Decimal(49_500),
      });
    expect([held(bot), bot.get(SafetyLadder).state]).toEqual([0, 'FLATTENING']);
    const records = bot.get(EventStore).query({ types: ['operator_command', 'safety_state'] });
    expect(records.map(({ type, payload }) => [type, payload['actor'], payload['reason']])).toEqual([
      ['operator_command', 'ada', 'leaving'],
      ['safety_state', 'ada', 'leaving'],
    ]);
  });

  it('is one and the same for two operators with the same plan, and for one who repeats it (OP-05)', async () => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    bot.broker.always('placeOrder', { fill: 'all' });
    const { hash } = control.planFlatten();
    const [first, second] = await Promise.all([
      control.flatten(hash, ADA),
      control.flatten(hash, { ...ADA, actor: 'bob' }),
    ]);
    expect([first.flat, second]).toEqual([true, first]);
    expect(await control.flatten(hash, ADA)).toEqual(first);
    expect(bot.broker.placed).toHaveLength(2);
    expect(first.by).toEqual(ADA);
    const outcomes = bot.get(EventStore).query({ types: ['operator_outcome'] });
    expect(outcomes.map(({ payload }) => [payload['actor'], payload['outcome']])).toEqual([
      ['bob', 'joined'],
      ['ada', 'done'],
      ['ada', 'joined'],
    ]);
  });

  it('is carried out once, of what its plan showed: the same size again is another position, and is not called flat', async () => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    bot.broker.always('placeOrder', { fill: 'all' });
    const { hash } = control.planFlatten();
    expect(await control.flatten(hash, ADA)).toMatchObject({ flat: true });
    await control.resume(ADA);
    expect(control.status().flattening).toBeNull();
    await trade(bot, 'buy');
    expect(held(bot)).toBe(10);
    const again = control.planFlatten().hash;
    expect(again).not.toBe(hash);
    await expect(control.flatten(hash, ADA)).rejects.toMatchObject({ code: 'RISK-005' });
    expect(held(bot)).toBe(10);
    expect(await control.flatten(again, ADA)).toMatchObject({ flat: true });
    expect(held(bot)).toBe(0);
  });

  it('is of its own bot, and of the position that was there: closed and opened again meanwhile, it is refused', async () => {
    const [bot, other] = [await holding(), await holding()];
    const control = bot.get(OperatorControl);
    const { hash } = control.planFlatten();
    expect(other.get(OperatorControl).planFlatten().hash).not.toBe(hash);
    bot.broker.always('placeOrder', { fill: 'all' });
    await trade(bot, 'close');
    await trade(bot, 'buy');
    expect(held(bot)).toBe(10);
    await expect(control.flatten(hash, ADA)).rejects.toMatchObject({ code: 'RISK-005' });
    expect([held(bot), bot.get(SafetyLadder).state]).toEqual([10, 'NORMAL']);
  });

  it('whose positions are gone by themselves has nothing left to do: nothing is sent, and nothing is tightened', async () => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    const { hash } = control.planFlatten();
    bot.broker.next('placeOrder', { fill: 'all' });
    await trade(bot, 'close');
    const sent = bot.broker.placed.length;
    expect(await control.flatten(hash, ADA)).toMatchObject({ hash, flat: true, remaining: [], mayBeLive: [] });
    expect([bot.broker.placed.length, bot.get(SafetyLadder).state]).toEqual([sent, 'NORMAL']);
  });

  it.each([
    [
      'the venue says otherwise',
      (bot: TestBot): unknown =>
        bot.broker.always('listPositions', {
          value: [{ symbol: 'BTC-PERP', size: new Decimal(1), entryPrice: new Decimal(50_000) }],
        }),
    ],
    ['an order may be live', (bot: TestBot): unknown => trade(bot, 'buy')],
  ] as const)('whose positions are gone is not called flat while %s', async (_what, happens) => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    const { hash } = control.planFlatten();
    bot.broker.next('placeOrder', { fill: 'all' });
    await trade(bot, 'close');
    await happens(bot);
    expect(await control.flatten(hash, ADA)).toMatchObject({ flat: false });
  });

  it('names what is left at its deadline, and why', async () => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    bot.broker.always('placeOrder', { fill: { size: BTC.size(lots(1)) }, rest: 'expired' });
    const report = await control.flatten(control.planFlatten().hash, ADA, { deadlineMs: 1_500 });
    expect(report).toMatchObject({ flat: false, running: false, remaining: [{ symbol: 'BTC-PERP', side: 'long' }] });
    expect(bot.get(SafetyLadder).state).toBe('FLATTENING');
    await expect(control.flatten('old', ADA)).rejects.toMatchObject({ code: 'RISK-005' });
  });

  it.each([
    ['a halt', 'HALTED', (bot: TestBot) => bot.get(OperatorControl).halt(BOB, 5_000)],
    [
      'a halt left beside the journal',
      'HALTED',
      (bot: TestBot) => bot.get(SafetyLadder).tighten('HALTED', 'no', 'bob'),
    ],
    ['a lock', 'LOCKED', (bot: TestBot) => bot.get(SafetyLadder).tighten('LOCKED', 'no', 'bob')],
  ] as const)('is stopped by %s at once, and says by whom and what is left (I-12)', async (_, state, stop) => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    bot.broker.always('placeOrder', { fill: { size: BTC.size(lots(1)) }, rest: 'expired' });
    const { hash } = control.planFlatten();
    const waiting = control.flatten(hash, ADA);
    while (bot.broker.placed.length < 2) await settled();
    const stopped = stop(bot);
    const report = await waiting;
    await stopped;
    const sent = bot.broker.placed.length;
    const note = `stopped by ${state === 'HALTED' ? 'halt' : state} of bob: no`;
    expect(report).toMatchObject({
      flat: false,
      running: false,
      note,
      remaining: [{ size: BTC.size(lots(9)).toString() }],
    });
    expect(control.status()).toMatchObject({ state, reason: 'no', actor: 'bob', flattening: { running: false, note } });
    expect(bot.logger.at('error')).toContainEqual(`Not flat: ${note}; holds BTC-PERP long 0.009, no stop at the venue`);
    await settled();
    expect(bot.broker.placed).toHaveLength(sent);
    await expect(control.flatten(hash, ADA)).rejects.toMatchObject({
      code: 'RISK-005',
      message: `Plan ${hash} has ended, not flat: ${note}.`,
    });
  });

  it.each([
    // The venue holds each order to the position: whichever comes later finds nothing to reduce.
    ['goes beside', 'native', true],
    ['waits for', 'none', false],
  ] as const)(
    '%s an exit whose outcome nobody knows where reduce-only is %s, and names it',
    async (_, reduceOnly, sends) => {
      const bot = await holding();
      const control = bot.get(OperatorControl);
      bot.broker.next('placeOrder', { lost: 'answer', hiddenMs: 600_000 });
      for (const asked of ['getOrder', 'cancelOrder', 'listOpenOrders'] as const)
        bot.broker.always(asked, { throws: new Error('gone') });
      await trade(bot, 'close');
      const [exit] = bot.get(OrderLog).open();
      expect(exit?.status).toBe('unknown');
      const sent = bot.broker.placed.length;
      Object.assign(bot.broker.capabilities, { reduceOnly });
      bot.broker.always('placeOrder', { fill: 'all' });
      const report = await control.flatten(control.planFlatten().hash, ADA, { deadlineMs: 10_000 });
      const slices = bot.broker.placed.slice(sent);
      expect(slices.map(({ reduceOnly: reduces, lots: size }) => [reduces, size])).toEqual(
        sends ? [[true, lots(10)]] : [],
      );
      expect(report.remaining).toHaveLength(sends ? 0 : 1);
      // Flat is said once the venue has been asked: it cannot be here.
      expect([report.flat, report.note]).toEqual([false, expect.any(String)]);
      expect(report.mayBeLive).toContain(exit?.request.clientId);
      if (!sends) expect(report.note).toContain(`what became of ${exit?.request.clientId ?? ''} is not known yet`);
    },
  );

  it('is stopped by a halt that comes before it has tightened: the newer word holds', async () => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    const waiting = control.flatten(control.planFlatten().hash, ADA);
    const [report, halted] = await Promise.all([waiting, control.halt(BOB, 5_000)]);
    expect(report).toMatchObject({ flat: false, note: 'stopped by halt of bob: no' });
    expect([halted.state, halted.withdrawal.done, bot.broker.placed.length]).toEqual(['HALTED', true, 1]);
    expect(await control.resume(ADA)).toMatchObject({ state: 'NORMAL' });
  });

  it('tells stops that stand as they should apart from orders that may be live', async () => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    const { instrument: own } = [...bot.get(Portfolio).positions()][0] as { instrument: typeof BTC };
    const now = bot.clock.now() + 1;
    bot.clock.set(now);
    const stop = bot.get(ExecutionEngine).place(
      {
        ...{ instrument: own, side: 'sell', type: 'stop_market', lots: lots(10), timeInForce: 'GTC' },
        ...{ stop: BTC.toTicks(new Decimal(45_000), 'nearest'), postOnly: false, reduceOnly: true, signalId: 'stop' },
        ...{ origin: { strategy: 'test', reason: 'stop', decidedAt: now }, urgent: true },
      },
      now,
    );
    await settled();
    bot.broker.always('placeOrder', { fill: { size: BTC.size(lots(1)) }, rest: 'expired' });
    const report = await control.flatten(control.planFlatten().hash, ADA, { deadlineMs: 500 });
    expect(report).toMatchObject({ flat: false, mayBeLive: [], kept: [stop].map(() => ({ protects: true })) });
  });

  it.each([
    [20_000, 'CTRL-002'],
    [5_001, 'CTRL-002'],
    [NaN, 'CTRL-002'],
    [5_000, '49500'],
    [50, '49750'],
  ])('with a slippage of %d bps shows %s: the price that will be sent, at the collar at most', async (bps, shown) => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    const options = { maxSlippageBps: bps, deadlineMs: 500 };
    if (shown === 'CTRL-002') return expect(() => control.planFlatten(options)).toThrow(/at most 5000 bps, was/);
    const { steps, hash } = control.planFlatten(options);
    expect(steps).toMatchObject([{ worstPrice: shown }]);
    bot.broker.always('placeOrder', { fill: { size: BTC.size(lots(1)) }, rest: 'expired' });
    await control.flatten(hash, ADA, options);
    expect(bot.broker.placed.at(-1)?.price?.toString()).toBe(shown);
  });

  it.each([
    ['min_notional', 2],
    ['throttled', 3],
  ] as const)('refused by the venue with %s: what cannot change is not sent again', async (reason, sent) => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    bot.broker.always('placeOrder', { refuse: reason });
    const report = await control.flatten(control.planFlatten().hash, ADA, {
      deadlineMs: reason === 'throttled' ? 1_500 : 9_000,
    });
    const more = reason === 'throttled' ? '' : '; it is not sent again';
    expect(report).toMatchObject({ flat: false, note: expect.stringMatching(`^BTC-PERP: ${reason}.*${more}$`) });
    expect(bot.broker.placed).toHaveLength(sent);
  });

  it('is sent nothing more once the venue has answered with a pause, and says until when (NW-15)', async () => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    const told = { outcome: 'rejected', reason: 'throttled', message: '418', at: bot.clock.now() } as const;
    bot.broker.always('placeOrder', { value: { ...told, retryAfterMs: 600_000 } });
    const report = await control.flatten(control.planFlatten().hash, ADA, { deadlineMs: 1_001 });
    expect(report).toMatchObject({ flat: false, note: expect.stringMatching(/left alone until/) });
    expect(bot.broker.placed).toHaveLength(2);
  });

  it('is a way out of LOCKED, once bot and venue agree about what it takes off', async () => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    const ladder = bot.get(SafetyLadder);
    await ladder.tighten('LOCKED', 'crash_loop');
    bot.broker.always('listPositions', { throws: new Error('down') });
    await expect(control.flatten(control.planFlatten().hash, ADA)).rejects.toMatchObject({ code: 'RISK-004' });
    expect([ladder.state, bot.broker.placed.length]).toEqual(['LOCKED', 1]);
    bot.broker.always('listPositions', {});
    bot.broker.always('placeOrder', { fill: 'all' });
    expect(await control.flatten(control.planFlatten().hash, ADA)).toMatchObject({ flat: true, remaining: [] });
    expect(ladder.state).toBe('FLATTENING');
  });

  it('out of LOCKED is stopped by a halt that comes while the venue is asked: it stays LOCKED', async () => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    const ladder = bot.get(SafetyLadder);
    await ladder.tighten('LOCKED', 'crash_loop');
    const waiting = control.flatten(control.planFlatten().hash, ADA).catch((error: unknown) => error);
    await control.halt(BOB, 5_000);
    await waiting;
    expect([ladder.state, bot.broker.placed.length]).toEqual(['LOCKED', 1]);
  });

  it('ends what rests, the stop last', async () => {
    const bot = await holding();
    const control = bot.get(OperatorControl);
    bot.clock.set(bot.clock.now() + 1);
    bot.bot.executeDecision('BTC-PERP', {
      action: 'buy',
      reason: 'more',
      quantity: lots(2),
      orderType: 'limit',
      limit: BTC.toTicks(new Decimal(49_800), 'nearest'),
    });
    await settled();
    bot.broker.always('placeOrder', { fill: 'all' });
    expect(await control.flatten(control.planFlatten().hash, ADA)).toMatchObject({ flat: true, mayBeLive: [] });
    expect(bot.get(OrderLog).open()).toEqual([]);
  });
});
