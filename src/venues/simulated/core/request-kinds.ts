import type { OrderRequest } from '../../../domain/order.js';

/** Takes its size from the position when it triggers. */
export const closesPosition = ({ options }: OrderRequest): boolean => options?.closePosition === true;

/** Sleeps until its entry fills: what depends on the moment is decided then. */
export const follows = ({ options }: OrderRequest): boolean => options?.after !== undefined;

/** In a hedged account, an order against the position it belongs to: it can only reduce it. */
export const reducesSide = ({ side, options }: OrderRequest): boolean =>
  options?.positionSide !== undefined && (side === 'buy') !== (options.positionSide === 'long');

/** The request can only reduce. */
export const onlyReduces = (request: OrderRequest): boolean =>
  request.reduceOnly || closesPosition(request) || reducesSide(request);
