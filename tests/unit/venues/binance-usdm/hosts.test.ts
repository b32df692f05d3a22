import { describe, expect, it } from '@jest/globals';
import { usdmHosts } from '#src/venues/binance-usdm/hosts.js';

const PRODUCTION = { restUrl: 'https://fapi.binance.com', streamUrl: 'wss://fstream.binance.com' };
const LOOPBACK = { restUrl: 'http://127.0.0.1:9001/', streamUrl: 'ws://127.0.0.1:9001/' };

describe('hosts of Binance USD-M', () => {
  it('are production where it is named, and the demo elsewhere', () => {
    expect(usdmHosts({ environment: 'live' })).toEqual({
      ...PRODUCTION,
      permissionsUrl: 'https://api.binance.com',
      environment: 'live',
    });
    expect(usdmHosts({ environment: 'testnet' })).toMatchObject({
      restUrl: 'https://demo-fapi.binance.com',
      environment: 'testnet',
    });
  });

  it('are a testnet wherever they are not production, whatever they are called', () => {
    expect(usdmHosts({ environment: 'live', ...LOOPBACK })).toEqual({
      restUrl: 'http://127.0.0.1:9001',
      streamUrl: 'ws://127.0.0.1:9001',
      environment: 'testnet',
    });
  });

  it.each([
    { environment: 'testnet', ...PRODUCTION },
    { environment: 'testnet', restUrl: 'https://FAPI.binance.com:443/' },
    { environment: 'live', restUrl: LOOPBACK.restUrl },
    { environment: 'live', streamUrl: LOOPBACK.streamUrl },
  ] as const)('are never half of one and half of the other, and production is no testnet: %j', (terms) => {
    expect(() => usdmHosts(terms)).toThrow(/CFG-006|one environment/);
  });
});
