import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { tail } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { Running } from '../support/processes.js';
import { until, type Operated } from './operated.js';

/**
 * A bot whose loop hangs for so long is halted past it: every order but protection ends at the venue at once, and the
 * bot, alive again, is HALTED before its next order and agrees with the venue. It is handed over running.
 */
export async function haltWhileBlocked(
  at: Operated,
  blockedMs: number,
  started: (bot: Running) => void,
): Promise<void> {
  const file = join(at.directory, 'hangs');
  const bot = new Running([
    'tests/simulation/support/blocked-child.mjs',
    join(at.directory, 'live.yaml'),
    at.state,
    file,
  ]);
  started(bot);
  await until('a position, its stop and its target', async () => {
    if (bot.isOver) throw new Error(bot.stderr);
    return (await at.held()) === 10 && (await at.open()).length === 2;
  });
  await at.place('by-hand');
  writeFileSync(file, '');
  const blockedAt = performance.now();
  await new Promise((turn) => setTimeout(turn, 1_500));

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
