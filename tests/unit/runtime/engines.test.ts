import { afterEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import { ExecutionEngine, RuntimeGuards } from '#src/ports/core-services/execution.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { testBot, type TestBot } from 'perpsbot/testing';
import { testConfig } from '../../support/config.js';
import { instrument } from '#src/testing/instruments.js';
import { settled } from '#src/testing/settled.js';

const BTC = instrument();
let made: TestBot | undefined;
afterEach(() => made?.bot.stop());

describe('whichever engine the configuration asks for', () => {
  it.each([
    ['live', false],
    ['advanced', true],
  ] as const)('the %s one has every guard and cancel-all (B-06)', async (kind, dynamicPositionSizing) => {
    made = testBot({ config: testConfig({ streaming: { enabled: false }, risk: { dynamicPositionSizing } }) });
    await made.bot.open();
    made.get(MarketData).acceptMark('BTC-PERP', BTC.toMarks(new Decimal(50_000)), made.clock.now());
    const limit = BTC.toTicks(new Decimal(49_900), 'nearest');
    made.broker.getQuote = () => Promise.resolve({ symbol: 'BTC-PERP', last: new Decimal(50_000) });
    made.bot.executeDecision('BTC-PERP', {
      action: 'buy',
      reason: 'test',
      quantity: lots(10),
      orderType: 'limit',
      limit,
    });
    await settled();

    const report = await made.get(RuntimeGuards).runAll(made.clock.now());
    const { cancelled } = await made.get(ExecutionEngine).cancelAll('test');

    expect(made.bot.execEngine.kind).toBe(kind);
    expect([report.ran.length, report.failed]).toEqual([7, []]);
    expect(cancelled).toEqual(made.broker.placed.map((request) => request.clientId));
    expect(cancelled).toHaveLength(1);
  });
});
