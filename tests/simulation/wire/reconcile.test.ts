import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PerpsBot } from 'perpsbot';
import { lots } from '#src/domain/units.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { Operated, until } from './operated.js';

/** Real sockets and a door of a state directory: some ten seconds. */
describe('perpsbot reconcile, over the served venue', () => {
  let at: Operated;
  let bot: PerpsBot | undefined;
  beforeAll(async () => {
    at = await Operated.serve('reconcile');
  });
  afterAll(async () => {
    await bot?.stop();
    await at.close();
  });

  it('asks a bot that runs: what is foreign is counted and untouched, and adopted by a person alone', async () => {
    bot = at.bot();
    await bot.start();
    await until('a position with its stop', async () => (await at.held()) === 10 && (await at.open()).length === 1);
    expect(await at.perpsbot('reconcile')).toMatchObject({
      code: 0,
      data: { running: true, agreed: true, foreign: [] },
    });

    await at.place('by-hand');
    const seen = await at.perpsbot('reconcile');
    expect(seen).toMatchObject({
      code: 0,
      data: {
        foreign: [{ kind: 'order', id: 'by-hand', side: 'buy', size: '0.01' }],
        exposure: [{ symbol: 'BTCUSDT', position: '0.01', most: '0.02', least: '0.01', hasForeign: true }],
      },
    });
    expect((await at.perpsbot('halt', '--reason', 'mine alone')).code).toBe(0);
    expect((await at.open()).map(({ clientId }) => clientId)).toContain('by-hand');
    expect((await at.perpsbot('resume', '--reason', 'seen')).code).toBe(0);

    expect((await at.perpsbot('reconcile', '--adopt', 'by-hand')).code).toBe(2);
    expect((await at.perpsbot('reconcile', '--adopt', 'nobody', '--reason', 'x')).code).toBe(2);
    const adopted = await at.perpsbot('reconcile', '--adopt', 'by-hand', '--reason', 'I have forgotten it');
    expect(adopted).toMatchObject({ code: 0, data: { agreed: true, foreign: [] } });
    const types = ['operator_command', 'order', 'order_adopted'];
    const events = bot.container.get(EventStore).query({ types });
    const told = events.findIndex(({ payload }) => payload['command'] === 'adopt');
    const taken = events.findIndex(({ payload }) => payload['client_id'] === 'by-hand');
    expect(events[told]?.payload).toMatchObject({ reason: 'I have forgotten it', order: 'by-hand' });
    expect([told >= 0, told < taken]).toEqual([true, true]);
    expect(bot.container.get(SafetyLadder).state).toBe('NORMAL');

    expect((await at.perpsbot('halt', '--reason', 'all of mine')).code).toBe(0);
    expect((await at.open()).map(({ type }) => type)).toEqual(['stop_market']);
  });

  it('asks the venue beside the journal of a bot that does not run, and writes nothing', async () => {
    await bot?.stop();
    await at.close();
    // A venue that has been asked less in this minute.
    at = await Operated.serve('reconcile-beside');
    bot = at.bot();
    await bot.start();
    await until('a position with its stop', async () => (await at.held()) === 10 && (await at.open()).length === 1);
    await bot.stop();
    bot = undefined;
    const journal = join(at.state, 'journal.db');
    const before = readFileSync(journal);
    expect(await at.perpsbot('reconcile')).toMatchObject({ code: 0, data: { running: false, agreed: true } });

    await at.place('more', { type: 'market', lots: lots(5), timeInForce: 'IOC' });
    const [stop] = await at.open();
    if (stop?.clientId === undefined) throw new Error('no stop');
    await at.hand.cancelOrder({ clientId: stop.clientId, symbol: stop.symbol, venueIds: [stop.venueId] });
    const { code, data, stdout } = await at.perpsbot('reconcile');
    const differences = data['differences'] as readonly { what: string; of: string; held: string | null }[];
    expect([code, differences.map(({ what }) => what)]).toEqual([8, ['order', 'fill', 'position']]);
    expect(differences[0]).toMatchObject({ of: stop.clientId, held: expect.stringContaining('cancelled') });
    expect(differences[2]).toMatchObject({ of: 'BTCUSDT', believed: '0.01', held: '0.015' });
    expect([stdout.includes('test-secret'), readFileSync(journal).equals(before)]).toEqual([false, true]);
    expect((await at.perpsbot('reconcile', '--adopt', 'x', '--reason', 'y')).code).toBe(9);
  });

  it('is what a start brings in', async () => {
    bot = at.bot();
    await bot.start();
    expect(await at.perpsbot('reconcile')).toMatchObject({ code: 0, data: { running: true, agreed: true } });
  });

  it('holds the account: a bot of another state directory is refused, told of the first, and has sent nothing', async () => {
    const [held, open] = [await at.held(), await at.open()];
    const second = at.bot(undefined, {}, join(at.directory, 'other'));
    await expect(second.start()).rejects.toMatchObject({
      code: 'BOT-002',
      exitCode: 75,
      message: expect.stringContaining(`process ${process.pid}`),
      cause: { code: 'STORE-005', message: expect.stringContaining(`state ${at.state}`) },
    });
    expect([await at.held(), await at.open()]).toEqual([held, open]);
    expect(await at.perpsbot('reconcile')).toMatchObject({ code: 0, data: { running: true, agreed: true } });
  });

  it('says within seconds that nobody listens at the host, and ends as one that could not ask', async () => {
    await bot?.stop();
    bot = undefined;
    await at.served.close();
    const { code, stdout } = await at.perpsbot('reconcile');
    expect([code, stdout]).toEqual([8, expect.stringMatching(/127\.0\.0\.1:\d+.*ECONNREFUSED.*Nobody listens there/)]);
    expect(await at.perpsbot('preflight')).toMatchObject({
      code: 3,
      data: { checks: [{ name: 'connection', state: 'fail', fix: expect.stringContaining('Nobody listens there') }] },
    });
  });
});
