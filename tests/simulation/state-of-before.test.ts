import 'reflect-metadata';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createBot, type CreateBotOptions } from '#di/create-bot.js';
import type { PerpsBot } from '#di/bot.js';
import { AccountAccess } from '#src/ports/venue/account-access.js';
import { ProductCatalogue } from '#src/ports/core-services/product-catalogue.js';
import { OrdersStore } from '#src/ports/storage/orders-store.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { verify } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { defineStrategy } from '#src/services/strategy/define/index.js';
import { moneyOf } from '../support/finest.js';

/*
 * State folders as earlier commits wrote them, kept packed. `state-0.1.0`: that commit's own
 * `perpsbot start --cycles 160 --speed max` with the demo profile and risk.dynamicPositionSizing. `state-with-stops`:
 * `sawtoothOver` below for 200 cycles, by the commit before fees had a currency and venue ids a space of their own.
 * `state-before-snapshots`: the same for 130 cycles and then reduce-only by hand, by the last commit whose starts read
 * the whole journal (decision 25).
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

/** Always in the market, with a stop at the venue; leaves it for the other side when the mean turns. */
const sawtooth = defineStrategy({
  name: 'sawtooth',
  timeframe: '5m',
  params: {},
  setup: ({ ind }) => ({ mean: ind.sma(3) }),
  onBar({ bar, position, long, short, flat }, { mean }) {
    const stop = bar.close * 0.004;
    if (position.isFlat && bar.close > mean.value)
      long({ risk: '0.2%', stop: bar.close - stop, why: 'above the mean' });
    else if (position.isFlat) short({ risk: '0.2%', stop: bar.close + stop, why: 'below the mean' });
    else if (position.isLong && bar.close < mean.value * 0.9995) flat('below the mean');
    else if (position.isShort && bar.close > mean.value * 1.0005) flat('above the mean');
  },
});

function sawtoothOver(directory: string): PerpsBot {
  const config: CreateBotOptions['config'] = {
    profile: 'demo',
    symbols: ['BTC-PERP', 'ETH-PERP'],
    updateInterval: '60s',
    strategy: { name: 'sawtooth', enableShorts: true },
    execution: { onShutdown: 'keep' },
    risk: { dynamicPositionSizing: true },
    storage: { directory },
    streaming: { enabled: false },
    simulation: { speed: 'max', quoteInterval: '10s', seed: 5, startPrices: { 'BTC-PERP': 50_000, 'ETH-PERP': 3_000 } },
    instruments: { 'BTC-PERP': { fundingIntervalHours: 1 }, 'ETH-PERP': { fundingIntervalHours: 1 } },
    logging: { level: 'error' },
  };
  return createBot({ strategies: [sawtooth], config });
}

/** Money by where it came from, and what is held, in text. */
function books({ container, portfolio }: PerpsBot): Readonly<Record<string, unknown>> {
  const { ledger } = portfolio;
  const income = (['deposits', 'price', 'fees', 'funding'] as const).map((from): [string, string] => [
    from,
    moneyOf(ledger.income(from)).toString(),
  ]);
  return {
    ...Object.fromEntries<string>(income),
    positions: [...portfolio.positions()].map(({ instrument, size }) => `${instrument.symbol} ${size.toString()}`),
    safety: container.get(SafetyLadder).state,
  };
}

describe('a state folder with a position, its stop at the venue, fees and funding', () => {
  it('is read whole: every record, every order, fill and payment', async () => {
    const directory = unpacked('state-with-stops');
    expect(verify(journalPath(directory))).toMatchObject({ ok: true, records: 1_111, problems: [] });
    const first = sawtoothOver(directory);
    const before = {
      deposits: '10000',
      price: '64.29709',
      fees: '-27.32754546',
      funding: '-0.0201462',
      positions: ['BTC-PERP 0', 'ETH-PERP 0.484'],
      safety: 'NORMAL',
    };
    let end: Readonly<Record<string, unknown>>;
    try {
      await first.open();
      expect(books(first)).toEqual(before);
      const journal = first.container.get(EventStore);
      expect(journal.query({ types: ['fill'] })).toHaveLength(37);
      expect([...first.container.get(OrdersStore).all()]).toHaveLength(52);
      const access = first.container.get(AccountAccess);
      expect((await access.listPositions()).map(({ symbol, size }) => `${symbol} ${size.toString()}`)).toEqual([
        'ETH-PERP 0.484',
      ]);
      const stop = first.container.get(OrdersStore).find('PBHBKFNX-1K-1');
      expect(stop).toMatchObject({ venueIds: ['sim-o51'], request: { type: 'stop_market', stop: 308_453, lots: 484 } });
      expect(stop?.request.options).toEqual({ after: 'PBHBKFNX-1J-1' });
      first.portfolio.assertConsistent();
      await first.run({ cycles: 60 });
      end = books(first);
      expect(end).not.toEqual(before);
    } finally {
      await first.stop();
    }

    const second = sawtoothOver(directory);
    try {
      await second.open();
      expect(books(second)).toEqual(end);
    } finally {
      await second.stop();
    }
  });
});

describe('a state folder of before starts read what still matters', () => {
  /** The orders that are open, as the venue would be asked for them. */
  const stops = ({ container }: PerpsBot): string[] =>
    [...container.get(OrdersStore).all()]
      .filter(({ status }) => status === 'open')
      .map(({ request: { symbol, type, lots } }) => `${symbol} ${type} ${lots}`)
      .sort();

  it('is started from with the same books, stops and safety state, goes on trading, and is started from again', async () => {
    const directory = unpacked('state-before-snapshots');
    expect(verify(journalPath(directory))).toMatchObject({ ok: true, problems: [] });
    const before = {
      deposits: '10000',
      price: '-2.14896',
      fees: '-13.21350935',
      funding: '-0.03866658',
      positions: ['BTC-PERP -0.031', 'ETH-PERP 0.506'],
      safety: 'REDUCE_ONLY',
    };
    const first = sawtoothOver(directory);
    let end: Readonly<Record<string, unknown>>;
    try {
      await first.open();
      expect(books(first)).toEqual(before);
      expect(stops(first)).toEqual(['BTC-PERP stop_market 31', 'ETH-PERP stop_market 506']);
      first.portfolio.assertConsistent();
      await first.resume('looked at', 'anna');
      await first.run({ cycles: 60 });
      end = { ...books(first), stops: stops(first) };
      expect(end).toMatchObject({ deposits: '10000', safety: 'NORMAL' });
      expect(end['fees']).not.toBe(before.fees);
    } finally {
      await first.stop();
    }

    const second = sawtoothOver(directory);
    try {
      await second.open();
      expect({ ...books(second), stops: stops(second) }).toEqual(end);
    } finally {
      await second.stop();
    }
  });
});
