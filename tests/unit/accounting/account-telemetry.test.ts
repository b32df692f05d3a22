import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { MemoryFiles } from '../../support/memory-files.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { settled } from '#src/testing/settled.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import type { Json } from '#src/ports/storage/event-store.js';
import type { Redactor } from '#src/ports/configuration/redactor.js';
import { AccountManagerService } from '#src/services/accounting/account-manager-service.js';
import { AccountTelemetryService } from '#src/services/accounting/account-telemetry-service.js';
import { accountTelemetryTask } from '#di/modules/06-accounting.js';

/** Replaces the one secret it knows. */
const redactor: Redactor = {
  register: () => undefined,
  text: (value) => value.replaceAll('s3cret', '[redacted]'),
  plain: (value) => JSON.parse(JSON.stringify(value).replaceAll('s3cret', '[redacted]')) as Json,
};

function parts(config = testConfig({ storage: { driver: 'sqlite', directory: '/bot' } })) {
  const broker = new FakeBroker({ capabilities: { accountSnapshots: true, serverTime: true } });
  broker.always('getServerTime', { value: 1_234 });
  const events = new FakeEventStore();
  const logger = new RecordingLogger();
  const files = new MemoryFiles();
  const scheduler = new ManualScheduler();
  const { clock } = scheduler;
  const manager = new AccountManagerService(broker, broker, broker, events, redactor, clock, logger);
  const telemetry = new AccountTelemetryService(
    broker,
    manager,
    events,
    files,
    scheduler.clock,
    scheduler,
    new FakeConfigController(config),
    logger,
  );
  return { broker, events, logger, files, scheduler, manager, telemetry, task: accountTelemetryTask(telemetry) };
}

describe('AccountManagerService', () => {
  it('collects what the venue tells and journals it under the venue account', async () => {
    const { broker, events, manager } = parts();
    broker.always('getAccountSnapshot', { value: { fee_schedule: { maker: '0.0002' } } });
    const snapshot = await manager.snapshot();

    expect(snapshot).toEqual({
      fee_schedule: { maker: '0.0002' },
      balances: [{ asset: 'USDT', total: '10000', available: '10000' }],
      positions: [],
    });
    expect(events.events.map(({ type, botId }) => [type, botId])).toEqual([
      ['account_manager_snapshot', 'fake_account'],
    ]);
  });

  it('leaves out a part that fails, names it, and keeps the others', async () => {
    const { broker, logger, manager } = parts();
    broker.always('listPositions', { throws: new Error('venue is down') });
    const snapshot = await manager.snapshot(false);

    expect(snapshot).not.toHaveProperty('positions');
    expect(snapshot['unavailable']).toEqual({ positions: 'venue is down' });
    expect(snapshot['balances']).toHaveLength(1);
    expect(logger.at('warn')).toEqual(['Part of the account snapshot is not available']);
  });

  it('journals nothing when asked not to', async () => {
    const { events, manager } = parts();
    await manager.snapshot(false);
    expect(events.events).toEqual([]);
  });

  it('redacts secrets and personal data, and counts private lists (redact)', async () => {
    const { broker, manager } = parts();
    broker.always('getAccountSnapshot', {
      value: {
        note: 'key s3cret',
        limits: { portfolio_uuid: 'abc', email: 'a@b', daily: '5' },
        payment_methods: [{ iban: 'X' }, { iban: 'Y' }],
      },
    });
    const snapshot = await manager.snapshot(false);

    expect(snapshot['note']).toBe('key [redacted]');
    expect(snapshot['limits']).toEqual({ portfolio_uuid: '[redacted]', email: '[redacted]', daily: '5' });
    expect(snapshot['payment_methods']).toEqual({ count: 2 });
  });
});

describe('AccountTelemetryService', () => {
  it('adds venue time and a UTC timestamp, and hands out copies of the newest snapshot', async () => {
    const { telemetry } = parts();
    const collected = await telemetry.collect();

    expect(collected).toMatchObject({ server_time: 1_234, timestamp: '2024-01-02T00:00:00.000Z' });
    expect(telemetry.latestSnapshot).toEqual(collected);
    expect(telemetry.latestSnapshot).not.toBe(telemetry.latestSnapshot);
  });

  it('says null for a venue time it could not get', async () => {
    const { broker, telemetry } = parts();
    broker.always('getServerTime', { throws: new Error('slow') });
    expect((await telemetry.collect())['server_time']).toBeNull();
  });

  it('publishes to the journal and account.json at the configured interval', async () => {
    const { telemetry, events, files, scheduler } = parts();
    const stop = new AbortController();
    const done = telemetry.run(stop.signal);
    await settled();
    expect(events.payloads('account_snapshot')).toHaveLength(1);
    expect(JSON.parse(files.written.get('/bot/account.json') ?? '')).toMatchObject({ server_time: 1_234 });

    await scheduler.advance(300_000);
    expect(events.payloads('account_snapshot')).toHaveLength(2);
    stop.abort();
    await done;
    expect(scheduler.pending).toBe(0);
  });

  it('writes nothing into a directory that is not the one the journal was opened in', async () => {
    const { telemetry, events, files } = parts();
    Object.assign(events, { inPlace: () => false });
    const stop = new AbortController();
    const done = telemetry.run(stop.signal);
    await settled();
    stop.abort();
    await done;
    expect([events.payloads('account_snapshot').length, files.written.size]).toEqual([1, 0]);
  });

  it('writes no file without a directory', async () => {
    const { telemetry, files, events } = parts(testConfig());
    const stop = new AbortController();
    const done = telemetry.run(stop.signal);
    await settled();
    stop.abort();
    await done;
    expect(events.payloads('account_snapshot')).toHaveLength(1);
    expect(files.written.size).toBe(0);
  });

  it('publishes nothing once the stop signal came while it was collecting (respect stop signal)', async () => {
    const { telemetry, events } = parts();
    const stop = new AbortController();
    const done = telemetry.run(stop.signal);
    stop.abort();
    await done;
    expect(events.events).toEqual([]);
  });

  it('survives a failed round', async () => {
    const { telemetry, files, logger, scheduler } = parts();
    files.failure = new Error('disk full');
    const stop = new AbortController();
    const done = telemetry.run(stop.signal);
    await settled();
    expect(logger.at('warn')).toEqual(['Account telemetry failed']);

    files.failure = undefined;
    await scheduler.advance(300_000);
    expect(files.written.size).toBe(1);
    stop.abort();
    await done;
  });
});

describe('AccountTelemetryTask', () => {
  it('is enabled exactly where the venue offers account snapshots', () => {
    const { task, broker } = parts();
    expect([task.name, task.enabled]).toEqual(['account-telemetry', true]);
    broker.capabilities = { ...broker.capabilities, accountSnapshots: false };
    expect(task.enabled).toBe(false);
  });
});
