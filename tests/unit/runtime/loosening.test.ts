import { afterEach, describe, expect, it } from '@jest/globals';
import { clientOrderId } from '#src/domain/client-order-id.js';
import { Decimal } from '#src/domain/decimal.js';
import { venueOrderId } from '#src/domain/order.js';
import { lots } from '#src/domain/units.js';
import { PerpsBotError } from '#src/domain/errors.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { RiskManager } from '#src/ports/core-services/risk-manager.js';
import { RuntimeCoordinator } from '#src/ports/core-services/runtime-coordinator.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { testBot, type TestBot } from 'perpsbot/testing';
import { testConfig } from '../../support/config.js';
import { instrument } from '#src/testing/instruments.js';
import { settled } from '#src/testing/settled.js';

const BTC = instrument();
let made: TestBot[] = [];
afterEach(async () => {
  await Promise.all(made.map(({ bot }) => bot.stop()));
  made = [];
});

async function opened(): Promise<TestBot> {
  const bot = testBot({ config: testConfig({ streaming: { enabled: false } }) });
  made.push(bot);
  await bot.bot.open();
  await bot.get(SafetyLadder).tighten('REDUCE_ONLY', 'drill');
  return bot;
}

/** Every way by which a host, a command or a service asks for a looser state. */
const DOORS: readonly [string, (bot: TestBot) => Promise<void>][] = [
  ['bot.resume', ({ bot }) => bot.resume('looked at it', 'ada')],
  ['bot.setReduceOnlyMode', ({ bot }) => bot.setReduceOnlyMode(false, 'looked at it', 'ada')],
  ['RuntimeCoordinator.resume', (bot) => bot.get(RuntimeCoordinator).resume('looked at it', 'ada')],
  [
    'RuntimeCoordinator.setReduceOnlyMode',
    (bot) => bot.get(RuntimeCoordinator).setReduceOnlyMode(false, 'looked at it', 'ada'),
  ],
  ['RiskManager.setReduceOnly', (bot) => bot.get(RiskManager).setReduceOnly(false, 'looked at it', 'ada')],
  ['SafetyLadder.loosen', (bot) => bot.get(SafetyLadder).loosen('NORMAL', 'looked at it', 'ada')],
];

const outcome = (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => 'loosened',
    (error: unknown) =>
      PerpsBotError.is(error) ? [error.code, ...error.problems.map(({ message }) => message)] : error,
  );

describe('loosening the safety state', () => {
  it.each(DOORS)('%s is refused while positions differ, and the refusal lists them (OP-07)', async (_name, loosen) => {
    const bot = await opened();
    bot.broker.account.positions = [{ symbol: 'BTC-PERP', size: new Decimal('0.5'), entryPrice: new Decimal(50_000) }];

    expect(await outcome(loosen(bot))).toEqual(['RISK-004', 'Position in BTC-PERP: 0 here, 0.5 at the venue.']);
    expect(bot.get(SafetyLadder).state).toBe('REDUCE_ONLY');

    bot.broker.account.positions = [];
    expect(await outcome(loosen(bot))).toBe('loosened');
    expect(bot.get(SafetyLadder).state).toBe('NORMAL');
  });

  it.each(DOORS)('%s is refused while the venue does not say what it holds', async (_name, loosen) => {
    const bot = await opened();
    bot.broker.always('listOpenOrders', { throws: new Error('no route') });
    bot.broker.always('listPositions', { throws: new Error('no route') });

    expect(await outcome(loosen(bot))).toEqual([
      'RISK-004',
      expect.stringContaining('could not be asked for its orders'),
      expect.stringContaining('could not be asked for its positions'),
    ]);
    expect(bot.get(SafetyLadder).state).toBe('REDUCE_ONLY');
  });

  it('is refused while an order has an unknown outcome, and names it', async () => {
    const bot = await opened();
    await bot.bot.resume('go', 'ada');
    bot.get(MarketData).acceptMark('BTC-PERP', BTC.toMarks(new Decimal(50_000)), bot.clock.now());
    bot.broker.next('placeOrder', { throws: new Error('connection reset') });
    bot.broker.always('getOrder', { throws: new Error('connection reset') });
    const submission = bot.bot.executeDecision('BTC-PERP', { action: 'buy', reason: 'test', quantity: lots(10) });
    await settled();
    await bot.get(SafetyLadder).tighten('HALTED', 'look');

    const clientId = submission.outcome === 'submitted' ? submission.clientId : 'none';
    expect(await outcome(bot.bot.resume('go on', 'ada'))).toEqual([
      'RISK-004',
      `What became of order ${clientId} is not known.`,
    ]);
  });

  it('is overtaken by what the look itself finds: our name on an order that nobody here has sent', async () => {
    const bot = await opened();
    const clientId = clientOrderId('perps-bot', 999, 1);
    bot.broker.account.orders.set(clientId, {
      venueId: venueOrderId('v9'),
      clientId,
      symbol: 'BTC-PERP',
      side: 'buy',
      type: 'limit',
      size: new Decimal('0.01'),
      filled: new Decimal(0),
      price: new Decimal(40_000),
      reduceOnly: false,
      report: { status: 'open', at: 0, venueId: venueOrderId('v9') },
    });

    expect(await outcome(bot.bot.resume('go on', 'ada'))).toEqual(['RISK-003']);
    expect(bot.get(SafetyLadder)).toMatchObject({ state: 'HALTED', reason: 'orphan_order' });
    expect(await outcome(bot.bot.resume('seen it', 'ada'))).toBe('loosened');
  });

  it('leaves no record of a loosening that was refused', async () => {
    const bot = await opened();
    bot.broker.account.positions = [{ symbol: 'BTC-PERP', size: new Decimal(1), entryPrice: new Decimal(50_000) }];
    await outcome(bot.bot.resume('go on', 'ada'));
    const states = bot.get(EventStore).query({ types: ['safety_state'] });
    expect(states.map(({ payload }) => payload['to'])).toEqual(['REDUCE_ONLY']);
  });
});
