import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runEngine } from './engine-run.js';
import { benchMarket, ramp } from './market.js';
import { collect, rounded } from './method.js';

export interface Garbage {
  readonly events: number;
  /** Bytes allocated per bar on which nothing fills: while flat, and while a position is valued at every mark. */
  readonly bytesFlat: number;
  readonly bytesHolding: number;
}

const SHORT = 50_000;
const LONG = 250_000;
const ROUNDS = 5;
/**
 * Megabytes of young generation: more than the runs allocate, so that nothing is collected between the two readings.
 */
const YOUNG_MB = 128;

/**
 * Measured in a process of its own, in which nothing is collected while it counts, and code is compiled where it runs:
 * beside it, on a busy machine, it comes late, and what was not compiled yet allocates more.
 */
export function measureGarbage(): Garbage {
  const flags = [
    '--expose-gc',
    '--no-concurrent-recompilation',
    `--min-semi-space-size=${YOUNG_MB}`,
    `--max-semi-space-size=${YOUNG_MB}`,
  ];
  return JSON.parse(
    execFileSync(process.execPath, [...flags, fileURLToPath(import.meta.url)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  ) as Garbage;
}

/** The difference of a long and a short run: what setting up, entering and finishing cost falls out. */
async function bytesPerBar(parameters: Readonly<Record<string, string>>, fills: number): Promise<number> {
  const market = await benchMarket();
  const config = market.config(parameters);
  const allocated = async (bars: number): Promise<number> => {
    const columns = ramp(market.history.columns, bars);
    let before = 0;
    const run = await runEngine(config, columns, parameters, () => {
      collect();
      before = process.memoryUsage().heapUsed;
    });
    if (run.fills !== fills) throw new Error(`A run without fills must have ${fills}, had ${run.fills}.`);
    return run.heapUsed - before;
  };
  // The least of several runs: code that is not compiled yet allocates more, and a busy machine compiles late.
  const least = async (bars: number): Promise<number> => {
    let bytes = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round += 1) bytes = Math.min(bytes, await allocated(bars));
    return bytes;
  };
  await least(LONG);
  return ((await least(LONG)) - (await least(SHORT))) / (LONG - SHORT);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const garbage: Garbage = {
    events: LONG,
    bytesFlat: rounded(await bytesPerBar({ disableNewEntries: 'true' }, 0), 1),
    bytesHolding: rounded(await bytesPerBar({ trailingStop: '0.5' }, 1), 1),
  };
  process.stdout.write(JSON.stringify(garbage));
}
