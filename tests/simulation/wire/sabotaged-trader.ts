import type { AdapterRig } from '#di/testing/conformance/contract.js';
import { lots } from '#src/domain/units.js';
import { OrderRequest, type Fill, type OrderTerms } from '#src/domain/order.js';
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

const without = (fill: Fill, name: 'cause' | 'fees'): Fill =>
  Object.fromEntries(Object.entries(fill).filter(([each]) => each !== name)) as unknown as Fill;

let times = 0;

/** What is wrong with each, and the scenarios that must find it. */
export const SABOTAGED_TRADERS: readonly (readonly [name: string, ids: readonly string[], trader: MadeTrader])[] = [
  [
    'tells each fill under two names',
    ['C2', 'C3', 'C4', 'D3', 'E7'],
    telling((event) => {
      if (event.kind !== 'fill') return [event];
      times += 1;
      return [event, { ...event, fill: { ...event.fill, tradeId: `${event.fill.tradeId} ${times}` } }];
    }),
  ],
  ['forgets that an order must not take', ['C5', 'C9'], sending(() => ({ postOnly: false }))],
  ['lets everything rest', ['C6'], sending(() => ({ timeInForce: 'GTC' }))],
  ['forgets that an order must not open', ['C8', 'F1'], sending(() => ({ reduceOnly: false, type: 'market' }))],
  ['shortens names', ['C15'], sending(({ clientId }) => ({ clientId: clientId.slice(0, 20) }))],
  [
    'takes silence for a refusal',
    ['C11', 'D1', 'D2', 'D4', 'D5', 'D6'],
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
  ['has another name each time', ['A1'], other(() => ({ getAccountId: async () => `account ${(times += 1)}` }))],
  [
    'connects with any key',
    ['A2'],
    other((adapter) => ({ connect: (signal) => adapter.connect(signal).catch(() => undefined) })),
  ],
  [
    'gives no reasons',
    ['B3', 'B4', 'C10'],
    other((adapter) => ({
      placeOrder: async (request) => {
        const result = await adapter.placeOrder(request);
        return result.outcome === 'rejected' ? { ...result, reason: 'other' } : result;
      },
    })),
  ],
  [
    'takes no small orders',
    ['B5'],
    other((adapter) => ({
      placeOrder: async (request) =>
        request.lots > 1
          ? adapter.placeOrder(request)
          : { outcome: 'rejected', reason: 'min_notional', message: '', at: 0 },
    })),
  ],
  [
    'takes several or none',
    ['C12'],
    other((adapter) => ({
      placeOrders: async (requests) => {
        const results = await adapter.placeOrders(requests);
        const refusal = results.find(({ outcome }) => outcome === 'rejected');
        return refusal === undefined ? results : results.map(() => refusal);
      },
    })),
  ],
  ['makes names of its own', ['C16', 'D9'], sending(() => ({ clientId: `PB${(times += 1)}` }))],
  [
    'ends several by saying so',
    ['E5'],
    other(() => ({ cancelOrders: async (refs) => refs.map((ref) => ({ outcome: 'cancelled', ref, at: 0 })) })),
  ],
  [
    'changes orders by saying so',
    ['E6'],
    other(() => ({ amendOrder: async ({ ref }) => ({ outcome: 'unknown', ref, cause: 'nobody looked' }) })),
  ],
  [
    'tells fills of a stop under another name',
    ['F2'],
    telling((event) =>
      event.kind === 'fill' && event.fill.clientId === 'PB1'
        ? [{ ...event, fill: { ...event.fill, clientId: 'PB1-child' } }]
        : [event],
    ),
  ],
  [
    'keeps ends and what others do for itself',
    ['C14', 'F3', 'F4', 'G5', 'G6'],
    telling((event) => (event.kind === 'fill' || event.kind === 'funding' ? [event] : [])),
  ],
  [
    'ends only what waits for nothing',
    ['E4'],
    other((adapter) => ({
      cancelAll: async (symbol) => {
        const open = await adapter.listOpenOrders(symbol);
        const plain = open.filter(({ type }) => type === 'limit');
        return adapter.cancelOrders(plain.map(({ clientId = '', symbol: of }) => ({ clientId, symbol: of })));
      },
    })),
  ],
  [
    'tells funding under names of its own',
    ['G2'],
    telling((event) =>
      event.kind === 'funding' ? [{ ...event, payment: { ...event.payment, id: `at ${event.payment.at}` } }] : [event],
    ),
  ],
  [
    'waits for whoever does not answer',
    ['A7'],
    other((adapter) => ({
      placeOrder: (request) => adapter.placeOrder(request).then(() => new Promise(() => undefined)),
    })),
  ],
  [
    'tells half of what fills',
    ['C1'],
    telling((event) =>
      event.kind === 'fill'
        ? [{ ...event, fill: { ...event.fill, lots: lots(Math.ceil(event.fill.lots / 2)) } }]
        : [event],
    ),
  ],
  ['forgets when an order is to end', ['C7'], sending(() => ({ timeInForce: 'GTC', options: {} }))],
  ['never says that it hears nothing', ['H5', 'H6'], telling((event) => ('message' in event ? [] : [event]))],
  [
    'takes every end for a cancellation',
    ['C13'],
    telling((event) =>
      event.kind === 'order' && event.report.status === 'rejected_late'
        ? [{ ...event, report: { ...event.report, status: 'cancelled' } }]
        : [event],
    ),
  ],
  ['may whatever it likes', ['A8'], other(() => ({ describeAccount: async () => ({ permissions: { trade: true } }) }))],
  [
    'takes what is not to be found for what never was',
    ['D7', 'D8'],
    other((adapter) => ({
      getOrder: async (ref) => {
        const told = await adapter.getOrder(ref).catch(() => undefined);
        return told?.found === true ? told : { found: false };
      },
    })),
  ],
  [
    'follows at twice the distance',
    ['F5'],
    sending(({ options }) =>
      options?.trailBps === undefined ? {} : { options: { ...options, trailBps: options.trailBps * 2 } },
    ),
  ],
  ['knows of no transfers', ['G3'], other(() => ({ listTransfers: async () => [] }))],
  [
    'says nothing of causes',
    ['G4'],
    telling((event) => (event.kind === 'fill' ? [{ ...event, fill: without(event.fill, 'cause') }] : [event])),
  ],
  [
    'tells no fee but in what it settles in',
    ['G7'],
    telling((event) => (event.kind === 'fill' ? [{ ...event, fill: without(event.fill, 'fees') }] : [event])),
  ],
  [
    'turns no page',
    ['G9'],
    other((adapter) => ({ listFills: async (since) => ({ items: (await adapter.listFills(since)).items }) })),
  ],
  [
    'forgets that it was told to wait',
    ['H10'],
    (rig) => other(() => ({ listBalances: () => usdmTrader(rig).listBalances() }))(rig),
  ],
  ['winds up nothing', ['E8'], other(() => ({ setDeadMan: async () => undefined }))],
  [
    'sets nothing twice',
    ['G8'],
    other((adapter) => {
      let isSet = false;
      return {
        setMarginMode: async (symbol, mode) => {
          if (isSet) throw new Error('no need to change');
          isSet = true;
          await adapter.setMarginMode(symbol, mode);
        },
      };
    }),
  ],
  [
    'takes what is not to be had for flat',
    ['G1'],
    other((adapter) => ({ listPositions: () => adapter.listPositions().catch(() => []) })),
  ],
];
