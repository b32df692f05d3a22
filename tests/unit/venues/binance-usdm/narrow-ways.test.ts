import { describe, expect, it } from '@jest/globals';
import { directOrderId, intentSeqOf, isDirectOrderId, isOurs } from '#src/domain/client-order-id.js';
import type { HttpRequest } from '#src/ports/transport/http-client.js';
import { mayLook, mayReduce, mayWithdraw } from '#src/venues/binance-usdm/rest/narrow-ways.js';

const request = (method: HttpRequest['method'], path: string): HttpRequest => ({
  method,
  url: `https://venue.test${path}`,
  timeoutMs: 1,
});
const ways = (...asked: Parameters<typeof request>): boolean[] =>
  [mayLook, mayWithdraw, mayReduce].map((may) => may(request(...asked)));

describe('what may leave a command that acts past a bot', () => {
  it.each([
    [[true, true, true], 'GET', '/fapi/v1/openOrders?symbol=BTCUSDT'],
    [[true, true, true], 'POST', '/fapi/v1/listenKey'],
    [[false, true, true], 'DELETE', '/fapi/v1/order?symbol=BTCUSDT&orderId=1'],
    [[false, true, true], 'DELETE', '/fapi/v1/algoOrder?clientAlgoId=1'],
    [[false, false, false], 'DELETE', '/fapi/v1/allOpenOrders?symbol=BTCUSDT'],
    [[false, false, true], 'POST', '/fapi/v1/order?reduceOnly=true&timeInForce=IOC'],
    [[false, false, false], 'POST', '/fapi/v1/order?timeInForce=IOC'],
    [[false, false, false], 'POST', '/fapi/v1/order?reduceOnly=true&timeInForce=GTC'],
    [[false, false, false], 'POST', '/fapi/v1/batchOrders?reduceOnly=true&timeInForce=IOC'],
    [[false, false, false], 'PUT', '/fapi/v1/order?reduceOnly=true&timeInForce=IOC'],
    [[false, false, false], 'POST', '/fapi/v1/leverage?symbol=BTCUSDT'],
    [[false, false, false], 'POST', '/fapi/v1/countdownCancelAll?symbol=BTCUSDT'],
  ] as const)('is %p for %s %s', (allowed, method, path) => {
    expect(ways(method, path)).toEqual(allowed);
  });

  it('has names of its own that are no intent of the bot, and the bot knows as its own', () => {
    const id = directOrderId('perps_bot', Date.UTC(2030, 0, 1), 999);
    expect([id.length <= 24, isDirectOrderId(id), isOurs(id, 'perps_bot'), intentSeqOf(id)]).toEqual([
      ...[true, true, true, undefined],
    ]);
    expect(isDirectOrderId('PB0ABCDE-1F-1')).toBe(false);
  });
});
