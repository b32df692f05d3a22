// A bot whose strategy always wants to buy, and hangs in a loop of its own while a file is there: `busy-child.mjs
// <state> <file> [marks]`, over the built package. With a number, so many marks come in each second beside the market's
// own; how many came is printed every 300 ms.
import { existsSync } from 'node:fs';
import { createBot, TOKENS } from '../../../dist/index.js';

const [directory, hangsWhile, marks = '0'] = process.argv.slice(2);
const busy = {
  name: 'busy',
  parameters: [],
  lookback: () => 1,
  create: () => ({
    name: 'busy',
    lookback: 1,
    needsSnapshot: false,
    decide: () => {
      while (existsSync(hangsWhile));
      return { action: 'buy', reason: 'always', notional: 50_000_000_000 };
    },
    onFill: () => undefined,
    snapshot: () => undefined,
    restore: () => undefined,
  }),
};
const bot = createBot({
  config: {
    profile: 'demo',
    updateInterval: '1s',
    strategy: { name: 'busy' },
    storage: { driver: 'sqlite', directory },
    simulation: { speed: 20 },
    logging: { level: 'error' },
  },
  strategies: [busy],
});
process.on('SIGTERM', () => bot.requestStop('SIGTERM'));
await bot.start();

const { MarketData } = TOKENS.marketData;
const { Clock } = TOKENS.configuration;
const { WindowStore } = TOKENS.runtimeState;
const [data, clock, windows] = [MarketData, Clock, WindowStore].map((token) => bot.container.get(token));
let [wanted, came] = [0, 0];
const since = performance.now();
const flood = setInterval(() => {
  const last = windows.find('BTC-PERP')?.last;
  if (last === undefined) return;
  wanted = ((performance.now() - since) / 1_000) * Number(marks);
  for (; came < wanted; came += 1) data.acceptMark('BTC-PERP', last + (came % 7), clock.now());
}, 5);
const count = setInterval(() => process.stdout.write(`${Math.round(performance.now() - since)} ${came}\n`), 300);
await bot.finished;
clearInterval(flood);
clearInterval(count);
