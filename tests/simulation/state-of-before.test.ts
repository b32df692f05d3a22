import 'reflect-metadata';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createBot } from '#di/create-bot.js';
import type { PerpsBot } from '#di/bot.js';
import { moneyOf } from '#src/domain/instrument.js';
import { AccountAccess } from '#src/ports/venue/account-access.js';
import { ProductCatalogue } from '#src/ports/core-services/product-catalogue.js';
import { OrdersStore } from '#src/ports/storage/orders-store.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';

/*
 * State folders as earlier commits wrote them. Each was written by that commit's own
 * `perpsbot start --cycles 160 --speed max` with the demo profile and risk.dynamicPositionSizing, and is kept packed.
 */
const FIXTURES = join('tests', 'fixtures');
const made: string[] = [];
afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

function unpacked(fixture: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'perpsbot-before-'));
  made.push(directory);
  for (const name of readdirSync(join(FIXTURES, fixture)))
    writeFileSync(join(directory, name.replace(/\.gz$/, '')), gunzipSync(readFileSync(join(FIXTURES, fixture, name))));
  return directory;
}

const botOver = (directory: string): PerpsBot =>
  createBot({
    config: {
      profile: 'demo',
      storage: { directory },
      simulation: { speed: 'max' },
      risk: { dynamicPositionSizing: true },
      logging: { level: 'error' },
    },
  });

/** What the account is worth and holds, in text. */
function truth(bot: PerpsBot): Readonly<Record<string, unknown>> {
  const { portfolio } = bot;
  const instrument = bot.container.get(ProductCatalogue).instrument('BTC-PERP');
  return {
    position: instrument.size(portfolio.position(instrument).lots).toString(),
    realised: moneyOf(portfolio.position(instrument).realised).toString(),
    orders: [...bot.container.get(OrdersStore).all()].length,
    filled: [...bot.container.get(OrdersStore).all()].filter(({ status }) => status === 'filled').length,
    safety: bot.container.get(SafetyLadder).state,
  };
}

describe('a state folder of version 0.1.0', () => {
  it('is replayed to the unit, goes on trading, and is replayed again', async () => {
    const directory = unpacked('state-0.1.0');
    const first = botOver(directory);
    let end: Readonly<Record<string, unknown>>;
    try {
      await first.open();
      expect(truth(first)).toEqual({ position: '0.019', realised: '-2.907', orders: 11, filled: 11, safety: 'NORMAL' });
      const [held] = await first.container.get(AccountAccess).listPositions();
      expect(held?.size.toString()).toBe('0.019');
      await first.run({ cycles: 400 });
      end = truth(first);
      expect(end['filled']).toBeGreaterThan(11);
    } finally {
      await first.stop();
    }

    const second = botOver(directory);
    try {
      await second.open();
      expect(truth(second)).toEqual(end);
    } finally {
      await second.stop();
    }
  });
});
