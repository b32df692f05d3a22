import { Decimal } from '#src/domain/decimal.js';
import type { InstrumentSpec } from '#src/domain/instrument.js';
import type { AdapterRig, MarketAdapter } from '#di/testing/conformance/contract.js';
import type { MarketEvent } from '#src/ports/venue/market-event.js';
import { usdmAdapter } from './binance-conforming.js';

type Made = (rig: AdapterRig) => MarketAdapter;

/** An adapter of which some members are others. */
const other =
  (change: (adapter: MarketAdapter, rig: AdapterRig) => Partial<MarketAdapter>): Made =>
  (rig) => {
    const adapter = usdmAdapter(rig);
    const changed = change(adapter, rig);
    return new Proxy(adapter, {
      get: (target, name) => {
        const value: unknown = name in changed ? Reflect.get(changed, name) : Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(name in changed ? changed : target) as unknown) : value;
      },
    });
  };

/** What it tells is what becomes of it. */
const telling = (becomes: (event: MarketEvent) => readonly MarketEvent[]): Made =>
  other((adapter) => ({
    openBook: (symbols, level, sink, signal) =>
      adapter.openBook(
        symbols,
        level,
        (event) => {
          for (const each of becomes(event)) sink(each);
        },
        signal,
      ),
  }));

const listing = (change: (spec: InstrumentSpec) => InstrumentSpec): Made =>
  other((adapter) => ({ listProducts: async () => (await adapter.listProducts()).map(change) }));

const isDoubt = ({ kind }: MarketEvent): boolean => kind === 'gap' || kind === 'stale' || kind === 'closed';

/** Sockets on which nobody hears what is wrong. */
const overSockets =
  (change: (text: string) => string): Made =>
  (rig) =>
    usdmAdapter({
      ...rig,
      sockets: {
        open: (url, options, sink) =>
          rig.sockets.open(url, options, { ...sink, message: (text) => sink.message(change(text)) }),
      },
    });

/** What is wrong with each, and the scenarios that must find it. */
export const SABOTAGED: readonly (readonly [name: string, ids: readonly string[], adapter: Made])[] = [
  [
    'takes its own clock for that of the venue',
    ['A3'],
    other((_, { clock }) => ({ getServerTime: async () => clock.now() })),
  ],
  ['calls everything a testnet', ['A4'], other(() => ({ environment: 'testnet' }))],
  [
    'asks again and again at once',
    ['A5', 'H11'],
    other((adapter) => ({
      openBook: async (...asked) => {
        for (let time = 0; time < 40; time += 1)
          try {
            return await adapter.openBook(...asked);
          } catch {
            // Once more.
          }
        return adapter.openBook(...asked);
      },
    })),
  ],
  [
    'believes every certificate',
    ['A6'],
    other((adapter) => ({ listProducts: () => adapter.listProducts().catch(() => []) })),
  ],
  ['knows prices only by a tenth', ['B1'], listing((spec) => ({ ...spec, tick: spec.tick.times(10) }))],
  [
    'makes up what it cannot read',
    ['B2'],
    other((adapter) => ({
      listProducts: async () => {
        const specs = await adapter.listProducts();
        const [like] = specs;
        const isThere = specs.some(({ symbol }) => symbol === 'BTCUSDT');
        return isThere || like === undefined ? specs : [...specs, { ...like, symbol: 'BTCUSDT' }];
      },
    })),
  ],
  ['never says that a rule is another', ['B6'], telling((event) => (event.kind === 'instrument' ? [] : [event]))],
  [
    'pays funding every eight hours',
    ['B7'],
    telling((event) => [event.kind === 'mark' ? { ...event, nextFundingAt: event.at } : event]),
  ],
  [
    'leaves every twentieth level out',
    ['H1'],
    (() => {
      let levels = 0;
      return telling((event) => [
        event.kind === 'depth' && event.type === 'change'
          ? { ...event, bids: event.bids.filter(() => (levels += 1) % 20 !== 0) }
          : event,
      ]);
    })(),
  ],
  ['keeps its doubts for itself', ['H2', 'H3', 'H4', 'H7'], telling((event) => (isDoubt(event) ? [] : [event]))],
  [
    'falls over a message that is none',
    ['H8'],
    overSockets((text) => {
      if (!text.includes('"stream"')) throw new TypeError('no such stream');
      return text;
    }),
  ],
  [
    'reads nothing for zero',
    ['H9'],
    telling((event) => [event.kind === 'mark' ? { ...event, mark: new Decimal(Number.NaN) } : event]),
  ],
  ['forgets when it was', ['H12'], telling((event) => ['at' in event ? { ...event, at: Date.UTC(2100, 0) } : event])],
];
