import { createInterface } from 'node:readline';
import { accountVenue } from '#di/wire/account-venue.js';
import { HostWorldClock } from '#di/wire/host-world-clock.js';
import { Decimal } from '#src/domain/decimal.js';
import { HostTimers } from '#src/platform/time/host-timers.js';
import { NodeHostClock } from '#src/platform/time/node-host-clock.js';
import { NodeHttpServer } from '#src/platform/transport/node-http-server.js';
import { NodeSocketServer } from '#src/platform/transport/node-socket-server.js';
import type { HttpServer } from '#src/ports/transport/http-server.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { WireMarket } from '#src/wire/binance-usdm/market/wire-market.js';
import { UsdmServer } from '#src/wire/binance-usdm/usdm-server.js';

/**
 * A process that serves several markets and one account, and measures: from writing a frame whose price has moved to
 * the last byte of the order that answers it. Told by lines on its standard input: `run SYMBOL SECONDS` moves one
 * market a thousand times a second, its price ten times; `delay MS` holds back answers to orders; `five` tells when the
 * newest orders arrived.
 */
export const SYMBOLS = ['AAAUSDT', 'BBBUSDT', 'CCCUSDT', 'DDDUSDT', 'EEEUSDT'] as const;
const FRAMES_PER_S = 1_000;
const FRAMES_PER_MOVE = 100;
const LEVELS = 50;

const host = new NodeHostClock();
const [clock, scheduler] = [new HostWorldClock(host), new HostTimers(host)];
const terms = { tick: new Decimal('0.1'), step: new Decimal('0.001'), quote: 'USDT', settle: 'USDT' };
const markets = new Map(
  SYMBOLS.map((symbol) => [
    symbol as string,
    new WireMarket(symbol, instrumentSpec({ ...terms, symbol, base: symbol.slice(0, 3) })),
  ]),
);
const at = (price: number, size: number): { price: Decimal; size: Decimal } => ({
  price: new Decimal(price).div(10),
  size: new Decimal(size).div(1_000),
});
const side = (best: number, step: number): ReturnType<typeof at>[] =>
  Array.from({ length: LEVELS }, (_, i) => at(best + i * step, 5_000 + i));
for (const market of markets.values()) {
  market.show(side(500_000, -1), side(500_010, 1), clock.now());
  market.value(new Decimal(50_000), new Decimal(50_000), clock.now());
  market.funding(new Decimal('0.0001'), clock.now() + 3_600_000);
}

let [movedAt, delayMs] = [NaN, 0];
let taken: number[] = [];
let arrivals: number[] = [];
const plain = new NodeHttpServer();
const http: HttpServer = {
  listen: (options, handler) =>
    plain.listen(options, async (request) => {
      if (request.method !== 'POST' || !request.target.includes('/order')) return handler(request);
      const now = performance.now();
      arrivals.push(now);
      if (!Number.isNaN(movedAt)) taken.push(now - movedAt);
      movedAt = NaN;
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      return handler(request);
    }),
};
const server = new UsdmServer(
  { http, sockets: new NodeSocketServer(scheduler), clock, scheduler },
  {
    markets,
    // One for each bot: none knows the others' orders.
    accounts: ['memory', 'durable', 'five'].map((key) => ({
      key: { key, secret: `${key}-secret` },
      venue: () =>
        accountVenue(
          [...markets.values()].map(({ name, instrument }) => ({ ...instrument.spec, symbol: name })),
          { clock, scheduler },
        ),
    })),
  },
);
const listening = await server.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${listening.host}:${listening.port}\n`);

function run(symbol: string, seconds: number): void {
  const market = markets.get(symbol);
  if (market === undefined) throw new Error(`${symbol} is not served`);
  taken = [];
  let moved = 0;
  const begun = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1_000) * FRAMES_PER_S);
    for (; moved < due; moved += 1) {
      const now = clock.now();
      if (moved % FRAMES_PER_MOVE === FRAMES_PER_MOVE - 1) {
        // Half a spread up or down: the mark moves, and nothing crosses.
        const isUp = Math.floor(moved / FRAMES_PER_MOVE) % 2 === 0;
        movedAt = performance.now();
        market.update([at(500_002, isUp ? 3_000 : 0)], [], now);
      } else market.update([], [at(500_010, 1_000 + (moved % 4_000))], now);
    }
    if (moved < seconds * FRAMES_PER_S) return;
    clearInterval(timer);
    // What is on its way arrives.
    setTimeout(() => process.stdout.write(`${JSON.stringify(taken)}\n`), 200);
  }, 1);
}

const values = setInterval(() => {
  for (const market of markets.values()) market.value(new Decimal(50_000), new Decimal(50_000), clock.now());
}, 1_000);
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [word = '', first = '', second = ''] = line.split(' ');
    if (word === 'run') run(first, Number(second));
    else if (word === 'delay') delayMs = Number(first);
    else if (word === 'five') {
      process.stdout.write(`${JSON.stringify(arrivals)}\n`);
      arrivals = [];
    }
  })
  // Whoever asked for it has gone.
  .on('close', () => {
    clearInterval(values);
    void listening.close().then(() => process.exit(0));
  });
