import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { START } from '../../support/strategy-parts.js';
import { BUY, money, parts } from './orchestrator-harness.js';

describe('StrategyOrchestratorService gates', () => {
  it.each<[string, (p: ReturnType<typeof parts>) => void]>([
    ['kill_switch', ({ risk }) => (risk.killSwitch = true)],
    ['safety:HALTED', ({ safety }) => (safety.state = 'HALTED')],
    ['safety:FLATTENING', ({ safety }) => (safety.state = 'FLATTENING')],
    ['safety:LOCKED', ({ safety }) => (safety.state = 'LOCKED')],
    ['positions_unknown', ({ portfolio }) => portfolio.setKnown(false)],
    ['unconfirmed_product', ({ products }) => products.delete('BTC-PERP')],
    ['equity', ({ portfolio }) => portfolio.deposit(money(-10_000), START, 'out')],
    ['volatility', ({ risk }) => (risk.volatility = { action: 'kill_switch', volatility: 1 })],
    ['stale_mark', ({ risk }) => (risk.staleMark = true)],
  ])('hold at %s: the strategy is not asked, and the hold is counted, traced and recorded', (gate, close) => {
    const p = parts();
    p.btc.next = BUY;
    close(p);
    const decision = p.step(100);

    expect(decision?.action).toBe('hold');
    expect(p.btc.seen).toEqual([]);
    expect(p.executed).toEqual([]);
    expect(p.gates.held).toEqual([`${gate} BTC-PERP`]);
    expect(p.trace.decisions).toEqual([{ symbol: 'BTC-PERP', action: 'hold', mark: 100_000, at: p.time() }]);
    expect(p.decisions.find('BTC-PERP')).toEqual({ decision, at: p.time() });
  });

  it('hold without marks, at mark 0', () => {
    const p = parts();
    expect(p.orchestrator.processSymbol('BTC-PERP', START)?.reason).toBe('No marks yet');
    p.series.delete('BTC-PERP');
    p.orchestrator.processSymbol('BTC-PERP', START + 1);
    expect(p.gates.held).toEqual(['no_marks BTC-PERP', 'no_marks BTC-PERP']);
    expect(p.trace.decisions.map(({ mark }) => mark)).toEqual([0, 0]);
  });

  it('hold again when the series was emptied under it', () => {
    const p = parts();
    p.step(100);
    p.series.get('BTC-PERP')?.clear();
    expect(p.orchestrator.processSymbol('BTC-PERP', START + 60_000)?.reason).toBe('No marks yet');
    expect(p.step(100)?.reason).toBe('nothing');
  });

  it('stop at the first of them: kill switch before safety, positions, marks, equity and risk', () => {
    const p = parts();
    p.risk.killSwitch = true;
    p.safety.state = 'HALTED';
    p.portfolio.setKnown(false);
    p.risk.staleMark = true;
    p.step(100);
    p.risk.killSwitch = false;
    p.step(100);
    p.safety.state = 'NORMAL';
    p.step(100);
    p.portfolio.setKnown(true);
    p.step(100);
    expect(p.gates.held.map((held) => held.split(' ')[0])).toEqual([
      'kill_switch',
      'safety:HALTED',
      'positions_unknown',
      'stale_mark',
    ]);
  });

  it('skip a symbol while positions are not known, and go on once they are (B-26)', () => {
    const p = parts();
    p.btc.next = BUY;
    p.portfolio.setKnown(false);
    p.step(100);
    expect(p.executed).toEqual([]);
    p.portfolio.setKnown(true);
    p.step(100);
    expect(p.executed).toHaveLength(1);
  });

  it('hold trading back when a risk check throws, and say so once a minute (B-40)', () => {
    const p = parts();
    p.btc.next = BUY;
    p.risk.volatility = new Error('broken');
    for (let i = 0; i < 13; i += 1) p.step(100);

    expect(p.executed).toEqual([]);
    expect(new Set(p.gates.held)).toEqual(new Set(['risk_gate_error BTC-PERP']));
    expect(p.logger.at('error')).toEqual([
      'Risk check failed; trading is held back',
      'Risk check failed; trading is held back',
    ]);
  });

  it('let warnings of the volatility breaker pass', () => {
    const p = parts();
    p.risk.volatility = { action: 'reduce_only', volatility: 0.2 };
    p.step(100);
    expect(p.btc.seen).toHaveLength(1);
  });

  it('are announced when they close, not at every step', () => {
    const p = parts();
    p.risk.staleMark = true;
    p.step(100);
    p.step(100);
    expect(p.logger.at('warn')).toEqual(['BTC-PERP is held back: Mark is stale']);
    p.risk.staleMark = false;
    p.step(100);
    p.risk.staleMark = true;
    p.step(100);
    expect(p.logger.at('warn')).toHaveLength(2);
  });

  it('count a daily loss and a drawdown, and still ask the strategy, so that exits go through', () => {
    const p = parts();
    p.risk.dailyLoss = true;
    p.risk.drawdown = true;
    p.btc.next = { action: 'close', reason: 'out', reduceOnly: true };
    p.step(100);
    expect(p.gates.held).toEqual(['daily_loss BTC-PERP', 'drawdown BTC-PERP']);
    expect(p.executed.map(({ decision }) => decision.action)).toEqual(['close']);
    expect(p.events.events).toEqual([]);
  });

  it('count a series that is shorter than the strategy looks back', () => {
    const p = parts();
    p.btc.lookback = 3;
    for (const price of [100, 100, 100]) p.step(price);
    expect(p.gates.held).toEqual(['warm_up BTC-PERP', 'warm_up BTC-PERP']);
  });

  it.each<[string, (p: ReturnType<typeof parts>) => void]>([
    ['safety:REDUCE_ONLY', ({ safety }) => (safety.state = 'REDUCE_ONLY')],
    ['reduce_only', ({ risk }) => (risk.reduceOnly = true)],
    ['reduce_only', ({ risk }) => (risk.symbolReduceOnly = true)],
  ])('count %s, and tell the strategy instead of closing', (gate, tighten) => {
    const p = parts();
    tighten(p);
    p.step(100);
    expect(p.gates.held).toEqual([`${gate} BTC-PERP`]);
    expect(p.btc.seen.map(({ reduceOnly }) => reduceOnly)).toEqual([true]);
  });
});
