import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { openBacktest } from '#di/backtest.js';
import type { BotContainer } from '#di/container.js';
import { ProductCatalogue } from '#src/ports/core-services/product-catalogue.js';
import { SimulatedExchange } from '#src/ports/core-services/simulated-exchange.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { AccountAccess } from '#src/ports/venue/account-access.js';
import { Decimal } from '#src/domain/decimal.js';
import type { MarginSettings } from '#src/ports/configuration/settings/margin-settings.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import { testConfig } from '../support/config.js';
import { historyConfig } from '../support/oracle/backtest.js';
import { OPEN } from '../support/oracle/market.js';

const MINUTE = 60_000;
const CRASH = 30;

/** A market that falls, then rises, so that the averages cross; at one bar it falls by 60 % and comes back. */
function crash(): BarColumns {
  const length = 40;
  const column = (of: (i: number) => number): Float64Array => Float64Array.from({ length }, (_, i) => of(i));
  const close = (i: number): number => (i < 12 ? 500_000 - i * 500 : 494_000 + (i - 12) * 1_000);
  const open = (i: number): number => (i === 0 ? 500_000 : close(i - 1));
  return {
    symbol: 'BTC-PERP',
    intervalMs: MINUTE,
    length,
    openAt: column((i) => OPEN + i * MINUTE),
    open: column(open),
    high: column((i) => Math.max(open(i), close(i))),
    low: column((i) => (i === CRASH ? 200_000 : Math.min(open(i), close(i)))),
    close: column(close),
    volume: column(() => 100_000),
  };
}

async function run(
  margin: Partial<MarginSettings>,
  use: (container: BotContainer) => Promise<void> | void,
): Promise<void> {
  const columns = crash();
  const config = historyConfig(columns, {
    strategy: {
      shortMa: 2,
      longMa: 5,
      targetLeverage: 2,
      trailingStop: new Decimal(0),
      positionFraction: new Decimal('0.2'),
    },
    risk: { maxPositionPctPerSymbol: new Decimal(2), maxExposurePct: new Decimal(2) },
  });
  const { simulation } = testConfig();
  const session = await openBacktest(
    { ...config, simulation: { ...simulation, margin: { ...simulation.margin, ...margin } } },
    { mode: 'step', startAt: OPEN },
  );
  try {
    const { runner, container } = session;
    await runner.run(columns, {
      mode: 'step',
      parameters: {},
    });
    await use(container);
  } finally {
    await session.close();
  }
}

describe('a liquidation, through the whole bot', () => {
  it.each([
    ['isolated', { mode: 'isolated' }],
    ['isolated and hedged', { mode: 'isolated', positionMode: 'hedge' }],
  ] as const)('reaches portfolio, journal and reconciliation: %s', async (_name, margin) => {
    await run(margin, async (container) => {
      const [exchange, portfolio] = [container.get(SimulatedExchange), container.get(Portfolio)];
      const [broker, journal] = [container.get(AccountAccess), container.get(EventStore)];
      const instrument = container.get(ProductCatalogue).instrument('BTC-PERP');
      const forced = exchange.fills.filter(({ cause }) => cause === 'liquidation');
      expect(forced).toHaveLength(1);
      expect((forced[0]?.at ?? 0) - OPEN).toBeLessThan((CRASH + 1) * MINUTE);
      const booked = journal
        .query({ types: ['external_fill'] })
        .map(({ payload }) => [payload['cause'], payload['client_id'], payload['symbol']]);
      expect(booked).toEqual([['liquidation', forced[0]?.clientId, 'BTC-PERP']]);
      const net = (await broker.listPositions()).reduce((sum, { size }) => sum.plus(size), new Decimal(0));
      expect(portfolio.position(instrument).size.toString()).toBe(net.toString());
      const realised = exchange.fills.reduce((sum, { fee }) => sum + fee, 0) + portfolio.ledger.income('price');
      expect(portfolio.equity - portfolio.unrealised - portfolio.ledger.income('deposits')).toBe(realised);
      expect(journal.query({ types: ['orphan_fill', 'account_event_failed', 'position_drift'] })).toEqual([]);
      portfolio.assertConsistent();
      exchange.assertConsistent();
    });
  });

  it('does not come where the account backs the position', async () => {
    await run({ mode: 'cross' }, (container) => {
      const exchange = container.get(SimulatedExchange);
      expect(exchange.fills.length).toBeGreaterThan(0);
      expect(exchange.fills.filter(({ cause }) => cause !== undefined)).toEqual([]);
    });
  });
});
