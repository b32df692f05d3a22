import { closesPosition, type OrderRequest } from '../../../domain/order.js';
import { isConditional } from './trigger-rules.js';

/** A stop or take-profit that closes at market: what it has not filled leaves its position bare. */
export const isProtective = (request: OrderRequest): boolean =>
  request.limit === undefined && isConditional(request.type) && onlyReduces(request);

/** Sleeps until its entry fills: what depends on the moment is decided then. */
export const follows = ({ options }: OrderRequest): boolean => options?.after !== undefined;

/** In a hedged account, an order against the position it belongs to: it can only reduce it. */
export const reducesSide = ({ side, options }: OrderRequest): boolean =>
  options?.positionSide !== undefined && (side === 'buy') !== (options.positionSide === 'long');

/** The request can only reduce. */
export const onlyReduces = (request: OrderRequest): boolean =>
  request.reduceOnly || closesPosition(request) || reducesSide(request);
