import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { conformance } from '#di/testing/conformance/conformance.js';
import type { ConformingVenue } from '#di/testing/conformance/contract.js';
import { CONFORMANCE_IDS } from '#di/testing/conformance/ids.js';
import { BINANCE } from './binance-conforming.js';
import { SIMULATED } from './simulated-conforming.js';
import { SABOTAGED } from './sabotaged.js';
import { SABOTAGED_TRADERS } from './sabotaged-trader.js';

const scenarios = conformance(BINANCE);

describe("a venue's adapter over its wire", () => {
  it.each(scenarios.map(({ id, title, run }) => [id, title, run] as const))('%s %s', (_id, _title, run) => run());
});

describe('the exchange inside, as any venue is seen', () => {
  const inside = conformance(SIMULATED);

  it('is asked what needs no wire', () => {
    expect(inside.map(({ id }) => id)).toEqual(['B1', 'B6', 'B7', 'H1']);
  });

  it.each(inside.map(({ id, title, run }) => [id, title, run] as const))('%s %s', (_id, _title, run) => run());
});

describe('the list of scenarios', () => {
  const sections = { A: 8, B: 7, C: 16, D: 9, E: 8, F: 6, G: 9, H: 12 };

  it('has every id, and each is run once', () => {
    const all = Object.entries(sections).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, place) => `${letter}${place + 1}`),
    );
    expect(CONFORMANCE_IDS).toEqual(all);
    expect(scenarios.map(({ id }) => id)).toEqual(all);
  });
});

describe('an adapter that does not conform', () => {
  const failedOf = async (venue: ConformingVenue, ids: readonly string[]): Promise<readonly string[]> => {
    const failed: string[] = [];
    for (const { id, run } of conformance(venue))
      if (ids.includes(id))
        await run().then(
          () => undefined,
          () => failed.push(id),
        );
    return failed;
  };

  it.each(SABOTAGED)('is found: %s', async (_name, ids, adapter) => {
    expect(await failedOf({ ...BINANCE, adapter }, ids)).toEqual(ids);
  });

  it.each(SABOTAGED_TRADERS)('is found, where it trades: %s', async (_name, ids, trader) => {
    expect(await failedOf({ ...BINANCE, trader }, ids)).toEqual(ids);
  });

  it('is found by every scenario there is', () => {
    const found = new Set([...SABOTAGED, ...SABOTAGED_TRADERS].flatMap(([, ids]) => ids));
    expect(scenarios.map(({ id }) => id).filter((id) => !found.has(id))).toEqual([]);
  });

  it('must refuse what it says it cannot do', async () => {
    const book = scenarios.filter(({ id }) => id === 'H1').length;
    expect(book).toBe(1);
    const knows = { ...BINANCE.knows, streams: { book: false, trades: true, account: false } };
    const [h1] = conformance({ ...BINANCE, knows }).filter(({ id }) => id === 'H1');
    await expect(h1?.run()).rejects.toThrow('must be refused');
  });
});
