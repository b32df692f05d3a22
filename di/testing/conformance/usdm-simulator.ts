import { Decimal, ZERO } from '../../../src/domain/decimal.js';
import type { Instrument, InstrumentSpec } from '../../../src/domain/instrument.js';
import { HOUR_MS } from '../../../src/domain/time-spans.js';
import { SeededRandom } from '../../../src/platform/seeded-random.js';
import type { HttpServed, HttpServer, ServedRequest } from '../../../src/ports/transport/http-server.js';
import type { ServedSocket, SocketServer } from '../../../src/ports/transport/socket-server.js';
import type { WireFault } from '../../../src/ports/venue/serving/wire-faults.js';
import { WireMarket } from '../../../src/wire/binance-usdm/market/wire-market.js';
import { receive } from '../../../src/wire/binance-usdm/account/outside-money.js';
import { UsdmServer } from '../../../src/wire/binance-usdm/usdm-server.js';
import type { SimulatedVenue } from '../../../src/venues/simulated/brokerage/venue.js';
import { accountVenue } from '../../wire/account-venue.js';
import type {
  AccountKey,
  AnswerFlaw,
  OrderForm,
  DrivenAccount,
  DrivenMarket,
  ScriptedAnswer,
  SimulatorRig,
  VenueSimulator,
} from './contract.js';
import { askedOrders, placesOrders, usdmAnswers } from './usdm-forms.js';

const GOING_AWAY = 1_001;
const KEY: AccountKey = { apiKey: 'conformance-key', apiSecret: 'conformance-secret' };
const FINDS = /^GET \/fapi\/v1\/(?:order|algoOrder)\?/;
const NOT_FOUND = { status: 400, body: JSON.stringify({ code: -2013, msg: 'Order does not exist.' }) };
const HOST = '127.0.0.1';

/** As the venue would list them, to the last field that it has a word for. */
const listed = (base: string, tick: string, fundingIntervalHours: number): InstrumentSpec => ({
  symbol: `${base}USDT`,
  base,
  quote: 'USDT',
  settle: 'USDT',
  kind: 'perpetual',
  tick: new Decimal(tick),
  step: new Decimal('0.001'),
  minSize: new Decimal('0.001'),
  maxSize: new Decimal('1000'),
  maxMarketSize: new Decimal('120'),
  minNotional: new Decimal(5),
  band: { above: new Decimal('0.05'), below: new Decimal('0.05') },
  status: 'trading',
  maxLeverage: new Decimal(125),
  makerFee: new Decimal('0.0002'),
  takerFee: new Decimal('0.0005'),
  maintenanceRate: new Decimal('0.004'),
  fundingIntervalHours,
  liquidationFee: new Decimal('0.0125'),
});

/** Binance USD-M's protocol, for adapters of any make: the server of `perpsbot venue serve` in memory. */
export async function usdmSimulator(rig: SimulatorRig): Promise<VenueSimulator> {
  const { clock, scheduler } = rig;
  const markets = [listed('BTC', '0.1', 8), listed('ETH', '0.01', 4)].map((spec) => new WireMarket(spec.symbol, spec));
  const names: WireFault[] = [];
  const flaws = new Map<string, AnswerFlaw>();
  const sockets = new Set<ServedSocket>();
  const http: HttpServer = {
    listen: (options, handler) =>
      rig.http.listen({ ...options, log: rig.log }, async (request) => {
        if (isForgetful && FINDS.test(`${request.method} ${request.target}`)) return NOT_FOUND;
        if (!placesOrders(request)) return flawed(request, await handler(request), flaws);
        placed.push(request);
        if (scripted?.isDone !== false) {
          const reply = await handler(request);
          if (scripted === undefined) return reply;
        }
        return { status: scripted.status, body: scripted.body };
      }),
  };
  let venue: SimulatedVenue | undefined;
  let isForgetful = false;
  let scripted: ScriptedAnswer | undefined;
  const placed: ServedRequest[] = [];
  const time = { clock: { now: () => clock.now(), set: () => undefined }, scheduler };
  const server = new UsdmServer(
    { http, sockets: remembering(rig.sockets, sockets), clock, scheduler },
    {
      markets: new Map(markets.map((market) => [market.name, market])),
      accounts: [
        {
          key: { key: KEY.apiKey, secret: KEY.apiSecret },
          venue: () => (venue = accountVenue(markets.map(listedNow), time)),
        },
      ],
      faults: { faults: names, chance: 1, random: new SeededRandom().stream('conformance', 1) },
    },
  );
  const driven = markets.map((market, place) => drive(market, new Decimal(place === 0 ? 50_000 : 3_000), rig));
  const { host, port, close } = await listening(server);
  const [first, second, ...others] = driven;
  return {
    markets: [first as DrivenMarket, second as DrivenMarket, ...others],
    account: {
      key: KEY,
      held: (symbol) => {
        const { position } = venue?.markets.get(symbol) ?? {};
        return position === undefined ? ZERO : position.instrument.size(position.lots);
      },
      open: () => openNames(server),
      placed: () => placed.length,
      asked: () => placed.flatMap<OrderForm>(askedOrders),
      ...drivenMoney(server),
    },
    close: async () => {
      await close();
      server.close();
    },
    wire: {
      restUrl: `http://${host}:${port}`,
      streamUrl: `ws://${host}:${port}`,
      faults: (chosen) => {
        names.splice(0, names.length, ...chosen);
      },
      flaw: (flaw, symbol) => {
        if (flaw === undefined) flaws.delete(symbol);
        else flaws.set(symbol, flaw);
      },
      answers: usdmAnswers(KEY),
      answer: (chosen) => {
        scripted = chosen;
      },
      forget: (wanted) => {
        isForgetful = wanted;
      },
      say: (text) => {
        for (const socket of sockets) socket.send(text);
      },
      goAway: () => {
        for (const socket of sockets) socket.close(GOING_AWAY, 'going away');
      },
    },
  };
}

/** An account names a market as the wire does. */
const listedNow = ({ name, instrument }: WireMarket): InstrumentSpec => ({ ...instrument.spec, symbol: name });

/** Where another asset than that of settlement moves: what one of it is worth. */
const ELSEWHERE = { asset: 'BNB', price: new Decimal(600) };
const INCOME = { transfer: 'TRANSFER', bonus: 'WELCOME_BONUS', conversion: 'AUTO_EXCHANGE' } as const;

function drivenMoney({
  accounts,
}: UsdmServer): Pick<DrivenAccount, 'charged' | 'receive' | 'chargeElsewhere' | 'allow'> {
  const account = () => {
    const standing = accounts.standing(KEY.apiKey)?.account;
    if (standing === undefined) throw new Error('Nobody has asked for the account yet.');
    return standing;
  };
  return {
    charged: () =>
      account()
        .past.trades.of(undefined, account().now)
        .map(({ fee, feeAsset }) => ({ asset: feeAsset, amount: fee.negated() })),
    receive: (kind, amount) =>
      receive(account(), INCOME[kind], amount, kind === 'conversion' ? ELSEWHERE.asset : undefined),
    chargeElsewhere: () => {
      account().feesIn = ELSEWHERE;
    },
    allow: ({ trade }) => {
      account().mayTrade = trade;
    },
  };
}

const openNames = ({ accounts }: UsdmServer): readonly string[] =>
  [...(accounts.standing(KEY.apiKey)?.account.register.live ?? [])].map(({ clientId }) => clientId);

async function listening(server: UsdmServer) {
  const open = await server.listen({ host: HOST, port: 0 });
  return { host: open.host, port: open.port, close: () => open.close() };
}

/** Keeps those that are open. */
const remembering = (server: SocketServer, open: Set<ServedSocket>): SocketServer => ({
  attach: (at, accept) =>
    server.attach(at, (request) => {
      const taken = accept(request);
      if (typeof taken === 'number') return taken;
      return (socket) => {
        open.add(socket);
        const sink = taken(socket);
        return {
          message: (text) => sink.message(text),
          ping: () => sink.ping?.(),
          pong: () => sink.pong?.(),
          closed: (code, reason) => {
            open.delete(socket);
            sink.closed(code, reason);
          },
        };
      };
    }),
});

function drive(market: WireMarket, price: Decimal, { clock }: SimulatorRig): DrivenMarket {
  const { tick } = market.instrument.spec;
  const level = (away: number, size: string) => ({ price: price.plus(tick.times(away)), size: new Decimal(size) });
  market.show([level(0, '2'), level(-7, '5')], [level(30, '1.5'), level(41, '4')], clock.now());
  market.value(price, price, clock.now());
  market.funding(new Decimal('0.0001'), Math.ceil((clock.now() + 1) / HOUR_MS) * HOUR_MS);
  const { name } = market;
  return {
    symbol: name,
    get spec() {
      return market.instrument.spec;
    },
    update: (bids, asks) => market.update(bids, asks, clock.now()),
    trade: (at, size, aggressor) => market.trade(at, size, clock.now(), aggressor),
    value: (mark, index) => market.value(mark, index, clock.now()),
    funding: (rate, nextAt) => market.funding(rate, nextAt),
    redefine: (change) => market.redefine(change),
    best: (side) => bestOf(market, market.instrument, side),
  };
}

function bestOf({ book }: WireMarket, instrument: Instrument, side: 'buy' | 'sell') {
  const { best, bestLots } = book.beside(side);
  return Number.isNaN(best) ? undefined : { price: instrument.price(best), size: instrument.size(bestLots) };
}

interface ListedSymbol extends Record<string, unknown> {
  readonly filters: object[];
}

/** An answer of which something is wrong, its connection whole. */
function flawed({ target }: ServedRequest, reply: HttpServed, flaws: ReadonlyMap<string, AnswerFlaw>): HttpServed {
  if (typeof reply === 'string' || reply.status !== 200 || flaws.size === 0) return reply;
  const said = JSON.parse(reply.body) as Record<string, unknown>;
  const asked = /[?&]symbol=(\w+)/.exec(target)?.[1] ?? '';
  if (target.includes('/depth?') && flaws.get(asked) === 'zero level')
    (said['bids'] as unknown[]).unshift([String(1e6), '0.000']);
  else if (target.endsWith('/exchangeInfo'))
    for (const row of said['symbols'] as ListedSymbol[]) spoil(row, flaws.get(String(row['symbol'])));
  else return reply;
  return { ...reply, body: JSON.stringify(said) };
}

function spoil(row: ListedSymbol, flaw: AnswerFlaw | undefined): void {
  if (flaw === 'unknown status') row['status'] = 'NEXT_YEARS_STATUS';
  else if (flaw === 'unknown filter') row.filters.push({ filterType: 'NEXT_YEARS_FILTER', limit: '1' });
  else if (flaw === 'extra field') row['nextYear'] = { is: 'near' };
  else if (flaw === 'missing field') delete (row.filters[0] as Record<string, unknown>)['tickSize'];
}
