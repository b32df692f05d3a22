// A live bot that enters once with a stop and a target, and hangs in a loop of its own while a file is there; right
// after that it wants out: `blocked-child.mjs <live.yaml> <state> <file>`, over the built package.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { createBot, defineStrategy } from '../../../dist/index.js';

const [file, directory, hangsWhile] = process.argv.slice(2);
let [hasEntered, hasHung] = [false, false];
const strategy = defineStrategy({
  name: 'blocked',
  timeframe: '1m',
  setup: () => ({}),
  every: {
    '1s'({ long, flat, mark, position }) {
      if (!hasEntered) {
        hasEntered = true;
        long({
          why: 'in',
          quantity: '0.01',
          stop: Math.round(mark * 0.9),
          takeProfit: { at: Math.round(mark * 1.04) },
        });
      } else if (existsSync(hangsWhile)) {
        writeFileSync(`${hangsWhile}-seen`, '');
        while (existsSync(hangsWhile));
        hasHung = true;
      }
      if (hasHung && !position.isFlat) flat('out, after it hung');
    },
  },
  onBar() {},
});
const bot = createBot({
  config: {
    ...parse(readFileSync(file, 'utf8')),
    strategy: { name: 'blocked' },
    storage: { driver: 'sqlite', directory },
    logging: { level: 'error' },
  },
  strategies: [strategy],
});
process.on('SIGTERM', () => bot.requestStop('SIGTERM'));
await bot.start();
await bot.finished;
