import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { MarginTier } from '#src/domain/instrument.js';
import { DeterministicExchange } from '#src/venues/simulated/exchange/deterministic-exchange.js';
import { parseTiers } from '#src/venues/simulated/models/tier-file.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import { FakeConfigController, testConfig } from '../../../support/config.js';
import { KEY, signed } from '../../wire/binance-usdm/scene.js';
import { UsdmScene } from './usdm-scene.js';

const TABLE = `symbol,tier,min_notional,max_notional,maint_margin_rate,max_leverage,cum
BTC/USDT:USDT,1,0.0,50000.0,0.004,125.0,0.0
BTC/USDT:USDT,2,50000.0,600000.0,0.005,100.0,50.0
BTC/USDT:USDT,3,600000.0,3000000.0,0.0065,75.0,950.0
ETH/USDT:USDT,1,0.0,50000.0,0.004,100.0,0.0
`;

/** What the exchange inside makes of what the venue lists. */
async function inside(tiers?: string) {
  const scene = await new UsdmScene().serve();
  const specs = await scene.within(scene.market.listProducts());
  const config = new FakeConfigController(
    testConfig({
      symbols: specs.map(({ symbol }) => symbol),
      instruments: Object.fromEntries(specs.map((spec) => [spec.symbol, spec])),
      simulation: { margin: { ...testConfig().simulation.margin, ...(tiers === undefined ? {} : { tiers }) } },
    }),
  );
  const venue = new DeterministicExchange(config, new NoExchangeStore(), { readText: () => TABLE });
  venue.open();
  return { listed: specs[0], traded: venue.markets.get('BTCUSDT')?.instrument };
}

const text = (tiers: readonly MarginTier[] | undefined): unknown =>
  tiers?.map(({ floor, cap, rate, maxLeverage, cum }) => [floor, cap, rate, maxLeverage, cum].map(String));

interface Served {
  readonly brackets: readonly Readonly<Record<string, number>>[];
}

async function served(scene: UsdmScene): Promise<readonly MarginTier[]> {
  const query = signed(`symbol=BTCUSDT&timestamp=${scene.clock.now()}`);
  const { body } = await scene.ask(`/fapi/v1/leverageBracket?${query}`, { 'X-MBX-APIKEY': KEY.key });
  const [{ brackets }] = JSON.parse(body) as [Served];
  return brackets.map((each) => {
    const of = (name: string): Decimal => new Decimal(String(each[name]));
    return {
      floor: of('notionalFloor'),
      cap: of('notionalCap'),
      rate: of('maintMarginRatio'),
      maxLeverage: of('initialLeverage'),
      cum: of('cum'),
    };
  });
}

describe("margins of a venue's market", () => {
  it('are those that the venue prints beside a symbol, because brackets need a key', async () => {
    const { listed, traded } = await inside();
    expect(listed?.tiers).toBeUndefined();
    expect(traded?.spec.tiers).toBeUndefined();
    expect(String(traded?.spec.maintenanceRate)).toBe(String(listed?.maintenanceRate));
  });

  it('are those of a table where one is given, to the last digit', async () => {
    const { traded } = await inside('tiers.csv');
    expect(text(traded?.spec.tiers)).toEqual(text(parseTiers(TABLE, 'a table').get('BTC/USDT:USDT')));
    expect(traded?.margin.size).toBe(3);
  });

  it('are served to whoever signs', async () => {
    const scene = await new UsdmScene().serve();
    const tiers = parseTiers(TABLE, 'a table').get('BTC/USDT:USDT') ?? [];
    scene.btc.redefine({ tiers });
    expect(text(await served(scene))).toEqual(text(tiers));
  });

  const RECORDED = '../shared/data/venue/binance_usdm_leverage_tiers.csv';
  (existsSync(RECORDED) ? it : it.skip)('are served as they were recorded, every symbol of them', async () => {
    const scene = await new UsdmScene().serve();
    for (const [symbol, tiers] of parseTiers(readFileSync(RECORDED, 'utf8'), RECORDED)) {
      scene.btc.redefine({ tiers });
      expect([symbol, text(await served(scene))]).toEqual([symbol, text(tiers)]);
    }
  });
});
