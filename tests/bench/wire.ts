import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { openPublicMarket } from '#di/wire/public-market.js';
import { createBot } from '#di/create-bot.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { StrategyOrchestrator } from '#src/ports/core-services/strategy.js';
import { HostTimers } from '#src/platform/time/host-timers.js';
import { NodeHostClock } from '#src/platform/time/node-host-clock.js';
import { NodeSocketClient } from '#src/platform/transport/node-socket-client.js';
import type { PublicMarket } from '#src/ports/venue/public-market.js';
import { testConfig } from '../support/config.js';
import { collect, machine, rounded } from './method.js';

const FRAMES_PER_S = 5_000;
const MEASURED_S = 10;
const WARMING_S = 5;
const HALF_S = 60;
const SOAK_S = 15 * 60;
/** Of a client that only counts, and how much later than in the beginning a mark may be at the end. */
const GOAL = 0.15;
const MOST_GROWTH_MS = 100;
const MOST_MB_PER_MINUTE = 1;

/**
 * From a socket to the accepted mark and to the strategy's turn, through all that paper does on a venue's market:
 * processor time a frame of best prices, beside a client that only counts them. Then a minute at half of what one core
 * can, in which what is heard must not be later and later. The server is a process of its own.
 */
export async function wireBench(): Promise<Record<string, unknown>> {
  const counted = await withFeed(FRAMES_PER_S, WARMING_S + MEASURED_S, countOnly);
  const whole = await withFeed(FRAMES_PER_S, WARMING_S + MEASURED_S + 10, (feed) => throughBot(feed, MEASURED_S));
  const ratio = counted.usPerFrame / whole.usPerFrame;
  const halfRate = Math.floor(0.5e6 / whole.usPerFrame);
  const half = await withFeed(halfRate, WARMING_S + HALF_S + 10, (feed) => throughBot(feed, HALF_S));
  const growthMs = medianOf(half.lagMs.slice(-10)) - medianOf(half.lagMs.slice(0, 10));
  return {
    ok: ratio >= GOAL && growthMs <= MOST_GROWTH_MS && whole.marks > 0 && whole.turns > 0,
    ratio: rounded(ratio, 3),
    goal: GOAL,
    counting: counted,
    whole: shown(whole),
    half: { asked: halfRate, ...shown(half), growthMs: rounded(growthMs, 1) },
    machine: machine(),
  };
}

/** A quarter of an hour at 5,000 frames a second: what is kept must not grow. */
export async function soakBench(): Promise<Record<string, unknown>> {
  const seconds = Number(process.argv.find((word) => word.startsWith('--seconds='))?.slice(10) ?? SOAK_S);
  const whole = await withFeed(FRAMES_PER_S, WARMING_S + seconds + 10, (feed) => throughBot(feed, seconds));
  // The first part is what a process comes to; later it stands.
  const mb = whole.heapMb.slice(Math.floor(whole.heapMb.length / 5));
  const perMinute = slopeOf(mb) * 60;
  return {
    ok: perMinute < MOST_MB_PER_MINUTE,
    mbPerMinute: rounded(perMinute, 3),
    bound: MOST_MB_PER_MINUTE,
    seconds,
    firstMb: rounded(mb[0] ?? NaN, 1),
    lastMb: rounded(mb.at(-1) ?? NaN, 1),
    ...shown(whole),
    machine: machine(),
  };
}

interface Counted {
  readonly frames: number;
  readonly perSecond: number;
  readonly usPerFrame: number;
}

interface Through extends Counted {
  readonly marks: number;
  readonly turns: number;
  /** Of each second: from the venue's stamp to the accepted mark at most, and what the heap holds. */
  readonly lagMs: readonly number[];
  readonly heapMb: readonly number[];
}

const shown = ({ lagMs, heapMb, ...rest }: Through): Record<string, unknown> => ({
  ...rest,
  lagMs: { median: rounded(medianOf(lagMs), 1), max: rounded(Math.max(...lagMs), 1) },
  heapMb: rounded(heapMb.at(-1) ?? NaN, 1),
});

async function withFeed<T>(rate: number, seconds: number, use: (address: string) => Promise<T>): Promise<T> {
  const child = spawn(process.execPath, ['.cache/programs/bench/wire-feed.js', String(rate), String(seconds + 30)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const address = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('exit', () => reject(new Error('The server ended before it served.')));
    });
    return await use(address);
  } finally {
    child.kill();
  }
}

async function countOnly(address: string): Promise<Counted> {
  const client = new NodeSocketClient(new HostTimers(new NodeHostClock()));
  let frames = 0;
  const streams = 'btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@markPrice@1s';
  const socket = await client.open(
    `ws://${address}/stream?streams=${streams}`,
    { timeoutMs: 5_000 },
    {
      message: (text) => {
        if (text.includes('"e":"bookTicker"')) frames += 1;
      },
      closed: () => undefined,
    },
  );
  await sleep(WARMING_S);
  const result = await measured(MEASURED_S, () => frames);
  socket.reset();
  return result;
}

async function throughBot(address: string, seconds: number): Promise<Through> {
  let [frames, marks, turns, lag] = [0, 0, 0, 0];
  const market: PublicMarket = openPublicMarket(
    {
      name: 'binance-usdm',
      environment: 'testnet',
      restUrl: `http://${address}`,
      streamUrl: `ws://${address}`,
      maxLagMs: 60_000,
    },
    () => undefined,
    (text) => {
      if (text.includes('"e":"bookTicker"')) frames += 1;
    },
  );
  const instruments = Object.fromEntries((await market.listProducts()).map((spec) => [spec.symbol, spec]));
  const bot = createBot({
    config: testConfig({
      symbols: ['BTCUSDT'],
      instruments,
      updateIntervalMs: 1_000,
      simulation: { speed: 1, startPrices: {} },
    }),
    market,
  });
  const [data, orchestrator] = [bot.container.get(MarketData), bot.container.get(StrategyOrchestrator)];
  const [accept, turn] = [data.acceptMark.bind(data), orchestrator.processSymbol.bind(orchestrator)];
  data.acceptMark = (symbol, mark, at) => {
    accept(symbol, mark, at);
    marks += 1;
    lag = Math.max(lag, Date.now() - at);
  };
  orchestrator.processSymbol = (symbol, now) => {
    turns += 1;
    return turn(symbol, now);
  };
  await bot.start();
  await sleep(WARMING_S);
  [marks, turns] = [0, 0];
  const [lagMs, heapMb]: [number[], number[]] = [[], []];
  const timer = setInterval(() => {
    lagMs.push(lag);
    lag = 0;
    if (lagMs.length % 10 === 0) collect();
    heapMb.push(process.memoryUsage().heapUsed / 2 ** 20);
  }, 1_000);
  const result = await measured(seconds, () => frames);
  clearInterval(timer);
  await bot.stop();
  market.close();
  // Those after a collection say what is held.
  return { ...result, marks, turns, lagMs, heapMb: heapMb.filter((_, i) => i % 10 === 9) };
}

/** Processor time of this process for each frame meanwhile. */
async function measured(seconds: number, frames: () => number): Promise<Counted> {
  const [cpu, from, begun] = [process.cpuUsage(), frames(), performance.now()];
  await sleep(seconds);
  const { user, system } = process.cpuUsage(cpu);
  const heard = frames() - from;
  return {
    frames: heard,
    perSecond: Math.round(heard / ((performance.now() - begun) / 1_000)),
    usPerFrame: rounded((user + system) / heard, 2),
  };
}

const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Per second, of values that are ten seconds apart: least squares. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [over, under] = values.reduce<readonly [number, number]>(
    ([sum, squares], value, i) => [sum + (i - middle) * (value - mean), squares + (i - middle) ** 2],
    [0, 0],
  );
  return over / under / 10;
}
