import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { tail } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { Running } from '../support/processes.js';
import { until, type Operated } from './operated.js';

const CHILD = 'tests/simulation/support/blocked-child.mjs';

/** Runs, holds, and hangs while the file is there. */
async function blocked(at: Operated, started: (bot: Running) => void): Promise<string> {
  const file = join(at.directory, 'hangs');
  const bot = new Running([CHILD, join(at.directory, 'live.yaml'), at.state, file]);
  started(bot);
  await until('a position, its stop and its target', async () => {
    if (bot.isOver) throw new Error(bot.stderr);
    return (await at.held()) === 10 && (await at.open()).length === 2;
  });
  await at.place('by-hand');
  return file;
}

const hang = async (file: string): Promise<number> => {
  writeFileSync(file, '');
  const since = performance.now();
  await until('its loop hangs', () => existsSync(`${file}-seen`));
  return since;
};

/**
 * A bot whose loop hangs is flattened past it: its orders can only reduce, stand beside the journal before they leave,
 * and are its own when it lives again.
 */
export async function flattenWhileBlocked(at: Operated, started: (bot: Running) => void): Promise<void> {
  const file = await blocked(at, started);
  expect((await at.perpsbot('flatten', '--direct')).code).toBe(2);
  await hang(file);
  const plan = await at.perpsbot('flatten', '--direct', '--max-slippage', '40');
  expect(plan).toMatchObject({ code: 9, data: { steps: [{ symbol: 'BTCUSDT', side: 'sell', size: '0.01' }] } });
  const other = await at.perpsbot('flatten', '--direct', '--yes-plan', '000000000000', '--reason', 'no');
  expect([other.code, await at.held(), existsSync(join(at.state, 'requests'))]).toEqual([9, 10, false]);

  const words = ['--max-slippage', '40', '--yes-plan', String(plan.data['hash']), '--reason', 'it hangs'];
  const done = await at.perpsbot('flatten', '--direct', ...words);
  expect(done).toMatchObject({ code: 0, data: { flat: true, remaining: [], mayBeLive: [] } });
  expect([await at.held(), (await at.open()).map(({ clientId }) => clientId)]).toEqual([0, ['by-hand']]);
  const ids = (done.data['sent'] as readonly { readonly clientId: string }[]).map(({ clientId }) => clientId);

  const before = tail(journalPath(at.state), { limit: 1 }).at(-1)?.seq ?? 0;
  rmSync(file);
  await until('it had taken the word', () => !existsSync(join(at.state, 'requests')));
  await until('it agrees', async () => (await at.perpsbot('reconcile')).code === 0);
  expect(await at.perpsbot('status')).toMatchObject({ code: 6, data: { state: 'HALTED', reason: 'it hangs' } });
  const told = (type: string): ReturnType<typeof tail> => tail(journalPath(at.state), { types: [type], after: before });
  expect([told('order_submission'), told('orphan_fill'), told('orphan_order'), told('external_fill')]).toEqual([
    ...[[], [], [], []],
  ]);
  expect(new Set(told('fill').map(({ payload }) => payload['client_id']))).toEqual(new Set(ids));
  const orders = told('order').filter(({ payload }) => payload['client_id'] === ids.at(-1));
  expect(orders.at(-1)?.payload).toMatchObject({ status: 'filled', reduce_only: true });
}

/**
 * A bot whose loop hangs for so long is halted past it: every order but protection ends at the venue at once, and the
 * bot, alive again, is HALTED before its next order and agrees with the venue. It is handed over running.
 */
export async function haltWhileBlocked(
  at: Operated,
  blockedMs: number,
  started: (bot: Running) => void,
): Promise<void> {
  const file = await blocked(at, started);
  const blockedAt = await hang(file);
  const halted = await at.perpsbot('halt', '--direct', '--reason', 'it hangs');
  expect(halted).toMatchObject({
    code: 0,
    data: { direct: true, done: true, mayBeLive: [], foreign: ['by-hand'], problem: null },
  });
  expect(halted.data['cancelled']).toHaveLength(1);
  const standing = async (): Promise<string[]> => (await at.open()).map(({ type }) => type).sort();
  expect(await standing()).toEqual(['limit', 'stop_market']);
  expect([existsSync(join(at.state, 'requests')), `${halted.stdout}${halted.stderr}`.includes('test-secret')]).toEqual([
    true,
    false,
  ]);

  await new Promise((turn) => setTimeout(turn, Math.max(0, blockedMs - (performance.now() - blockedAt))));
  const before = tail(journalPath(at.state), { limit: 1 }).at(-1)?.seq ?? 0;
  rmSync(file);
  await until('it had taken the word', () => !existsSync(join(at.state, 'requests')));
  await until('it agrees', async () => (await at.perpsbot('reconcile')).code === 0);
  expect(await at.perpsbot('status')).toMatchObject({ code: 6, data: { state: 'HALTED', reason: 'it hangs' } });
  expect(tail(journalPath(at.state), { types: ['order_submission'], after: before })).toEqual([]);
  const [command] = tail(journalPath(at.state), { types: ['operator_command'] });
  expect(command?.payload).toMatchObject({ command: 'halt', reason: 'it hangs' });
  expect([await standing(), await at.held()]).toEqual([['limit', 'stop_market'], 10]);
}
