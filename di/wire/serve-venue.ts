import { readFileSync } from 'node:fs';
import { RecordedSession } from '../../src/data/session/recorded-session.js';
import { Decimal } from '../../src/domain/decimal.js';
import { fault } from '../../src/domain/errors.js';
import type { InstrumentSpec } from '../../src/domain/instrument.js';
import { pathFault } from '../../src/flow/path-fault.js';
import { SeededRandom } from '../../src/platform/seeded-random.js';
import { HostTimers } from '../../src/platform/time/host-timers.js';
import { NodeHostClock } from '../../src/platform/time/node-host-clock.js';
import { NodeHttpServer } from '../../src/platform/transport/node-http-server.js';
import { NodeSocketServer } from '../../src/platform/transport/node-socket-server.js';
import { MarketDriver } from '../../src/ports/core-services/simulated-exchange.js';
import { TransportError } from '../../src/ports/transport/transport-error.js';
import type { ServedVenue, VenueServeRequest } from '../../src/ports/venue/serving/served-venue.js';
import { SimulatedVenue } from '../../src/venues/simulated/brokerage/venue.js';
import type { FaultTerms } from '../../src/wire/binance-usdm/faults/wire-fault-plan.js';
import { ExchangeTap } from '../../src/wire/binance-usdm/market/exchange-tap.js';
import { SessionPlayer } from '../../src/wire/binance-usdm/market/session-player.js';
import { WireMarket } from '../../src/wire/binance-usdm/market/wire-market.js';
import { UsdmServer } from '../../src/wire/binance-usdm/usdm-server.js';
import { createBot } from '../create-bot.js';
import { accountVenue } from './account-venue.js';
import { HostWorldClock } from './host-world-clock.js';
import { goingBy, type ServedTime } from './served-time.js';

const LOOPBACK = '127.0.0.1';

/** Markets of the wire, and whoever moves them. */
interface DrivenMarkets {
  readonly markets: ReadonlyMap<string, WireMarket>;
  readonly ended: Promise<void>;
  stop(): Promise<void> | void;
}

/** Opens a server of the market that is asked for. Throws DATA-*, STORE-003, and VENUE-002 where nobody can listen. */
export async function serveVenue({ market, port, keys = [], faults }: VenueServeRequest): Promise<ServedVenue> {
  const host = new NodeHostClock();
  const time: ServedTime = { clock: new HostWorldClock(host), scheduler: new HostTimers(host) };
  const driven = market.from === 'generated' ? generatedMarkets(market.seed, time) : sessionMarket(market, time);
  const { markets, ended } = driven;
  const sockets = new NodeSocketServer(time.scheduler);
  const server = new UsdmServer(
    { http: new NodeHttpServer(), sockets, ...time },
    {
      markets,
      accounts: keys.map((key) => ({ key, venue: () => accountVenue([...markets.values()].map(listed), time) })),
      faults: faults === undefined ? undefined : faultTerms(faults),
    },
  );
  try {
    const listening = await server.listen({ host: LOOPBACK, port });
    return {
      host: listening.host,
      port: listening.port,
      symbols: [...markets.keys()],
      ended,
      close: async () => {
        await listening.close();
        server.close();
        await driven.stop();
      },
    };
  } catch (error) {
    server.close();
    await driven.stop();
    if (!(error instanceof TransportError)) throw error;
    throw fault('VENUE-002', `${error.message}.`, {
      cause: error,
      fix: 'Choose another port, or 0 for one that is free.',
    });
  }
}

/** An account names a market as the wire does. */
const listed = ({ name, instrument }: WireMarket): InstrumentSpec => ({ ...instrument.spec, symbol: name });

const faultTerms = ({ names, chance, seed }: NonNullable<VenueServeRequest['faults']>): FaultTerms => ({
  faults: names,
  chance,
  random: new SeededRandom().stream('venue-faults', seed),
});

/** As the venue lists them; prices as of nobody's time. */
const GENERATED = {
  BTCUSDT: { base: 'BTC', tick: '0.1', step: '0.001', start: '50000' },
  ETHUSDT: { base: 'ETH', tick: '0.01', step: '0.001', start: '3000' },
} as const;

/** The exchange inside, with its generator and without a bot. */
function generatedMarkets(seed = 1, time: ServedTime): DrivenMarkets {
  const terms = {
    ...{ quote: 'USDT', settle: 'USDT', kind: 'perpetual', minNotional: '50', maxLeverage: '125' },
    ...{ makerFee: '0.02%', takerFee: '0.05%', maintenanceRate: '0.4%', fundingIntervalHours: 8 },
  };
  const symbols = Object.keys(GENERATED);
  const each = Object.entries(GENERATED);
  const { container } = createBot({
    config: {
      profile: 'demo',
      symbols,
      // What a minute of the past is made of.
      updateInterval: '1m',
      instruments: Object.fromEntries(
        each.map(([symbol, { base, tick, step }]) => [symbol, { base, tick, step, minSize: step, ...terms }]),
      ),
      simulation: { seed, startPrices: Object.fromEntries(each.map(([symbol, { start }]) => [symbol, start])) },
      storage: { driver: 'memory' },
      logging: { level: 'error' },
    },
    overrides: goingBy(time),
  });
  const driver = container.get(MarketDriver);
  void driver.start();
  const tap = new ExchangeTap(container.get(SimulatedVenue), symbols);
  return {
    markets: tap.markets,
    ended: driver.ended,
    stop: () => {
      tap.close();
      return driver.stop();
    },
  };
}

function sessionMarket(
  { file, symbol }: Extract<VenueServeRequest['market'], { from: 'session' }>,
  { clock, scheduler }: ServedTime,
): DrivenMarkets {
  const session = new RecordedSession(bytesOf(file), file, symbol);
  const market = new WireMarket(session.symbol, specOf(session));
  const player = new SessionPlayer(market, session.events(), clock, scheduler);
  player.start();
  return { markets: new Map([[market.name, market]]), ended: player.ended, stop: () => player.stop() };
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw pathFault({ must: `${file} must be a file that can be read`, where: file, code: 'DATA-002' }, error);
  }
}

const QUOTES = /(USDT|USDC|USD1|BUSD|FDUSD)$/;

/** A session says prices and sizes alone: the rest is as the venue lists its largest contracts. */
function specOf({ symbol, tick, step }: RecordedSession): InstrumentSpec {
  const quote = QUOTES.exec(symbol)?.[1] ?? 'USDT';
  return {
    symbol,
    base: symbol.endsWith(quote) ? symbol.slice(0, -quote.length) : symbol,
    quote,
    settle: quote,
    kind: 'perpetual',
    tick,
    step,
    minSize: step,
    minNotional: new Decimal(50),
    maxLeverage: new Decimal(125),
    makerFee: new Decimal('0.0002'),
    takerFee: new Decimal('0.0005'),
    maintenanceRate: new Decimal('0.004'),
    fundingIntervalHours: 8,
  };
}
