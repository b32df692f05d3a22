import { describe, expect, it } from '@jest/globals';
import { createBot } from '#di/create-bot.js';
import { HttpClient } from '#src/ports/transport/http-client.js';
import { VenueSession } from '#src/ports/venue/venue-session.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { UsdmVenue } from '#src/venues/binance-usdm/usdm-venue.js';

const LIMITS = {
  ...{ maxOrderNotional: '100 USDT', maxPositionSize: '100 USDT', maxGrossNotional: '100 USDT', maxLeverage: 3 },
  ...{ dailyLossLimit: '10 USDT', maxDrawdown: '5%', priceCollar: '20bps', ordersPerMinute: 2 },
  ...{ maxUnattendedEntries: 5, maxEquityAge: '60s' },
  ...{ dayLeverageMaxPerSymbol: {}, nightLeverageMaxPerSymbol: {}, maxNotionalPerSymbol: {} },
};

const botOn = (environment: 'live' | 'testnet', sent: string[]) =>
  createBot({
    config: {
      profile: 'prod',
      symbols: ['BTCUSDT'],
      venue: { name: 'binance-usdm', environment },
      storage: { driver: 'memory' },
      risk: LIMITS,
    },
    overrides: (bindings) => {
      bindings.rebind(HttpClient).toConstantValue({
        request: ({ url }) => {
          sent.push(url);
          return Promise.reject(new Error('no network'));
        },
        close: () => undefined,
      });
    },
  });

describe('the production of Binance USD-M', () => {
  it('is not reached by the live world, and nothing is asked there', async () => {
    const sent: string[] = [];
    const { container } = botOn('live', sent);
    expect(container.get(Brokerage)).toBeInstanceOf(UsdmVenue);
    expect(container.get(VenueSession).capabilities.environment).toBe('live');
    await expect(container.get(VenueSession).connect()).rejects.toMatchObject({ code: 'CFG-006' });
    expect(sent).toEqual([]);
  });

  it('is not what a testnet is', () => {
    const { container } = botOn('testnet', []);
    expect(container.get(VenueSession).capabilities.environment).toBe('testnet');
  });
});
