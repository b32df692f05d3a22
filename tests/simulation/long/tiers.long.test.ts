import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MarginTiers } from '#src/domain/margin-tiers.js';
import { parseTiers } from '#src/venues/simulated/models/tier-file.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { unitsOf } from '../../support/finest.js';

const RECORDED = '../shared/data/venue/binance_usdm_leverage_tiers.csv';

(existsSync(RECORDED) ? describe : describe.skip)('recorded margin tiers', () => {
  it('are brackets that meet, for every symbol', () => {
    const tiers = parseTiers(readFileSync(RECORDED, 'utf8'), RECORDED);
    expect(tiers.size).toBe(349);
    for (const [symbol, each] of tiers) {
      const margin = new MarginTiers({ ...instrumentSpec({ symbol }), tiers: each });
      each.slice(1).forEach(({ floor }, index) => {
        if (index + 1 >= margin.size) return;
        const boundary = unitsOf(floor, 'nearest');
        expect(margin.maintenanceIn(index, boundary)).toBe(margin.maintenanceIn(index + 1, boundary));
      });
    }
  });
});
