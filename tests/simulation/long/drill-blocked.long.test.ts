import 'reflect-metadata';
import { describe, it } from '@jest/globals';
import type { Running } from '../support/processes.js';
import { haltWhileBlocked } from '../wire/blocked-bot.js';
import { Operated } from '../wire/operated.js';

describe('perpsbot halt --direct, while the loop of the bot is blocked for a minute', () => {
  it('ends every order but protection; alive again the bot is HALTED before its next order, and agrees', async () => {
    const at = await Operated.serve('drill-blocked');
    let bot: Running | undefined;
    try {
      await haltWhileBlocked(at, 60_000, (started) => (bot = started));
    } finally {
      await bot?.end();
      await at.close();
    }
  }, 240_000);
});
