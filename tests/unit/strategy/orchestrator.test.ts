import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { hold, type Decision } from '#src/domain/decision.js';
import type { Submission } from '#src/ports/core-services/execution.js';
import { testConfig } from '../../support/config.js';
import { fill } from '../../support/fills.js';
import { instrument } from '#src/testing/instruments.js';
import { BTC, BUY, ScriptedStrategy, money, parts } from './orchestrator-harness.js';

describe('StrategyOrchestratorService deciding', () => {
  it('shows the strategy the current value, the one equity, the time and the freshness', () => {
    const p = parts();
    p.risk.stale = true;
    p.step(100);
    expect(p.btc.seen).toEqual([
      { mark: 100_000, equity: money(10_000), reduceOnly: false, stale: true, snapshot: undefined, now: p.time() },
    ]);
  });

  it('takes equity from the portfolio alone: cash, margin and unrealised profit, nothing twice (B-38, B-39)', () => {
    const p = parts();
    p.portfolio.applyFill(fill(BTC, 'buy', 100, 1_000));
    p.step(110);
    expect(p.btc.seen[0]?.equity).toBe(money(10_001));
  });

  it('sees spot holdings as positions, because they come from fills (B-76)', () => {
    const p = parts();
    const spot = instrument({ kind: 'spot' });
    p.products.set('BTC-PERP', spot);
    p.portfolio.applyFill(fill(spot, 'buy', 100, 1_000));
    p.script.block = hold('must not be asked');
    p.btc.next = BUY;
    p.step(110);
    expect(p.executed.map(({ decision }) => decision.action)).toEqual(['buy']);
  });

  it('hands over, traces, records and logs what is decided', () => {
    const p = parts();
    p.btc.next = BUY;
    expect(p.step(100)).toBe(BUY);
    expect(p.executed).toEqual([{ instrument: BTC, decision: BUY, snapshot: p.script.depth }]);
    expect(p.trace.decisions).toEqual([{ symbol: 'BTC-PERP', action: 'buy', mark: 100_000, at: p.time() }]);
    expect(p.decisions.find('BTC-PERP')?.decision).toBe(BUY);
    expect(p.logger.at('info')).toEqual(['BTC-PERP Decision: buy - because']);
    expect(p.events.payloads('strategy_acceptance')).toEqual([
      { symbol: 'BTC-PERP', strategy: 'scripted', action: 'buy', reason: 'because', decided_at: p.time() },
    ]);
  });

  it('records and traces holds too, and hands none over', () => {
    const p = parts();
    p.step(100);
    expect(p.trace.decisions.map(({ action }) => action)).toEqual(['hold']);
    expect(p.decisions.find('BTC-PERP')?.decision.reason).toBe('nothing');
    expect([p.executed, p.events.events.map(({ type }) => type)]).toEqual([[], ['strategy_hold']]);
    expect(p.events.payloads('strategy_hold')).toEqual([
      {
        ...{ symbol: 'BTC-PERP', instance: 'scripted@BTC-PERP', instant: expect.any(Number) as unknown as number },
        ...{ mark: '100', position: '0', why: 'nothing', suppressed: 0 },
      },
    ]);
  });

  it('journals holds once a minute of each reason, with their values and how many were between', () => {
    const p = parts();
    for (let step = 0; step <= 12; step += 1) {
      p.btc.next = { ...hold('too wide'), values: { width: step } };
      p.step(100);
    }
    expect(p.events.payloads('strategy_hold').map(({ values, suppressed }) => [values, suppressed])).toEqual([
      [{ width: 0 }, 0],
      [{ width: 12 }, 11],
    ]);
  });

  it.each<[Submission, string[]]>([
    [{ outcome: 'refused', check: 'exposure', reason: 'too much' }, ['refused:exposure BTC-PERP']],
    [{ outcome: 'nothing', reason: 'zero' }, ['nothing_to_do BTC-PERP']],
    [{ outcome: 'dry_run' }, []],
    [{ outcome: 'submitted', clientId: 'c' }, []],
  ])('counts a submission that became nothing: %j', (submission, held) => {
    const p = parts();
    p.btc.next = BUY;
    p.script.submission = submission;
    p.step(100);
    expect(p.gates.held).toEqual(held);
  });

  it('shows a strategy a market snapshot only when it needs one', () => {
    const p = parts();
    p.step(100);
    p.btc.needsSnapshot = true;
    p.step(100);
    expect(p.btc.seen.map(({ snapshot }) => snapshot)).toEqual([undefined, p.script.depth]);
  });

  it('journals rejections under their own type, a repeated one once (B-46)', () => {
    const p = parts();
    p.btc.next = hold('too wide', { filterRejected: true, rejectionType: 'spread' });
    p.step(100);
    p.step(100);
    p.btc.next = hold('too near', { guardRejected: true, rejectionType: 'liquidation' });
    p.step(100);
    expect(p.events.events.map(({ type }) => type).filter((type) => type !== 'strategy_hold')).toEqual([
      ...['strategy_rejection', 'strategy_rejection'],
    ]);
    expect(
      p.events
        .payloads('strategy_rejection')
        .map(({ rejection_type, rejected_by, reason }) => [rejection_type, rejected_by, reason]),
    ).toEqual([
      ['spread', 'filter', 'too wide'],
      ['liquidation', 'guard', 'too near'],
    ]);
  });

  it('isolates symbols: one that throws is logged and the next is processed', () => {
    const p = parts();
    p.btc.next = new Error('broken strategy');
    p.eth.next = BUY;
    expect(p.step(100)).toBeUndefined();
    expect(p.step(100, 'ETH-PERP')).toBe(BUY);
    expect(p.gates.held).toEqual(['strategy_error BTC-PERP']);
    expect(p.trace.decisions.map(({ symbol, action }) => `${symbol} ${action}`)).toEqual([
      'BTC-PERP hold',
      'ETH-PERP buy',
    ]);
    expect(p.logger.at('error')).toEqual(['Symbol could not be processed']);
  });

  it('records one decision for a step whose execution fails', () => {
    const p = parts();
    p.btc.next = BUY;
    p.script.submission = new Error('defect');
    expect(p.step(100)).toBeUndefined();
    expect(p.trace.decisions.map(({ action }) => action)).toEqual(['buy']);
  });
});

describe('StrategyOrchestratorService entries', () => {
  const blocked = hold('volume_filter_blocked', { filterRejected: true, rejectionType: 'volume_filter_blocked' });

  it('replaces a buy into a flat position by what its entry filters say', () => {
    const p = parts();
    p.script.block = blocked;
    p.btc.next = BUY;
    expect(p.step(100)).toBe(blocked);
    expect(p.executed).toEqual([]);
    expect(p.events.payloads('strategy_rejection')).toHaveLength(1);
  });

  it.each<[string, Decision]>([
    ['sell', { ...BUY, action: 'sell' }],
    ['close', { action: 'close', reason: 'out' }],
    ['hold', hold('nothing')],
  ])('asks no entry filter about a %s', (_name, decision) => {
    const p = parts();
    p.script.block = blocked;
    p.btc.next = decision;
    expect(p.step(100)).toBe(decision);
  });

  it('hands a decision over as it was made: its size is advised on where it becomes an order', () => {
    const p = parts(testConfig({ symbols: ['BTC-PERP'], risk: { dynamicPositionSizing: true } }));
    p.btc.next = BUY;
    p.step(100);
    expect(p.executed[0]?.decision).toBe(BUY);
    expect(p.risk.sized).toEqual([]);
  });
});

describe('StrategyOrchestratorService following', () => {
  it('tells strategies of fills, and survives one that cannot take them', () => {
    const p = parts();
    const one = fill(BTC, 'buy', 1, 1_000);
    p.portfolio.applyFill(one);
    expect(p.btc.fills).toEqual([[one, p.portfolio.position(BTC)]]);

    p.btc.fillFailure = new Error('broken');
    expect(p.portfolio.applyFill(fill(BTC, 'sell', 1, 1_000))).toBe(true);
    expect(p.logger.at('error')).toEqual(['Strategy could not take a fill']);
  });

  it('looks everything up anew after a configuration change, and forgets symbols that left', () => {
    const p = parts();
    p.step(100);
    p.step(100, 'ETH-PERP');
    const replacement = new ScriptedStrategy();
    p.strategies.set('BTC-PERP', replacement);
    p.controller.apply({ updated: testConfig({ symbols: ['BTC-PERP'] }), diff: {} });
    p.step(100);

    expect([p.btc.seen.length, replacement.seen.length]).toEqual([1, 1]);
    expect([...p.decisions.all().keys()]).toEqual(['BTC-PERP']);
  });

  it('asks a strategy about a position whose symbol left the configuration, but only to reduce it', () => {
    const p = parts();
    p.step(100);
    p.controller.apply({ updated: testConfig({ symbols: ['ETH-PERP'] }), diff: {} });
    p.step(110);
    expect(p.btc.seen.map(({ reduceOnly }) => reduceOnly)).toEqual([false, true]);
    expect(p.gates.held).toContain('not_configured BTC-PERP');
  });

  it('orders by the newest description of the product', () => {
    const p = parts();
    p.step(100);
    const refined = instrument({ minSize: new Decimal('0.002') });
    p.products.set('BTC-PERP', refined);
    p.btc.next = BUY;
    p.step(100);
    expect(p.executed[0]?.instrument).toBe(refined);
  });
});
