// Bots inside another program: `embed-child.mjs <state directory>`. Prints, for each way in which a bot can end, what
// keeps the process alive afterwards, and ends when nothing does.
import { createBot, TOKENS } from '../../../.cache/modules/di/index.js';

const directory = process.argv[2];
const { HostScheduler, Scheduler } = TOKENS.configuration;

const newBot = () =>
  createBot({
    config: {
      profile: 'demo',
      updateInterval: '1s',
      storage: { driver: 'sqlite', directory },
      simulation: { speed: 20 },
      logging: { level: 'error' },
    },
  });

const left = {};
/** The pipes are this process's own output. */
const handles = () => process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap');
const look = async (what, bot) => {
  // What Node does with native objects that were garbage takes an immediate of its own.
  await new Promise((resolve) => setImmediate(resolve));
  left[what] = {
    resources: handles(),
    timers: bot.container.get(Scheduler).pending + bot.container.get(HostScheduler).pending,
    running: bot.isRunning,
  };
};

const first = newBot();
await first.run({ cycles: 3 });
await look('cycles done', first);

const second = newBot();
await second.start();
await new Promise((resolve) => setTimeout(resolve, 150));
await second.stop();
await look('stopped', second);

const early = newBot();
const starting = early.start().catch(() => undefined);
await early.stop();
await starting;
await early.finished.catch(() => undefined);
await look('stopped while starting', early);

const holder = newBot();
const refused = newBot();
await holder.open();
await refused.start().catch((error) => (left.refusal = [error.code, error.cause?.code]));
await holder.stop();
await look('refused', refused);

console.log(JSON.stringify(left));
