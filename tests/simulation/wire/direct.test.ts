import { existsSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Running } from '../support/processes.js';
import { flattenWhileBlocked, haltWhileBlocked } from './blocked-bot.js';
import { Operated } from './operated.js';

/** `npm run drill` blocks for a minute. Real sockets and processes: some thirty seconds, most of them waiting. */
const BLOCKED_MS = 3_000;

describe('perpsbot halt --direct, while the loop of the bot is blocked', () => {
  let at: Operated;
  let bot: Running | undefined;
  beforeAll(async () => {
    at = await Operated.serve('direct');
  });
  afterAll(async () => {
    await bot?.end();
    await at.close();
  });

  it('ends every order but protection; alive again the bot is HALTED before its next order, and agrees', async () => {
    await haltWhileBlocked(at, BLOCKED_MS, (started) => (bot = started));
  }, 60_000);

  it('leaves its word and says what is not known where the venue cannot be reached', async () => {
    bot?.send('SIGTERM');
    await bot?.exited;
    await at.served.close();
    const { code, data } = await at.perpsbot('halt', '--direct', '--wait', '1s', '--reason', 'gone');
    expect([code, data['done'], existsSync(join(at.state, 'requests'))]).toEqual([9, false, true]);
    expect(data['problem']).toEqual(expect.any(String));
  }, 120_000);
});

describe('perpsbot flatten --direct, while the loop of the bot is blocked', () => {
  it('takes off by its plan alone, with orders that the bot takes for its own when it lives again', async () => {
    const at = await Operated.serve('direct-flatten');
    let bot: Running | undefined;
    try {
      await flattenWhileBlocked(at, (started) => (bot = started));
    } finally {
      await bot?.end();
      await at.close();
    }
  }, 120_000);
});
