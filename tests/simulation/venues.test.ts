import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { openBacktest } from '#di/backtest.js';
import { SimulatedExchange } from '#src/ports/core-services/simulated-exchange.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { Decimal } from '#src/domain/decimal.js';
import { units } from '#src/domain/units.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import type { Feed } from '#src/data/columns.js';
import { totalEquity } from '#src/venues/simulated/core/margin.js';
import type { SimulatedVenue } from '#src/venues/simulated/brokerage/venue.js';
import { testConfig } from '../support/config.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { historyConfig } from '../support/oracle/backtest.js';
import { OPEN, randomWalk } from '../support/oracle/market.js';
import { moneyOf } from '../support/finest.js';

const MARKET = randomWalk(600, 31);
const SYMBOLS = ['BTC-PERP.A', 'BTC-PERP.B'];
const venueOf = (symbol: string): string => symbol.slice(-1);

describe('one strategy over two venues, through the whole bot', () => {
  it.each(['fast', 'step'] as const)('keeps an account for each, and one portfolio (%s)', async (mode) => {
    const base = historyConfig(MARKET, { strategy: { enableShorts: true, trailingStop: new Decimal('0.004') } });
    const venues = { A: { equity: new Decimal(4_000) }, B: { equity: new Decimal(9_000) } };
    const config = {
      ...base,
      symbols: SYMBOLS,
      simulation: { ...testConfig().simulation, startPrices: {}, venues },
      instruments: Object.fromEntries(
        SYMBOLS.map((symbol) => [symbol, instrumentSpec({ symbol, venue: venueOf(symbol) })]),
      ),
    };
    const feeds = SYMBOLS.map((symbol, index): Feed => ({
      kind: 'bars',
      columns: { ...randomWalk(600, 31 + index), symbol },
    }));
    const session = await openBacktest(config, { mode, startAt: OPEN });
    try {
      const { runner, container } = session;
      const [exchange, portfolio] = [container.get(SimulatedExchange), container.get(Portfolio)];
      expect(moneyOf(units(portfolio.equity)).toString()).toBe('13000');
      await runner.run(feeds, {
        mode,
        parameters: {},
      });
      const { accounts } = exchange as SimulatedVenue;
      let worth = 0;
      for (const { name, account, markets } of accounts) {
        expect(account.fills.length).toBeGreaterThan(5);
        expect(new Set(account.fills.map(({ instrument }) => venueOf(instrument.symbol)))).toEqual(new Set([name]));
        expect(moneyOf(account.deposited).toString()).toBe(venues[name as 'A' | 'B'].equity.toString());
        worth += totalEquity(account, markets.values());
      }
      expect(portfolio.equity).toBe(worth);
      expect(exchange.fills).toHaveLength(accounts.reduce((sum, { account }) => sum + account.fills.length, 0));
      const [balance] = await container.get(Brokerage).listBalances();
      expect(balance?.total.toString()).toBe(
        moneyOf(units(accounts.reduce<number>((sum, { account }) => sum + account.ledger.holdings, 0))).toString(),
      );
      exchange.assertConsistent();
      portfolio.assertConsistent();
    } finally {
      await session.close();
    }
  });
});
