import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { hold } from '#src/domain/decision.js';
import { units } from '#src/domain/units.js';
import type { StatusSource } from '#src/ports/market-services/lifecycle.js';
import { fill } from '../../support/fills.js';
import { instrument } from '#src/testing/instruments.js';
import { settled } from '#src/testing/settled.js';
import { monitorRig } from './monitor-rig.js';

const BTC = instrument();
const POSITIONS_MS = 90_000;
const RECHECK_MS = 10_000;

describe('StatusMonitor status', () => {
  it('publishes the same fields to the journal and to metrics.json', () => {
    const { monitor, portfolio, decisions, stats, scheduler, host, events, files } = monitorRig();
    portfolio.setKnown(true);
    portfolio.applyFill(fill(BTC, 'buy', 10, 500_000, { fee: units(-25_000_000) }));
    portfolio.mark('BTC-PERP', BTC.marksOfTicks(510_000 as never));
    decisions.record('BTC-PERP', hold('No signal'), 7);
    stats.attempted = 3;
    stats.successful = 2;
    stats.failed = 1;
    monitor.logStatus();
    scheduler.clock.advance(61_000);
    host.now += 1_000;

    monitor.logStatus();

    const status = {
      timestamp: '2024-01-02T00:01:01.000Z',
      profile: 'demo',
      world: 'paper',
      safety: 'NORMAL',
      positions_known: true,
      equity: '10009.75',
      cash: '9749.75',
      margin: '250',
      unrealised: '10',
      fees: '-0.25',
      funding: '0',
      positions: [{ symbol: 'BTC-PERP', side: 'long', quantity: '0.01', entry_price: '50000', mark_price: '51000' }],
      decisions: { 'BTC-PERP': { action: 'hold', reason: 'No signal', at: 7 } },
      order_stats: { attempted: 3, successful: 2, failed: 1, others: 0 },
      open_orders: 2,
      uptime_seconds: 61,
    };
    expect(events.payloads('cycle_metrics').at(-1)).toEqual(status);
    expect(files.json('/state/metrics.json')).toEqual({ ...status, sources: {} });
  });

  it('journals every cycle, and renews metrics.json once a second of the host and when the bot stops', () => {
    const { monitor, scheduler, host, events, files } = monitorRig();
    const uptime = (): unknown => files.json('/state/metrics.json')['uptime_seconds'];
    const cycle = (): void => {
      monitor.logStatus();
      monitor.writeHealthStatus({ ok: true });
      scheduler.clock.advance(5_000);
      host.now += 400;
    };
    const shown = [1, 2, 3, 4, 5].map(() => (cycle(), uptime()));
    expect(shown).toEqual([0, 0, 0, 15, 15]);
    expect(
      events.payloads('cycle_metrics').map((status) => (status as { uptime_seconds: number }).uptime_seconds),
    ).toEqual([0, 5, 10, 15, 20]);
    monitor.writeHealthStatus({ ok: true, message: 'stopped', running: false });
    expect(uptime()).toBe(25);
  });

  it('has one equity, that of the books: cash, margin and unrealised profit (B-86)', () => {
    const { monitor, portfolio, events } = monitorRig();
    portfolio.applyFill(fill(BTC, 'sell', 10, 500_000));
    portfolio.mark('BTC-PERP', BTC.marksOfTicks(510_000 as never));

    monitor.logStatus();

    const { equity, cash, margin, unrealised } = events.payloads('cycle_metrics')[0] as Record<string, string>;
    expect(equity).toBe('9990');
    expect(Number(cash) + Number(margin) + Number(unrealised)).toBe(9_990);
  });

  it('adds what every source has to say, and a source that fails costs the others nothing', () => {
    const failing: StatusSource = {
      name: 'broken',
      status: () => {
        throw new Error('defect');
      },
    };
    const { monitor, files } = monitorRig({
      directory: '/state',
      sources: [failing, { name: 'streaming', status: () => ({ running: true }) }],
    });

    monitor.logStatus();

    expect(files.json('/state/metrics.json')['sources']).toEqual({
      broken: { failed: 'defect' },
      streaming: { running: true },
    });
  });

  it('writes what a source says in a form that JSON can hold, without secrets', () => {
    const { monitor, files, redactor } = monitorRig({
      directory: '/state',
      sources: [
        { name: 'venue', status: () => ({ apiKey: 'abcdef', sent: 10n, last_error: 'refused for s3cr3t-value' }) },
      ],
    });
    redactor.register('s3cr3t-value');

    monitor.logStatus();

    expect(files.json('/state/metrics.json')['sources']).toEqual({
      venue: { apiKey: '[redacted]', sent: '10', last_error: 'refused for [redacted]' },
    });
  });

  it('is no reason for trading to stop: neither books, journal nor disk can make it throw (B-87)', () => {
    const { monitor, files, events, portfolio, logger } = monitorRig();
    files.failure = new Error('disk full');
    events.append = () => {
      throw new Error('journal closed');
    };
    expect(() => monitor.logStatus()).not.toThrow();
    Object.defineProperty(portfolio, 'equity', {
      get: () => {
        throw new Error('books broken');
      },
    });
    expect(() => monitor.logStatus()).not.toThrow();

    expect(logger.lines.map(({ fields }) => [fields?.['what'], fields?.['error']])).toEqual([
      ['cycle metrics', 'journal closed'],
      ['metrics.json', 'disk full'],
      ['status', 'books broken'],
    ]);
  });

  it("writes nothing into a directory that is not the one of its journal any more: it may be another bot's", () => {
    const { monitor, files, events } = monitorRig();
    events.placed = false;

    monitor.logStatus();
    monitor.writeHealthStatus({ ok: false, running: false });

    expect(files.written.size).toBe(0);
  });

  it('keeps files only where it has a directory', () => {
    const { monitor, files, events } = monitorRig({ directory: undefined });

    monitor.logStatus();
    monitor.writeHealthStatus({ ok: true });

    expect(files.written.size).toBe(0);
    expect(events.payloads('cycle_metrics')).toHaveLength(1);
  });
});

describe('StatusMonitor health', () => {
  it('tells what is, not what was when the newest cycle ended', () => {
    const { monitor, files, ladder, moved, contact, scheduler, host } = monitorRig();
    moved();
    expect(files.readText('/state/health.json')).toBeUndefined();
    monitor.writeHealthStatus({ ok: true });
    ladder.state = 'HALTED';
    moved();
    expect(files.json('/state/health.json')).toMatchObject({ ok: false, safety: 'HALTED' });
    ladder.state = 'NORMAL';
    contact.unanswered('no answer', scheduler.clock.now() - 31_000);
    host.now += 2_000;
    monitor.writeHealthStatus({ ok: true });
    expect(files.json('/state/health.json')).toMatchObject({
      ok: false,
      error: expect.stringContaining('the venue is not reached since'),
    });
    contact.answered(scheduler.clock.now());
    monitor.writeHealthStatus({ ok: true });
    expect(files.json('/state/health.json')).toMatchObject({ ok: true, error: '' });
    // A bot that has stopped says so to the last.
    monitor.writeHealthStatus({ ok: true, message: 'stopped', running: false });
    ladder.state = 'HALTED';
    moved();
    expect(files.json('/state/health.json')).toMatchObject({ running: false, safety: 'NORMAL' });
  });

  it('writes health.json whole, in UTC, with message, error and safety state (B-87)', () => {
    const { monitor, files } = monitorRig();

    monitor.writeHealthStatus({ ok: false, error: 'no data' });

    expect(files.json('/state/health.json')).toEqual({
      ok: false,
      running: true,
      timestamp: '2024-01-02T00:00:00.000Z',
      written_at: '2026-01-01T00:00:00.000Z',
      fresh_until: '2026-01-01T00:00:30.000Z',
      message: '',
      error: 'no data',
      safety: 'NORMAL',
      suspended: [],
    });
  });

  it('is not well while a strategy is suspended, and says which', () => {
    const { monitor, files, suspended } = monitorRig();
    suspended.push({
      instance: 'x@BTC-PERP',
      strategy: 'x',
      symbol: 'BTC-PERP',
      check: 'faults',
      reason: 'failed',
      at: 1,
    });
    monitor.writeHealthStatus({ ok: true });
    expect(files.json('/state/health.json')).toMatchObject({ ok: false, suspended: ['x@BTC-PERP'] });
    suspended.length = 0;
    // News: it does not wait for the second to be over.
    monitor.writeHealthStatus({ ok: true });
    expect(files.json('/state/health.json')).toMatchObject({ ok: true, suspended: [] });
  });

  it.each([
    ['of a slow world is fresh for as long as its cycles take on the host', 100, 1_500_000],
    ['of a fast one for half a minute', 0.01, 30_000],
  ])('%s', (_what, hostMsOfOne, freshFor) => {
    const { monitor, files, scheduler } = monitorRig();
    Object.assign(scheduler, { hostMs: (worldMs: number) => worldMs * hostMsOfOne });
    monitor.writeHealthStatus({ ok: true });
    const { written_at: at, fresh_until: until } = files.json('/state/health.json') as Record<string, string>;
    expect(Date.parse(until ?? '') - Date.parse(at ?? '')).toBe(freshFor);
  });

  it.each([
    ['NORMAL', true],
    ['REDUCE_ONLY', true],
    ['HALTED', false],
    ['FLATTENING', false],
    ['LOCKED', false],
  ])('is not well while it stands still: %s', (state, ok) => {
    const { monitor, files, ladder } = monitorRig();
    ladder.state = state;

    monitor.writeHealthStatus({ ok: true });

    expect(files.json('/state/health.json')).toMatchObject({ ok, safety: state });
  });

  it('says that a stopped bot does not run', () => {
    const { monitor, files } = monitorRig();

    monitor.writeHealthStatus({ ok: true, message: 'stopped', running: false });

    expect(files.json('/state/health.json')).toMatchObject({ ok: true, running: false, message: 'stopped' });
  });

  it('survives a disk that takes nothing (B-87)', () => {
    const { monitor, files, logger } = monitorRig();
    files.failure = new Error('disk full');

    expect(() => monitor.writeHealthStatus({ ok: true })).not.toThrow();

    expect(logger.at('error')).toEqual(['Status not written']);
  });

  it('is written again within a second of the host only where it says something else, and says when it was written', () => {
    const { monitor, files, host, ladder } = monitorRig();
    const writtenAt = (): unknown => files.json('/state/health.json')['written_at'];
    const at = (ms: number): string => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
    monitor.writeHealthStatus({ ok: true });
    host.now = 999;
    monitor.writeHealthStatus({ ok: true });
    expect(writtenAt()).toBe(at(0));
    monitor.writeHealthStatus({ ok: false, error: 'no data' });
    expect(writtenAt()).toBe(at(999));
    host.now = 1_500;
    ladder.state = 'HALTED';
    monitor.writeHealthStatus({ ok: false, error: 'no data' });
    expect(writtenAt()).toBe(at(1_500));
    host.now = 2_499;
    monitor.writeHealthStatus({ ok: false, error: 'no data' });
    expect(writtenAt()).toBe(at(1_500));
    host.now = 2_500;
    monitor.writeHealthStatus({ ok: false, error: 'no data' });
    expect(writtenAt()).toBe(at(2_500));
    monitor.writeHealthStatus({ ok: true, message: 'stopped', running: false });
    expect(files.json('/state/health.json')).toMatchObject({ running: false, message: 'stopped' });
  });

  it('is written at the next cycle where a disk did not take it', () => {
    const { monitor, files } = monitorRig();
    files.failure = new Error('disk full');
    monitor.writeHealthStatus({ ok: true });
    files.failure = undefined;
    monitor.writeHealthStatus({ ok: true });
    expect(files.json('/state/health.json')).toMatchObject({ ok: true });
  });

  it('keeps secrets out of an error (B-87)', () => {
    const { monitor, files, redactor } = monitorRig();
    redactor.register('s3cr3t-value');

    monitor.writeHealthStatus({ ok: false, error: 'GET /orders?key=s3cr3t-value failed' });

    expect(files.json('/state/health.json')['error']).toBe('GET /orders?key=[redacted] failed');
  });
});

describe('StatusMonitor position reconciliation', () => {
  it('asks every 90 seconds, from the first interval on, until told to stop', async () => {
    const { monitor, scheduler, positions } = monitorRig();
    let asked = 0;
    positions.answer = () => ((asked += 1), Promise.resolve({ matched: true, drift: {} }));
    const stop = new AbortController();
    const run = monitor.runPositionReconciliation(stop.signal);

    await scheduler.advance(POSITIONS_MS - 1);
    expect(asked).toBe(0);
    await scheduler.advance(1 + POSITIONS_MS);
    expect(asked).toBe(2);
    stop.abort();
    await run;

    expect(scheduler.pending).toBe(0);
  });

  it('trades nothing while positions differ, and becomes careful when they still do ten seconds later (B-84)', async () => {
    const { monitor, scheduler, positions, portfolio, tightened } = monitorRig();
    const stop = new AbortController();
    const run = monitor.runPositionReconciliation(stop.signal);
    positions.answer = () => Promise.resolve({ matched: false, drift: { 'BTC-PERP': { ours: '0', venue: '1' } } });

    await scheduler.advance(POSITIONS_MS);
    expect([portfolio.known, tightened]).toEqual([false, []]);
    await scheduler.advance(RECHECK_MS);
    expect([portfolio.known, tightened]).toEqual([false, ['REDUCE_ONLY position_drift']]);
    positions.answer = () => Promise.resolve({ matched: true, drift: {} });
    await scheduler.advance(RECHECK_MS);

    expect(portfolio.known).toBe(true);
    stop.abort();
    await run;
  });

  it('forgives a difference that is gone at the second look: the list of fills had lagged behind (B-84)', async () => {
    const { monitor, scheduler, positions, portfolio, tightened } = monitorRig();
    const stop = new AbortController();
    const run = monitor.runPositionReconciliation(stop.signal);
    const drift = { matched: false, drift: { 'BTC-PERP': { ours: '0', venue: '1' } } };
    positions.answer = () => Promise.resolve(drift);
    await scheduler.advance(POSITIONS_MS);
    positions.answer = () => Promise.resolve({ matched: true, drift: {} });
    await scheduler.advance(RECHECK_MS);
    positions.answer = () => Promise.resolve(drift);
    await scheduler.advance(POSITIONS_MS);

    expect([portfolio.known, tightened]).toEqual([false, []]);
    stop.abort();
    await run;
  });

  it('waits, trading nothing, while the difference is another at every look: fills are still coming in (B-84)', async () => {
    const { monitor, scheduler, positions, portfolio, tightened } = monitorRig();
    const stop = new AbortController();
    const run = monitor.runPositionReconciliation(stop.signal);
    const differ = (ours: string, venue: string) => () =>
      Promise.resolve({ matched: false, drift: { 'BTC-PERP': { ours, venue } } });
    positions.answer = differ('0', '1');
    await scheduler.advance(POSITIONS_MS);
    positions.answer = differ('1', '1.5');
    await scheduler.advance(RECHECK_MS);
    expect([portfolio.known, tightened]).toEqual([false, []]);
    await scheduler.advance(RECHECK_MS);

    expect([portfolio.known, tightened]).toEqual([false, ['REDUCE_ONLY position_drift']]);
    stop.abort();
    await run;
  });

  it('takes no answer for not known, never for flat, and asks again (B-84)', async () => {
    const { monitor, scheduler, positions, portfolio, tightened, logger } = monitorRig();
    portfolio.setKnown(true);
    const stop = new AbortController();
    const run = monitor.runPositionReconciliation(stop.signal);
    positions.answer = () => Promise.reject(new Error('venue unreachable'));

    await scheduler.advance(POSITIONS_MS);
    expect([portfolio.known, tightened]).toEqual([false, []]);
    expect(logger.at('error')).toEqual(['Positions could not be confirmed']);
    positions.answer = () => Promise.resolve({ matched: true, drift: {} });
    await scheduler.advance(POSITIONS_MS);

    expect(portfolio.known).toBe(true);
    stop.abort();
    await run;
    await settled();
  });
});
