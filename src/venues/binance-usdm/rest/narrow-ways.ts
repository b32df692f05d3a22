import type { HttpRequest } from '../../../ports/transport/http-client.js';

const pathOf = ({ url }: HttpRequest): string => new URL(url).pathname;

/** Questions, and the key by which a stream of the account is listened to. */
export const mayLook = (request: HttpRequest): boolean =>
  request.method === 'GET' || pathOf(request).endsWith('/listenKey');

const ENDS_ONE: ReadonlySet<string> = new Set(['/fapi/v1/order', '/fapi/v1/algoOrder', '/fapi/v1/batchOrders']);

/** Questions, and the end of orders that are named. */
export const mayWithdraw = (request: HttpRequest): boolean =>
  mayLook(request) || (request.method === 'DELETE' && ENDS_ONE.has(pathOf(request)));

/** That, and orders that can only reduce and are over at once. */
export const mayReduce = (request: HttpRequest): boolean => {
  if (mayWithdraw(request)) return true;
  const { pathname, searchParams } = new URL(request.url);
  const isReducing = searchParams.get('reduceOnly') === 'true' && searchParams.get('timeInForce') === 'IOC';
  return request.method === 'POST' && pathname === '/fapi/v1/order' && isReducing;
};
