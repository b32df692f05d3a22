import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createBot } from '#di/create-bot.js';
import type { PerpsBot } from '#di/bot.js';
import { Decimal } from '#src/domain/decimal.js';
import type { Instrument } from '#src/domain/instrument.js';
import { lots, type MarkUnits } from '#src/domain/units.js';
import { tuneSeldom } from '#src/platform/engine-flags.js';
import { HostTimers } from '#src/platform/time/host-timers.js';
import { NodeHostClock } from '#src/platform/time/node-host-clock.js';
import { NodeSocketClient } from '#src/platform/transport/node-socket-client.js';
import { Secret } from '#src/ports/configuration/secret.js';
import { VenueCredentials } from '#src/ports/configuration/venue-credentials.js';
import { ExecutionCoordinator } from '#src/ports/core-services/execution.js';
import { ProductCatalogue } from '#src/ports/core-services/product-catalogue.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { machine, rounded, spreadOf } from './method.js';

/** As the server that measures has them: the first for the bare loop, one for each bot, all of them at once. */
const [BARE, MEMORY, DURABLE] = ['AAAUSDT', 'BBBUSDT', 'CCCUSDT'] as const;
const ALL = ['AAAUSDT', 'BBBUSDT', 'CCCUSDT', 'DDDUSDT', 'EEEUSDT'];
const ROUNDS = 15;
const SECONDS = 4;
const MOST = { p50: 1.5, p99: 2 } as const;
const MOST_SPREAD_MS = 5;
const ANSWER_MS = 200;

/**
 * From a frame of the venue to the order that answers it, both at the server: a whole live bot (frame, mark, every gate
 * of an order, signature, request) beside a loop that writes a fixed request when the price has moved. With a journal
 * that is in memory, and with one on the disk, where the order's intent is durable before its first byte leaves. Then
 * five orders of five symbols at once, whose answers take their time.
 */
export async function ordersBench(): Promise<Record<string, unknown>> {
  // As `perpsbot start` does for a live bot.
  tuneSeldom();
  const feed = await Feed.open();
  const directory = mkdtempSync(join(tmpdir(), 'pb-orders-'));
  const bare = await bareLoop(feed.address);
  const memory = await orderingBot(feed.address, 'memory', [MEMORY], { driver: 'memory' });
  const durable = await orderingBot(feed.address, 'durable', [DURABLE], { driver: 'sqlite', directory });
  const rounds: Record<string, number[][]> = { bare: [], memory: [], durable: [] };
  const turns = { bare: BARE, memory: MEMORY, durable: DURABLE };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const order = Object.entries(turns);
    for (const [name, symbol] of round % 2 === 0 ? order : order.reverse()) {
      const taken = await feed.run(symbol, SECONDS);
      // The first round is the compiler's.
      if (round > 0) rounds[name]?.push(taken);
    }
  }
  await memory.stop();
  await durable.stop();
  bare.close();
  const five = await fiveAtOnce(feed);
  feed.close();
  rmSync(directory, { recursive: true, force: true });
  const ratios = (name: string, part: number) =>
    spreadOf(
      (rounds[name] ?? []).map((taken, i) => at(taken, part) / at(rounds['bare']?.[i] ?? [], part)),
      2,
    );
  const told = Object.fromEntries(
    Object.entries(rounds).map(([name, taken]) => [
      name,
      {
        p50Ms: spreadOf(
          taken.map((each) => at(each, 0.5)),
          2,
        ),
        p99Ms: spreadOf(
          taken.map((each) => at(each, 0.99)),
          2,
        ),
        samples: taken.reduce((sum, each) => sum + each.length, 0),
      },
    ]),
  );
  const [p50, p99] = [ratios('memory', 0.5), ratios('memory', 0.99)];
  const isWhole = Object.values(rounds).every((taken) => taken.every(({ length }) => length >= SECONDS * 10 * 0.9));
  return {
    ok: isWhole && p50.median <= MOST.p50 && p99.median <= MOST.p99 && five.spreadMs <= MOST_SPREAD_MS,
    toOrder: { ratio: { p50, p99 }, most: MOST, ...told },
    durable: { ratio: { p50: ratios('durable', 0.5), p99: ratios('durable', 0.99) } },
    five,
    machine: machine(),
  };
}

function at(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** The server that measures, in a process of its own. */
class Feed {
  private readonly lines: string[] = [];
  private waiting: ((line: string) => void) | undefined;

  private constructor(
    private readonly child: ReturnType<typeof spawn>,
    readonly address: string,
  ) {}

  static async open(): Promise<Feed> {
    const child = spawn(process.execPath, ['.cache/programs/bench/order-feed.js'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    const address = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      child.once('exit', () => reject(new Error('The server ended before it served.')));
    });
    const feed = new Feed(child, address);
    lines.on('line', (line) => {
      if (feed.waiting === undefined) feed.lines.push(line);
      else feed.waiting(line);
      feed.waiting = undefined;
    });
    return feed;
  }

  async run(symbol: string, seconds: number): Promise<number[]> {
    return JSON.parse(await this.ask(`run ${symbol} ${seconds}`)) as number[];
  }

  async arrivals(): Promise<number[]> {
    return JSON.parse(await this.ask('five')) as number[];
  }

  delay(ms: number): void {
    this.child.stdin?.write(`delay ${ms}\n`);
  }

  close(): void {
    this.child.stdin?.end();
  }

  private ask(line: string): Promise<string> {
    this.child.stdin?.write(`${line}\n`);
    const known = this.lines.shift();
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => (this.waiting = resolve));
  }
}

/** A frame in, a fixed request out. */
async function bareLoop(address: string): Promise<{ close(): void }> {
  const client = new NodeSocketClient(new HostTimers(new NodeHostClock()));
  const agent = new Agent({ keepAlive: true, noDelay: true });
  const [host = '', port = ''] = address.split(':');
  let best = '';
  const socket = await client.open(
    `ws://${address}/stream?streams=${BARE.toLowerCase()}@bookTicker`,
    { timeoutMs: 5_000 },
    {
      message: (text) => {
        const begin = text.indexOf('"b":"') + 5;
        const price = text.slice(begin, text.indexOf('"', begin));
        if (price === best) return;
        const isFirst = best === '';
        best = price;
        if (isFirst) return;
        request({ host, port, agent, method: 'POST', path: '/fapi/v1/order?symbol=AAAUSDT&side=BUY' }, (answer) =>
          answer.resume(),
        ).end();
      },
      closed: () => undefined,
    },
  );
  return {
    close: () => {
      socket.reset();
      agent.destroy();
    },
  };
}

/** A whole live bot that orders as soon as a mark has moved. */
async function orderingBot(
  address: string,
  key: string,
  symbols: readonly string[],
  storage: object,
): Promise<OrderingBot> {
  const bot = createBot({
    config: {
      profile: 'prod',
      world: 'live',
      symbols: [...symbols],
      updateInterval: '1s',
      strategy: { disableNewEntries: true },
      venue: {
        name: 'binance-usdm',
        environment: 'testnet',
        restUrl: `http://${address}`,
        streamUrl: `ws://${address}`,
      },
      risk: {
        ...{ maxOrderNotional: '10000 USDT', maxGrossNotional: '100000 USDT', dailyLossLimit: '10000 USDT' },
        ...{
          maxLeverage: 3,
          maxDrawdown: '90%',
          maxPositionSize: '50000 USDT',
          priceCollar: '100bps',
          maxEquityAge: '10m',
        },
        ...{ ordersPerMinute: 100_000, maxUnattendedEntries: 1_000_000 },
      },
      storage,
      logging: { level: 'error' },
    },
    overrides: (container) => {
      const credentials: VenueCredentials = {
        read: () => Promise.resolve({ apiKey: new Secret(key), apiSecret: new Secret(`${key}-secret`) }),
      };
      container.rebind(VenueCredentials).toConstantValue(credentials);
    },
  });
  await bot.start();
  return new OrderingBot(bot);
}

class OrderingBot {
  private readonly instruments = new Map<string, Instrument>();
  private nth = 0;

  constructor(private readonly bot: PerpsBot) {
    const data = bot.container.get(MarketData);
    const accept = data.acceptMark.bind(data);
    const newest = new Map<string, MarkUnits>();
    data.acceptMark = (symbol, mark, stamp) => {
      accept(symbol, mark, stamp);
      const before = newest.get(symbol);
      if (before === mark) return;
      newest.set(symbol, mark);
      if (before !== undefined) this.order(symbol, mark);
    };
  }

  /** At a price that nobody gives, for now alone: it leaves, and ends. */
  order(symbol: string, mark: MarkUnits): void {
    const { container } = this.bot;
    const instrument = this.instruments.get(symbol) ?? container.get(ProductCatalogue).find(symbol);
    if (instrument === undefined) return;
    this.instruments.set(symbol, instrument);
    this.nth += 1;
    container.get(ExecutionCoordinator).executeIntent?.(
      {
        ...{ instrument, side: 'buy', type: 'limit', timeInForce: 'IOC', role: 'entry', lots: lots(2) },
        limit: instrument.toTicks(new Decimal(49_900), 'floor'),
        ...{ why: 'the mark has moved', tag: 'bench', nth: this.nth, strategy: 'bench', instance: `bench@${symbol}` },
      },
      mark,
      Date.now(),
    );
  }

  mark(symbol: string): MarkUnits | undefined {
    return this.bot.container.get(Portfolio).lastMark(symbol);
  }

  stop(): Promise<void> {
    return this.bot.stop().then(() => undefined);
  }
}

/** One order of each of five symbols in one turn; each answer comes after 200 ms. */
async function fiveAtOnce(feed: Feed): Promise<{ readonly spreadMs: number; readonly spreads: readonly number[] }> {
  const bot = await orderingBot(feed.address, 'five', ALL, { driver: 'memory' });
  feed.delay(ANSWER_MS);
  const spreads: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await feed.arrivals();
    for (const symbol of ALL) {
      const mark = bot.mark(symbol);
      if (mark !== undefined) bot.order(symbol, mark);
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const arrived = await feed.arrivals();
    spreads.push(arrived.length === ALL.length ? Math.max(...arrived) - Math.min(...arrived) : NaN);
  }
  feed.delay(0);
  await bot.stop();
  return { spreadMs: spreadOf(spreads, 2).median, spreads: spreads.map((each) => rounded(each, 2)) };
}
