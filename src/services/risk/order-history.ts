import type { OrdersStore } from '../../ports/storage/orders-store.js';

/** Every order of the account, those of earlier runs included: what limits that count orders are folded from. */
export type OrderHistory = Pick<OrdersStore, 'all' | 'find'>;
