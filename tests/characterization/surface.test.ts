import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hold } from '#src/domain/decision.js';
import { Decimal } from '#src/domain/decimal.js';
import { ExecutionCoordinator } from '#src/ports/core-services/execution.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { ProductCatalogue } from '#src/ports/core-services/product-catalogue.js';
import { StrategyOrchestrator } from '#src/ports/core-services/strategy.js';
import { SystemMonitor, type Health } from '#src/ports/core-services/system-monitor.js';
import { swap, testBot, type TestBot } from 'perpsbot/testing';

let made: TestBot;
let calls: unknown[][];

beforeEach(() => {
  calls = [];
  made = testBot({
    overrides: (container) => {
      swap(container, StrategyOrchestrator, {
        processSymbol: (...args) => (calls.push(['process', ...args]), hold('scripted')),
      });
      swap(container, ExecutionCoordinator, {
        executeDecision: (...args) => (calls.push(['execute', ...args]), { outcome: 'nothing', reason: 'scripted' }),
        runRuntimeGuards: () => Promise.resolve(),
        runOrderReconciliation: () => Promise.resolve(),
      });
      swap(container, SystemMonitor, {
        logStatus: () => undefined,
        writeHealthStatus: (health: Health) => void calls.push(['health', health]),
        checkConfigUpdates: () => undefined,
        runPositionReconciliation: () => Promise.resolve(),
      });
    },
  });
});
afterEach(() => made.bot.stop());

const outside = expect.objectContaining({ code: 'BOT-001' });

describe('Property access', () => {
  it('broker raises RuntimeError if None', async () => {
    expect(() => made.bot.broker).toThrow(outside);
    await made.bot.open();
    expect(made.bot.broker).toBe(made.broker);
    await made.bot.stop();
    expect(() => made.bot.broker).toThrow(outside);
  });

  it('risk_manager raises RuntimeError if None', async () => {
    expect(() => made.bot.riskManager).toThrow(outside);
    await made.bot.open();
    expect(made.bot.riskManager.killSwitch).toBe(false);
    await made.bot.stop();
    expect(() => made.bot.riskManager).toThrow(outside);
  });

  it('exec_engine raises RuntimeError if None', async () => {
    expect(() => made.bot.execEngine).toThrow(outside);
    await made.bot.open();
    expect(made.bot.execEngine.kind).toBe('live');
    await made.bot.stop();
    expect(() => made.bot.execEngine).toThrow(outside);
  });
});

describe('Delegation', () => {
  it('process_symbol → strategy_orchestrator', () => {
    expect(made.bot.processSymbol('BTC-PERP')).toEqual(hold('scripted'));
    expect(calls).toEqual([['process', 'BTC-PERP', made.clock.now()]]);
  });

  it('execute_decision → execution_coordinator', async () => {
    await made.bot.open();
    const product = made.get(ProductCatalogue).instrument('BTC-PERP');
    const mark = product.toMarks(new Decimal('50000'));
    made.get(MarketData).acceptMark('BTC-PERP', mark, made.clock.now());
    const decision = hold('by hand');
    expect(made.bot.executeDecision('BTC-PERP', decision)).toEqual({ outcome: 'nothing', reason: 'scripted' });
    expect(calls).toEqual([
      ['execute', product, decision, mark, made.bot.portfolio.position(product), made.clock.now()],
    ]);
  });

  it('write_health_status → system_monitor', () => {
    const health: Health = { ok: false, message: 'no marks' };
    made.bot.writeHealthStatus(health);
    expect(calls).toEqual([['health', health]]);
  });
});
