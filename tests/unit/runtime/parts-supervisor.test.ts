import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { fault, PerpsBotError } from '#src/domain/errors.js';
import type { Lifecycle } from '#src/ports/market-services/lifecycle.js';
import { OrderedPartsSupervisor } from '#src/services/runtime/ordered-parts-supervisor.js';
import { FakeConfigController } from '../../support/config.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { settled } from '#src/testing/settled.js';

function rig(overrides: Readonly<Record<string, Partial<Lifecycle>>> = {}) {
  const log: string[] = [];
  const part = (name: string): Lifecycle => ({
    name,
    start: () => void log.push(`+${name}`),
    stop: () => void log.push(`-${name}`),
    ...overrides[name],
  });
  const scheduler = new ManualScheduler();
  const logger = new RecordingLogger();
  const events = new FakeEventStore();
  const supervisor = new OrderedPartsSupervisor(
    ['a', 'b', 'c'].map(part),
    new FakeConfigController(),
    scheduler,
    logger,
    events,
  );
  return { log, supervisor, scheduler, logger, events };
}

const caught = async (work: Promise<unknown>): Promise<PerpsBotError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!PerpsBotError.is(error)) throw new Error(`expected an error of ours, was ${String(error)}`);
  return error;
};

describe('OrderedPartsSupervisor', () => {
  it('starts the parts in order and stops them in reverse, one at a time', async () => {
    const { supervisor, log } = rig();

    await supervisor.start();
    const report = await supervisor.stop();

    expect(log).toEqual(['+a', '+b', '+c', '-c', '-b', '-a']);
    expect(report).toEqual({ stopped: ['c', 'b', 'a'], failed: [] });
  });

  it('takes down what had started, the failing part included, and passes on cause and remedy', async () => {
    const cause = fault('STORE-003', 'The directory must be writable, was not.', {
      where: '/state',
      why: 'read-only',
      fix: 'Remount it.',
    });
    const { supervisor, log, events } = rig({ b: { start: () => Promise.reject(cause) } });

    const error = await caught(supervisor.start());

    expect(events.payloads('fatal')).toEqual([
      { during: 'start', code: 'STORE-003', consequence: 'misconfigured', error: cause.message },
    ]);

    expect(log).toEqual(['+a', '-b', '-a']);
    expect(error).toMatchObject({ code: 'BOT-002', cause, where: '/state', why: 'read-only', fix: 'Remount it.' });
    expect(error.exitCode).toBe(cause.exitCode);
  });

  it('stops all parts although some fail to, at once or later, and names them', async () => {
    const { supervisor, log, logger } = rig({
      b: { stop: () => Promise.reject(new Error('socket stuck')) },
      c: {
        stop: () => {
          throw new Error('defect');
        },
      },
    });
    await supervisor.start();

    const report = await supervisor.stop();

    expect(log.slice(3)).toEqual(['-a']);
    expect(report).toEqual({
      stopped: ['a'],
      failed: [
        { name: 'c', error: 'defect' },
        { name: 'b', error: 'socket stuck' },
      ],
    });
    expect(logger.at('error')).toHaveLength(2);
  });

  it('waits for one part no longer than its budget of host time, and leaves no timer', async () => {
    const { supervisor, scheduler } = rig({ b: { stop: () => new Promise(() => undefined) } });
    await supervisor.start();

    const stopping = supervisor.stop();
    await settled();
    await scheduler.advance(999);
    let isDone = false;
    void stopping.then(() => (isDone = true));
    await settled();
    expect(isDone).toBe(false);
    await scheduler.advance(1);

    expect(await stopping).toEqual({ stopped: ['c', 'a'], failed: [{ name: 'b', error: 'not done within 1000 ms' }] });
    expect(scheduler.pending).toBe(0);
  });

  it('stops once however often it is asked, and has nothing to stop before a start', async () => {
    const { supervisor, log } = rig();
    expect(await supervisor.stop()).toEqual({ stopped: [], failed: [] });
    await supervisor.start();

    const [first, second] = await Promise.all([supervisor.stop(), supervisor.stop()]);

    expect(second).toBe(first);
    expect(log.filter((entry) => entry.startsWith('-'))).toEqual(['-c', '-b', '-a']);
  });

  it('starts again after a stop', async () => {
    const { supervisor, log } = rig();
    await supervisor.start();
    await supervisor.stop();

    await supervisor.start();
    await supervisor.stop();

    expect(log.slice(6)).toEqual(['+a', '+b', '+c', '-c', '-b', '-a']);
  });

  it('brings nothing further up once told to stop, and takes down the part that was coming up', async () => {
    let ready = (): void => undefined;
    const { supervisor, log } = rig({ b: { start: () => new Promise<void>((resolve) => (ready = resolve)) } });
    const starting = caught(supervisor.start());
    await settled();

    const report = await supervisor.stop();
    ready();

    expect(await starting).toMatchObject({ code: 'BOT-003' });
    expect(report.stopped).toEqual(['b', 'a']);
    expect(log).toEqual(['+a', '-b', '-a', '-b']);
  });
});
