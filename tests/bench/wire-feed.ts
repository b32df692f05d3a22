import { HostWorldClock } from '#di/wire/host-world-clock.js';
import { Decimal } from '#src/domain/decimal.js';
import { HostTimers } from '#src/platform/time/host-timers.js';
import { NodeHostClock } from '#src/platform/time/node-host-clock.js';
import { NodeHttpServer } from '#src/platform/transport/node-http-server.js';
import { NodeSocketServer } from '#src/platform/transport/node-socket-server.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { WireMarket } from '#src/wire/binance-usdm/market/wire-market.js';
import { UsdmServer } from '#src/wire/binance-usdm/usdm-server.js';

/** A process that serves one market whose best prices move so often: `node wire-feed.js RATE SECONDS`. */
const [rate, seconds] = process.argv.slice(2).map(Number) as [number, number];
const STEP_MS = 10;
const LEVELS = 200;

const market = new WireMarket(
  'BTCUSDT',
  instrumentSpec({
    ...{ symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', settle: 'USDT' },
    ...{ tick: new Decimal('0.1'), step: new Decimal('0.001') },
  }),
);
const at = (price: number, size: number): { price: Decimal; size: Decimal } => ({
  price: new Decimal(price).div(10),
  size: new Decimal(size).div(1_000),
});
const host = new NodeHostClock();
const [clock, scheduler] = [new HostWorldClock(host), new HostTimers(host)];
const side = (best: number, step: number): ReturnType<typeof at>[] =>
  Array.from({ length: LEVELS }, (_, i) => at(best + i * step, 5_000 + i));
market.show(side(500_000, -1), side(500_001, 1), clock.now());
market.value(new Decimal(50_000), new Decimal(50_000), clock.now());
market.funding(new Decimal('0.0001'), clock.now() + 3_600_000);

const server = new UsdmServer(
  { http: new NodeHttpServer(), sockets: new NodeSocketServer(scheduler), clock, scheduler },
  { markets: new Map([[market.name, market]]), accounts: [] },
);
const listening = await server.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${listening.host}:${listening.port}\n`);

let moved = 0;
const begun = performance.now();
const timer = setInterval(() => {
  const now = clock.now();
  const due = Math.floor(((performance.now() - begun) / 1_000) * rate);
  for (; moved < due; moved += 1) {
    const size = 1_000 + (moved % 4_000);
    if (moved % 2 === 0) market.update([at(500_000, size)], [], now);
    else market.update([], [at(500_001, size)], now);
    if (moved % 20 === 0) market.trade(new Decimal('50000.1'), new Decimal('0.001'), now);
  }
  market.value(new Decimal(50_000).plus(moved % 7), new Decimal(50_000), now);
}, STEP_MS);

const end = (): void => {
  clearInterval(timer);
  void listening.close().then(() => process.exit(0));
};
setTimeout(end, seconds * 1_000);
// Whoever asked for it has gone.
process.stdin.on('end', end).resume();
