import type { AdapterRig } from '#di/testing/conformance/contract.js';
import { OrderRequest, type OrderTerms } from '#src/domain/order.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import type { Brokerage } from '#src/ports/venue/brokerage.js';
import { usdmTrader } from './binance-conforming.js';

type MadeTrader = (rig: AdapterRig) => Brokerage;

/** A whole adapter of which some members are others. */
const other =
  (change: (adapter: Brokerage) => Partial<Brokerage>): MadeTrader =>
  (rig) => {
    const adapter: Brokerage = usdmTrader(rig);
    const changed = change(adapter);
    return new Proxy(adapter, {
      get: (target, name) => {
        const value: unknown = name in changed ? Reflect.get(changed, name) : Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(name in changed ? changed : target) as unknown) : value;
      },
    });
  };

/** Every order leaves as another one. */
const sending = (change: (terms: OrderTerms) => Partial<OrderTerms>): MadeTrader =>
  other((adapter) => ({
    placeOrder: (request) => {
      const terms: OrderTerms = request;
      return adapter.placeOrder(new OrderRequest({ ...terms, ...change(terms) }));
    },
  }));

/** What the account tells is what becomes of it. */
const telling = (becomes: (event: AccountEvent) => readonly AccountEvent[]): MadeTrader =>
  other((adapter) => ({
    openAccount: (sink, signal) =>
      adapter.openAccount((event) => {
        for (const each of becomes(event)) sink(each);
      }, signal),
  }));

let times = 0;

/** What is wrong with each, and the scenarios that must find it. */
export const SABOTAGED_TRADERS: readonly (readonly [name: string, ids: readonly string[], trader: MadeTrader])[] = [
  [
    'tells each fill under two names',
    ['C2', 'D3'],
    telling((event) => {
      if (event.kind !== 'fill') return [event];
      times += 1;
      return [event, { ...event, fill: { ...event.fill, tradeId: `${event.fill.tradeId} ${times}` } }];
    }),
  ],
  ['forgets that an order must not take', ['C5'], sending(() => ({ postOnly: false }))],
  ['lets everything rest', ['C6'], sending(() => ({ timeInForce: 'GTC' }))],
  ['forgets that an order must not open', ['C8', 'F1'], sending(() => ({ reduceOnly: false, type: 'market' }))],
  ['shortens names', ['C15'], sending(({ clientId }) => ({ clientId: clientId.slice(0, 20) }))],
  [
    'takes silence for a refusal',
    ['D1', 'D2', 'D4'],
    other((adapter) => ({
      placeOrder: async (request) => {
        const result = await adapter.placeOrder(request);
        if (result.outcome !== 'unknown') return result;
        return { outcome: 'rejected', reason: 'other', message: result.cause, at: 0 };
      },
    })),
  ],
  [
    'says of everything that it is cancelled',
    ['E1', 'E2', 'E3', 'F6'],
    other(() => ({ cancelOrder: async (ref) => ({ outcome: 'cancelled', ref, at: 0 }) })),
  ],
  [
    'takes what is not to be had for flat',
    ['G1'],
    other((adapter) => ({ listPositions: () => adapter.listPositions().catch(() => []) })),
  ],
];
