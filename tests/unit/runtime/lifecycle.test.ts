import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { fault } from '#src/domain/errors.js';
import type { BackgroundTask, PartsSupervisor } from '#src/ports/market-services/lifecycle.js';
import type { RuntimeCoordinator } from '#src/ports/core-services/runtime-coordinator.js';
import type { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import type { Health, SystemMonitor } from '#src/ports/core-services/system-monitor.js';
import type { TradingCycle } from '#src/ports/market-services/trading-cycle.js';
import { BotLifecycleService } from '#src/services/runtime/bot-lifecycle-service.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { settled } from '#src/testing/settled.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

const INTERVAL_MS = 5_000;
const forAbort = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()));

/** The real lifecycle, everything it drives scripted: `log` has what happened, in order. */
function rig(options: { config?: Parameters<typeof testConfig>[0]; tasks?: readonly BackgroundTask[] } = {}) {
  const log: string[] = [];
  const health: Health[] = [];
  const scheduler = new ManualScheduler();
  const hostScheduler = new ManualScheduler();
  const events = new FakeEventStore();
  const logger = new RecordingLogger();
  const config = new FakeConfigController(testConfig({ tasks: { cycleErrorBudget: 4 }, ...options.config }));
  const script: {
    cycle: (signal?: AbortSignal) => Promise<void>;
    reconcile: () => Promise<void>;
    tighten: () => Promise<void>;
  } = {
    cycle: () => Promise.resolve(),
    reconcile: () => Promise.resolve(),
    tighten: () => Promise.resolve(),
  };
  const task = (name: string): BackgroundTask => ({
    name,
    enabled: true,
    run: async (signal) => {
      log.push(`spawn ${name}`);
      await forAbort(signal);
      log.push(`end ${name}`);
    },
  });
  const parts: PartsSupervisor = {
    start: () => Promise.resolve(),
    stop: () => (log.push('parts down'), Promise.resolve({ stopped: [], failed: [] })),
  };
  const runtime = {
    reconcileStateOnStartup: () => (log.push('reconcile'), script.reconcile()),
  } as unknown as RuntimeCoordinator;
  const cycle = { run: (signal?: AbortSignal) => (log.push('cycle'), script.cycle(signal)) } as unknown as TradingCycle;
  const monitor: SystemMonitor = {
    logStatus: () => undefined,
    writeHealthStatus: (status) => {
      health.push(status);
      log.push(`health ${status.ok ? 'ok' : 'bad'}${status.running === false ? ' down' : ''}`);
    },
    checkConfigUpdates: () => void log.push('config'),
    runPositionReconciliation: () => Promise.resolve(),
  };
  const ladder = {
    state: 'NORMAL',
    tighten: (to: string, reason: string) => (log.push(`tighten ${to} ${reason}`), script.tighten()),
  } as unknown as SafetyLadder;
  const tasks = [...(options.tasks ?? ['guards', 'orders', 'positions', 'telemetry'].map(task))];
  const bot = new BotLifecycleService(
    parts,
    tasks,
    runtime,
    cycle,
    monitor,
    ladder,
    events,
    config,
    scheduler,
    hostScheduler,
    scheduler.clock,
    logger,
  );
  return { bot, log, health, scheduler, hostScheduler, events, logger, script };
}

const failing = (message: string) => (): Promise<void> => Promise.reject(new Error(message));

describe('BotLifecycleService', () => {
  it('reconciles, spawns, then cycles: cycle, health, configuration check', async () => {
    const { bot, log } = rig();

    await bot.run({ cycles: 1 });

    expect(log).toEqual([
      'reconcile',
      ...['guards', 'orders', 'positions', 'telemetry'].map((name) => `spawn ${name}`),
      ...['cycle', 'health ok', 'config'],
      ...['guards', 'orders', 'positions', 'telemetry'].map((name) => `end ${name}`),
      'health ok down',
      'parts down',
    ]);
  });

  it('runs one cycle and no task when told to run a single one', async () => {
    const { bot, log } = rig();

    await bot.run({ singleCycle: true });

    expect(log).toEqual(['reconcile', 'cycle', 'health ok', 'config', 'health ok down', 'parts down']);
  });

  it('neither reconciles nor spawns in a dry run, which is one cycle, or as many as asked', async () => {
    const dry = rig({ config: { dryRun: true } });
    await dry.bot.run();
    expect(dry.log.filter((entry) => !entry.startsWith('health'))).toEqual(['cycle', 'config', 'parts down']);

    const longer = rig({ config: { dryRun: true } });
    const run = longer.bot.run({ cycles: 3 });
    await settled();
    await longer.scheduler.advance(2 * INTERVAL_MS);
    await run;
    expect(longer.log.filter((entry) => entry === 'cycle')).toHaveLength(3);
  });

  it('begins a cycle every update interval, the time a cycle takes included', async () => {
    const { bot, scheduler, script } = rig();
    script.cycle = () => scheduler.sleep(2_000);
    const run = bot.run({ cycles: 2 });
    await settled();

    await scheduler.advance(2_000);

    expect(scheduler.delays.at(-1)).toBe(INTERVAL_MS - 2_000);
    await scheduler.advance(INTERVAL_MS);
    await run;
  });

  it('ends with the error that ended the journal, halted, before its next cycle', async () => {
    const { bot, log, events, scheduler } = rig();
    const run = bot.run();
    await settled();

    events.fail(fault('STORE-007', 'journal.db must be the file that was opened, was not: it is gone.'));
    await expect(run).rejects.toMatchObject({ code: 'STORE-007' });
    await scheduler.advance(2 * INTERVAL_MS);

    expect(log).toContain('tighten HALTED journal_lost');
    expect(log.filter((entry) => entry === 'cycle')).toHaveLength(1);
    expect(log.at(-1)).toBe('parts down');
    expect(log).toContain('health bad down');
  });

  it('stands still, halted, while the disk is full: what rests can still be cancelled (PR-14)', async () => {
    const { bot, log, events, scheduler } = rig();
    const run = bot.run();
    await settled();

    events.fail(fault('STORE-008', 'Journal must take new records: database or disk is full'));
    await scheduler.advance(3 * INTERVAL_MS);
    expect(log).toContain('tighten HALTED journal_lost');
    expect(log.filter((entry) => entry === 'cycle').length).toBeGreaterThan(2);

    bot.requestStop('test');
    await run;
  });

  it('goes on after a failed cycle, which is no reason to end the bot (B-15)', async () => {
    const { bot, log, health, scheduler, script } = rig();
    script.cycle = failing('no data');
    const run = bot.run({ cycles: 2 });
    await settled();

    script.cycle = () => Promise.resolve();
    await scheduler.advance(INTERVAL_MS);
    await run;

    expect(health.map(({ ok, error, running }) => [ok, error, running])).toEqual([
      [false, 'no data', true],
      [true, undefined, true],
      [true, undefined, false],
    ]);
    expect(log.filter((entry) => entry.startsWith('tighten'))).toEqual([]);
  });

  it('becomes careful at half of the error budget and ends when it is spent, cleaning up all the same (B-15)', async () => {
    const { bot, log, health, scheduler, script } = rig();
    script.cycle = failing('no data');
    const run = bot.run().catch((error: unknown) => error);
    await settled();

    await scheduler.advance(INTERVAL_MS);
    expect(log.filter((entry) => entry.startsWith('tighten'))).toEqual(['tighten REDUCE_ONLY cycle_errors']);
    await scheduler.advance(2 * INTERVAL_MS);

    expect(await run).toMatchObject({ code: 'BOT-003', cause: new Error('no data') });
    expect(log.filter((entry) => entry === 'cycle')).toHaveLength(4);
    expect(log.slice(-5)).toEqual(['end guards', 'end orders', 'end positions', 'end telemetry', 'parts down']);
    expect(health.at(-1)).toMatchObject({ ok: false, running: false });
    expect(bot.running).toBe(false);
  });

  it('counts failures in a row only', async () => {
    const { bot, log, scheduler, script } = rig();
    let cycles = 0;
    script.cycle = () => ((cycles += 1) % 2 === 0 ? Promise.resolve() : Promise.reject(new Error('every other')));
    const run = bot.run({ cycles: 8 });
    await settled();

    await scheduler.advance(7 * INTERVAL_MS);
    await run;

    expect(log.filter((entry) => entry.startsWith('tighten'))).toEqual([]);
  });

  it('spends its whole budget although the tightening cannot be written', async () => {
    const { bot, log, scheduler, script, logger } = rig();
    script.cycle = failing('no data');
    script.tighten = failing('disk full');
    const run = bot.run().catch((error: unknown) => error);
    await settled();

    await scheduler.advance(3 * INTERVAL_MS);

    expect(await run).toMatchObject({ code: 'BOT-003' });
    expect(log.filter((entry) => entry === 'cycle')).toHaveLength(4);
    expect(logger.at('error')).toContain('Safety state is tight but not on disk');
  });

  it('ends with the error of the last cycle when that failed and no more were asked for', async () => {
    const { bot, script, health } = rig();
    script.cycle = failing('no data');

    await expect(bot.run({ singleCycle: true })).rejects.toThrow('no data');
    expect(health.at(-1)).toMatchObject({ ok: false, running: false });
  });

  it('wakes from its sleep at once when told to stop, and says that it is down (B-34)', async () => {
    const { bot, log, health, scheduler } = rig();
    const run = bot.run();
    await settled();
    expect(scheduler.pending).toBe(1);

    bot.requestStop('signal SIGINT');
    bot.requestStop('again');
    await run;

    expect(log.filter((entry) => entry === 'cycle')).toHaveLength(1);
    expect(health.at(-1)).toEqual({ ok: true, message: 'stopped', running: false });
    expect(scheduler.pending).toBe(0);
    expect(bot.tasks).toEqual([]);
  });

  it('lets the cycle that is under way end, and begins no other', async () => {
    const { bot, log, script, scheduler } = rig();
    let end = (): void => undefined;
    script.cycle = () => new Promise((resolve) => (end = resolve));
    const run = bot.run();
    await settled();

    bot.requestStop('stop');
    await settled();
    expect(log).not.toContain('parts down');
    end();
    await run;

    expect(log.slice(-8)).toEqual([
      'health ok',
      'config',
      'end guards',
      'end orders',
      'end positions',
      'end telemetry',
      'health ok down',
      'parts down',
    ]);
    expect(scheduler.delays).toEqual([]);
  });

  it('does not wait longer than its budget for a cycle that hangs on the venue (B-34)', async () => {
    const { bot, log, script, hostScheduler } = rig();
    script.cycle = () => new Promise(() => undefined);
    const run = bot.run();
    await settled();

    bot.requestStop('stop');
    await settled();
    await hostScheduler.advance(1_000);
    await run;

    expect(log.at(-1)).toBe('parts down');
    expect(hostScheduler.pending).toBe(0);
  });

  it('does not wait longer than its budget for a task that hangs (B-34)', async () => {
    const { bot, log, hostScheduler, logger } = rig({
      tasks: [{ name: 'stuck', enabled: true, run: () => new Promise(() => undefined) }],
    });
    const run = bot.run({ cycles: 1 });
    await settled();

    await hostScheduler.advance(1_000);
    await run;

    expect(log.at(-1)).toBe('parts down');
    expect(logger.at('error')).toEqual(['Background tasks did not end']);
  });

  it('begins no cycle when the stop was asked for before the run, or while it reconciled', async () => {
    const early = rig();
    early.bot.requestStop('signal while starting');
    await early.bot.run();
    expect(early.log).toEqual(['health ok down', 'parts down']);

    const later = rig();
    later.script.reconcile = async () => later.bot.requestStop('signal');
    await later.bot.run();
    expect(later.log).not.toContain('cycle');
  });

  it('is one run at a time, and can run again afterwards', async () => {
    const { bot, log, script } = rig();
    let reconciled = (): void => undefined;
    script.reconcile = () => new Promise((resolve) => (reconciled = resolve));
    const run = bot.run();
    await expect(bot.run()).rejects.toMatchObject({ code: 'BOT-003' });
    bot.requestStop('stop');
    reconciled();
    await run;
    expect(log).not.toContain('cycle');
    script.reconcile = () => Promise.resolve();

    await bot.run({ singleCycle: true });

    expect(log.filter((entry) => entry === 'cycle')).toHaveLength(1);
  });

  it('is running until everything is down', async () => {
    const { bot } = rig();
    const run = bot.run();
    await settled();
    expect([bot.running, bot.tasks]).toEqual([true, ['guards', 'orders', 'positions', 'telemetry']]);

    bot.requestStop('stop');
    expect(bot.running).toBe(true);
    await run;
    expect(bot.running).toBe(false);
  });

  it('cleans up and rejects when the start of the run fails', async () => {
    const { bot, log, health, script } = rig();
    script.reconcile = failing('journal full');

    await expect(bot.run()).rejects.toThrow('journal full');

    expect(log).toEqual(['reconcile', 'health bad down', 'parts down']);
    expect(health).toEqual([{ ok: false, error: 'journal full', running: false }]);
  });

  it('journals a task that died, and starts it again (B-34)', async () => {
    let runs = 0;
    const dying: BackgroundTask = {
      name: 'guards',
      enabled: true,
      run: (signal) => ((runs += 1) === 1 ? Promise.reject(new Error('defect')) : forAbort(signal)),
    };
    const { bot, events, scheduler } = rig({ tasks: [dying] });
    const run = bot.run();
    await settled();
    await scheduler.advance(1_000);

    expect(events.payloads('error')).toEqual([{ message: 'background_task_died', task: 'guards', error: 'defect' }]);
    expect(runs).toBe(2);
    bot.requestStop('stop');
    await run;
  });
});
