import { afterEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { ExecutionEngine, OrderGateway, OrderLog } from '#src/ports/core-services/execution.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { OperatorControl } from '#src/ports/core-services/operator-control.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { swap, testBot, type TestBot } from 'perpsbot/testing';
import { testConfig } from '../../support/config.js';
import { instrument } from '#src/testing/instruments.js';
import { settled } from '#src/testing/settled.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

const BTC = instrument();
const ADA = { actor: 'ada', reason: 'it looks wrong' };
const price = (value: number): ReturnType<typeof BTC.toTicks> => BTC.toTicks(new Decimal(value), 'nearest');
let made: TestBot[] = [];
afterEach(async () => {
  await Promise.all(made.map(({ bot }) => bot.stop()));
  made = [];
});

async function opened(events?: FakeEventStore): Promise<TestBot> {
  const bot = testBot({
    config: testConfig({ streaming: { enabled: false } }),
    overrides: (container) => {
      if (events !== undefined) swap(container, EventStore, events);
    },
  });
  made.push(bot);
  await bot.bot.open();
  bot.get(MarketData).acceptMark('BTC-PERP', BTC.toMarks(new Decimal(50_000)), bot.clock.now());
  return bot;
}

/** A long position, a stop behind it, a target, and an entry that rests. */
async function trading(bot: TestBot): Promise<{ entry: string; target: string; stop: string }> {
  const { bot: own, broker } = bot;
  broker.next('placeOrder', { fill: 'all' });
  broker.setPrice('BTC-PERP', 50_000);
  own.executeDecision('BTC-PERP', { action: 'buy', reason: 'test', quantity: lots(10) });
  await settled();
  bot.clock.set(bot.clock.now() + 1);
  const sent = (submission: ReturnType<typeof own.executeDecision>): string => {
    bot.clock.set(bot.clock.now() + 1);
    if (submission.outcome !== 'submitted') throw new Error(JSON.stringify(submission));
    return submission.clientId;
  };
  const entry = sent(
    own.executeDecision('BTC-PERP', {
      action: 'buy',
      reason: 'more',
      quantity: lots(5),
      orderType: 'limit',
      limit: price(49_800),
    }),
  );
  const target = sent(
    own.executeDecision('BTC-PERP', {
      action: 'sell',
      reason: 'target',
      quantity: lots(4),
      orderType: 'limit',
      limit: price(50_200),
      reduceOnly: true,
    }),
  );
  const now = bot.clock.now();
  const stop = sent(
    bot.get(ExecutionEngine).place(
      {
        instrument: bot.bot.container.get(OrderLog).find(entry)?.request.instrument ?? BTC,
        side: 'sell',
        type: 'stop_market',
        lots: lots(10),
        stop: price(45_000),
        timeInForce: 'GTC',
        postOnly: false,
        reduceOnly: true,
        signalId: 'stop',
        origin: { strategy: 'test', reason: 'stop', decidedAt: now },
        urgent: true,
      },
      now,
    ),
  );
  await settled();
  return { entry, target, stop };
}

const open = (bot: TestBot): string[] =>
  bot
    .get(OrderLog)
    .open()
    .map(({ request }) => request.clientId);

describe('halt', () => {
  it('withdraws what rests, keeps protection, and is done when the venue has confirmed (OP-01, I-12)', async () => {
    const bot = await opened();
    const { entry, target, stop } = await trading(bot);

    const report = await bot.get(OperatorControl).halt(ADA, 5_000);

    expect(report).toMatchObject({
      state: 'HALTED',
      withdrawal: { done: true, mayBeLive: [], rounds: 2 },
      kept: [{ clientId: stop, protects: true }],
      positions: [{ symbol: 'BTC-PERP', side: 'long', stopSize: BTC.size(lots(10)).toString() }],
    });
    expect([...report.withdrawal.cancelled].sort()).toEqual([entry, target].sort());
    expect(open(bot)).toEqual([stop]);
    expect(bot.bot.executeDecision('BTC-PERP', { action: 'buy', reason: 'no', quantity: lots(1) })).toMatchObject({
      outcome: 'refused',
      check: 'kill_switch',
    });
  });

  it('names what it holds without a stop at the venue, as the command and the log do at the end', async () => {
    const bot = await opened();
    const { stop } = await trading(bot);
    const control = bot.get(OperatorControl);
    await bot.get(OrderGateway).cancel(stop);
    const { positions, kept } = await control.halt(ADA, 5_000);
    expect([positions, kept]).toMatchObject([[{ symbol: 'BTC-PERP', stopSize: '0' }], []]);
    expect((await control.resume(ADA)).positions).toMatchObject([{ stopSize: '0' }]);
    control.honour();
    await control.halt({ actor: 'bob', reason: 'again' }, 5_000);
    await control.reduceOnly(ADA, 5_000);
    control.honour();
    const size = BTC.size(lots(10)).toString();
    const held = `holds BTC-PERP long ${size}, no stop at the venue`;
    const lines = bot.logger.at('warn').filter((line) => / by (ada|bob): /.test(line));
    expect(lines).toEqual([
      `Halted by ada: it looks wrong; ${held}`,
      `Resumed by ada: it looks wrong; ${held}`,
      `Halted by bob: again; ${held}`,
      `Set to reduce-only by ada: it looks wrong; stays HALTED, ${held}`,
      expect.stringMatching(`^Begins HALTED since .*, by bob: again; ${held}$`),
    ]);
  });

  it('is journaled with actor and reason before its effect (I-24)', async () => {
    const bot = await opened();
    await trading(bot);
    const before = bot.get(EventStore).lastSeq;
    await bot.get(OperatorControl).halt(ADA, 5_000);
    const records = bot
      .get(EventStore)
      .query({ after: before, types: ['operator_command', 'safety_state', 'cancel_all'] });
    expect(records.map(({ type }) => type).slice(0, 3)).toEqual(['operator_command', 'safety_state', 'cancel_all']);
    expect(records[0]?.payload).toEqual({ command: 'halt', ...ADA });
    expect(records[1]?.payload).toMatchObject({ to: 'HALTED', ...ADA });
  });

  it('holds at once when the journal fails, and when it hangs (OP-03)', async () => {
    for (const appendDurable of [
      () => Promise.reject(new Error('disk full')),
      () => new Promise<never>(() => undefined),
    ]) {
      const events = new FakeEventStore();
      const bot = await opened(events);
      events.appendDurable = appendDurable;
      const halted = bot.get(OperatorControl).halt(ADA, 200);
      await new Promise((turn) => setTimeout(turn, 150));
      expect(bot.get(SafetyLadder).state).toBe('HALTED');
      void halted;
    }
  });

  it('never says done while the venue does not answer, and confirms when it does (OP-03)', async () => {
    const bot = await opened();
    const { entry, target } = await trading(bot);
    bot.broker.always('cancelOrder', { throws: new Error('no route') });
    bot.broker.always('listOpenOrders', { throws: new Error('no route') });

    const told: number[] = [];
    const report = await bot.get(OperatorControl).halt(ADA, 800, ({ mayBeLive }) => told.push(mayBeLive.length));
    expect(report).toMatchObject({ state: 'HALTED', withdrawal: { done: false } });
    expect(report.withdrawal.mayBeLive).toEqual(expect.arrayContaining([entry, target]));
    expect(told.length).toBeGreaterThan(1);
    expect(bot.get(OperatorControl).status().withdrawing).toMatchObject({ done: false });

    bot.broker.heal();
    const second = await bot.get(OperatorControl).halt({ ...ADA, reason: 'again' }, 10_000);
    expect(second.withdrawal).toMatchObject({ done: true, mayBeLive: [] });
    expect(bot.get(OperatorControl).status().withdrawing).toBeNull();
  });
});

describe('reduce-only', () => {
  it('withdraws what can increase a position, and leaves what reduces', async () => {
    const bot = await opened();
    const { entry, target, stop } = await trading(bot);
    const report = await bot.get(OperatorControl).reduceOnly(ADA, 5_000);
    expect(report).toMatchObject({ state: 'REDUCE_ONLY', withdrawal: { done: true, cancelled: [entry] } });
    expect(open(bot).sort()).toEqual([target, stop].sort());
  });

  it('is widened by a halt that comes while it is under way', async () => {
    const bot = await opened();
    const { stop } = await trading(bot);
    bot.broker.always('listOpenOrders', { throws: new Error('no route') });
    await bot.get(OperatorControl).reduceOnly(ADA, 100);
    bot.broker.heal();
    const report = await bot.get(OperatorControl).halt(ADA, 5_000);
    expect(report).toMatchObject({ state: 'HALTED', withdrawal: { done: true } });
    expect(open(bot)).toEqual([stop]);
  });
});

describe('resume', () => {
  it('loosens after a clean reconciliation and says so in the journal, before and after', async () => {
    const bot = await opened();
    await bot.get(OperatorControl).halt(ADA, 5_000);
    const before = bot.get(EventStore).lastSeq;
    expect(await bot.get(OperatorControl).resume({ actor: 'bob', reason: 'looked at it' })).toMatchObject({
      state: 'NORMAL',
      actor: null,
    });
    const types = ['operator_command', 'safety_state', 'operator_outcome'];
    expect(
      bot
        .get(EventStore)
        .query({ after: before, types })
        .map(({ type }) => type),
    ).toEqual(types);
  });

  it('is refused while something differs, and the refusal is journaled too (OP-07)', async () => {
    const bot = await opened();
    await bot.get(OperatorControl).halt(ADA, 5_000);
    bot.broker.account.positions = [{ symbol: 'BTC-PERP', size: new Decimal(1), entryPrice: new Decimal(50_000) }];
    await expect(bot.get(OperatorControl).resume(ADA)).rejects.toMatchObject({ code: 'RISK-004', exitCode: 8 });
    expect(bot.get(SafetyLadder).state).toBe('HALTED');
    expect(bot.get(EventStore).query({ types: ['operator_outcome'] })[0]?.payload).toMatchObject({
      command: 'resume',
      outcome: 'refused',
    });
  });

  it('re-arms a strategy that has entered too often without a person, once nothing differs (PT-15)', async () => {
    const bot = testBot({ config: testConfig({ streaming: { enabled: false }, risk: { maxUnattendedEntries: 1 } }) });
    made.push(bot);
    await bot.bot.open();
    bot.get(MarketData).acceptMark('BTC-PERP', BTC.toMarks(new Decimal(50_000)), bot.clock.now());
    const enter = (): unknown => {
      bot.clock.set(bot.clock.now() + 1);
      return bot.bot.executeDecision('BTC-PERP', { action: 'buy', reason: 'test', quantity: lots(1) });
    };
    expect(enter()).toMatchObject({ outcome: 'submitted' });
    await settled();
    expect(enter()).toMatchObject({ outcome: 'refused', check: 'repeated_execution' });
    const control = bot.get(OperatorControl);
    const [name] = control.status().disabled ?? [];
    expect(name).toBe(testConfig().strategy.name);

    bot.broker.always('listPositions', { throws: new Error('busy') });
    await expect(control.resume(ADA)).rejects.toMatchObject({ code: 'RISK-004' });
    expect(control.status()).toMatchObject({ state: 'NORMAL', disabled: [name] });
    bot.broker.always('listPositions', { value: [] });
    expect(await control.resume(ADA)).toMatchObject({ disabled: [] });
    expect(bot.get(EventStore).query({ types: ['strategy_rearmed'] })[0]?.payload).toMatchObject(ADA);
    bot.clock.set(bot.clock.now() + 1);
    expect(enter()).toMatchObject({ outcome: 'submitted' });
  });

  it('is not carried out when it cannot be journaled', async () => {
    const events = new FakeEventStore();
    const bot = await opened(events);
    await bot.get(OperatorControl).halt(ADA, 5_000);
    events.failure = new Error('disk full');
    await expect(bot.get(OperatorControl).resume(ADA)).rejects.toMatchObject({ code: 'STORE-004' });
    events.failure = undefined;
    expect(bot.get(SafetyLadder).state).toBe('HALTED');
  });
});

describe('status', () => {
  it('tells state, who brought it about, positions and orders', async () => {
    const bot = await opened();
    const { stop, entry, target } = await trading(bot);
    await bot.get(SafetyLadder).tighten('REDUCE_ONLY', 'max_drawdown');
    const status = bot.get(OperatorControl).status();
    expect(status).toMatchObject({
      state: 'REDUCE_ONLY',
      reason: 'max_drawdown',
      actor: 'system',
      account: 'fake-account',
      positionsKnown: true,
      positions: [{ symbol: 'BTC-PERP', side: 'long', size: BTC.size(lots(10)).toString(), markPrice: '50000' }],
    });
    expect(status.orders.map(({ clientId, protects }) => [clientId, protects])).toEqual([
      [entry, false],
      [target, false],
      [stop, true],
    ]);
    expect(JSON.parse(JSON.stringify(status))).toEqual(status);
  });
});
