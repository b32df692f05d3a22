import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createBot, defineStrategy, type PerpsBot } from 'perpsbot';
import { parse } from 'yaml';
import { serveVenue } from '#di/wire/serve-venue.js';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument } from '#src/domain/instrument.js';
import { OrderRequest, type OrderTerms } from '#src/domain/order.js';
import { lots } from '#src/domain/units.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { HostTimers } from '#src/platform/time/host-timers.js';
import { hostTime } from '#src/platform/time/host-time.js';
import { NodeHttpClient } from '#src/platform/transport/node-http-client.js';
import { NodeSocketClient } from '#src/platform/transport/node-socket-client.js';
import { Secret } from '#src/ports/configuration/secret.js';
import type { ServedVenue, VenueServeRequest } from '#src/ports/venue/serving/served-venue.js';
import type { VenueOrder } from '#src/ports/venue/venue-order.js';
import { usdmHosts } from '#src/venues/binance-usdm/hosts.js';
import { UsdmVenue } from '#src/venues/binance-usdm/usdm-venue.js';
import { perpsbotNow, type Said } from '../../support/command-line.js';

const PAGE = readFileSync('docs/venue-simulator.md', 'utf8');
const SYMBOL = 'BTCUSDT';
const KEY = { key: 'test', secret: 'test-secret' };
const LOOK_MS = 100;
const WITHIN_MS = 20_000;

/** Enters once, with a stop far away. */
function holder(): ReturnType<typeof defineStrategy> {
  let hasEntered = false;
  return defineStrategy({
    name: 'holder',
    timeframe: '1m',
    setup: () => ({}),
    every: {
      '1s'({ long, mark, position }) {
        if (hasEntered || !position.isFlat) return;
        hasEntered = true;
        long({ why: 'in', quantity: new Decimal('0.01'), stop: Math.round(mark * 0.9) });
      },
    },
    onBar() {},
  });
}

/** A served venue over real sockets, a bot that lives on it, and a person at the venue with the same key. */
export class Operated {
  readonly hand: UsdmVenue;
  readonly state: string;
  private readonly http = new NodeHttpClient(new HostTimers(hostTime));
  private instrument: Instrument | undefined;

  private constructor(
    readonly served: ServedVenue,
    readonly directory: string,
  ) {
    const address = `${served.host}:${served.port}`;
    this.state = join(directory, 'state');
    const scheduler = new HostTimers(hostTime);
    this.hand = new UsdmVenue(
      {
        ...{ http: this.http, sockets: new NodeSocketClient(scheduler), scheduler },
        ...{ clock: { now: () => hostTime.wall() }, ticker: { now: () => hostTime.monotonic() } },
        warn: () => undefined,
        readKey: () => Promise.resolve({ apiKey: new Secret(KEY.key), apiSecret: new Secret(KEY.secret) }),
        jitter: new SeededRandom().stream('hand', 1),
        symbols: () => [SYMBOL],
      },
      usdmHosts({ environment: 'testnet', restUrl: `http://${address}`, streamUrl: `ws://${address}` }),
    );
  }

  static async serve(
    name: string,
    change: (yaml: string) => string = (yaml) => yaml,
    key: { readonly mayWithdraw?: boolean } = {},
    more: Partial<Pick<VenueServeRequest, 'market' | 'faults'>> = {},
  ): Promise<Operated> {
    const keys = [{ ...KEY, ...key }];
    const market = { from: 'generated' } as const;
    const served = await serveVenue({ protocol: 'binance-usdm', market, port: 0, keys, ...more });
    const directory = resolve('.cache', name);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const own = new Operated(served, directory);
    const block = /```yaml\n# live.yaml\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? '';
    const text = block
      .replaceAll('127.0.0.1:8790', `127.0.0.1:${served.port}`)
      .replaceAll(/file: (api-\w+)/g, `file: ${directory}/$1`);
    own.write('live.yaml', change(text));
    own.write('api-key', KEY.key);
    own.write('api-secret', KEY.secret);
    await own.hand.connect();
    const [spec] = await own.hand.listProducts();
    own.instrument = new Instrument(spec as NonNullable<typeof spec>);
    return own;
  }

  /** A bot of the configuration, in this process. */
  bot(strategy = holder(), more: Parameters<typeof createBot>[0] = {}, state = this.state): PerpsBot {
    const config = parse(readFileSync(join(this.directory, 'live.yaml'), 'utf8')) as object;
    return createBot({
      ...more,
      config: {
        ...config,
        strategy: { name: strategy.name },
        storage: { driver: 'sqlite', directory: state },
        logging: { level: 'error' },
      },
      strategies: [strategy],
    });
  }

  /** A command of an operator of this bot. */
  perpsbot(...words: readonly string[]): Promise<Said> {
    return perpsbotNow(...words, '--config', join(this.directory, 'live.yaml'), '--state', this.state, '--json');
  }

  /** By hand, past every bot. */
  async place(clientId: string, terms: Partial<OrderTerms> = {}): Promise<void> {
    const instrument = this.instrument as Instrument;
    const { bid } = await this.hand.getQuote(SYMBOL);
    const far = instrument.toTicks((bid ?? instrument.spec.tick).times('0.97'), 'floor');
    const result = await this.hand.placeOrder(
      new OrderRequest({
        ...{ clientId, instrument, side: 'buy', type: 'limit', lots: lots(10), timeInForce: 'GTC' },
        ...{ postOnly: false, reduceOnly: false },
        ...(terms.type === undefined || terms.type === 'limit' ? { limit: far } : {}),
        ...terms,
      }),
    );
    if (result.outcome !== 'accepted') throw new Error(JSON.stringify(result));
  }

  async open(): Promise<readonly VenueOrder[]> {
    return this.hand.listOpenOrders(SYMBOL);
  }

  /** Lots that the venue holds. */
  async held(): Promise<number> {
    const [position] = await this.hand.listPositions();
    return position === undefined ? 0 : (this.instrument as Instrument).toLots(position.size, 'nearest');
  }

  async close(): Promise<void> {
    await this.hand.disconnect();
    this.http.close();
    await this.served.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  write(name: string, text: string): void {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    chmodSync(path, 0o600);
  }
}

/** What must come about within some seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + WITHIN_MS; performance.now() < end;) {
    if (await holds()) return;
    await new Promise((turn) => setTimeout(turn, LOOK_MS));
  }
  throw new Error(`${what} must come about within ${WITHIN_MS} ms, and has not`);
}
