import 'reflect-metadata';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Sequence, type Seen } from '../../support/conservation.js';

/**
 * Random sequences against the exchange inside, every unit checked after every step. Each failing seed is printed;
 * exits with 1 when there was one.
 */
const STEPS = 40;
const REPORT_EVERY = 50_000;

interface Share {
  readonly seed: number;
  readonly every: number;
  readonly sequences: number;
  readonly seconds: number;
}
interface News {
  readonly played: number;
  readonly seen: Seen;
  readonly failed?: { readonly seed: number; readonly error: string };
}

/** Plays one worker's share: every `every`th seed. */
function play({ seed, every, sequences, seconds }: Share, tell: (news: News) => void): void {
  const end = performance.now() + seconds * 1_000;
  let played = 0;
  let seen: Seen = { fills: 0, liquidations: 0, deleveragings: 0, fundings: 0 };
  const report = (failed?: News['failed']): void => {
    tell({ played, seen, ...(failed === undefined ? {} : { failed }) });
    played = 0;
    seen = { fills: 0, liquidations: 0, deleveragings: 0, fundings: 0 };
  };
  for (let i = 0; i < sequences && performance.now() < end; i += 1) {
    const own = (seed + i * every) >>> 0;
    played += 1;
    try {
      add(seen, new Sequence(own).run(STEPS));
    } catch (error) {
      report({ seed: own, error: error instanceof Error ? error.message : String(error) });
    }
    if (played === REPORT_EVERY) report();
  }
  report();
}

function add(to: Seen, more: Seen): void {
  for (const key of Object.keys(to) as (keyof Seen)[]) to[key] += more[key];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sequences: { type: 'string', default: '1000000' },
      seconds: { type: 'string', default: '3600' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '1' },
    },
  });
  const [sequences, seconds, seed, workers] = [values.sequences, values.seconds, values.seed, values.workers].map(
    Number,
  ) as [number, number, number, number];
  const begun = performance.now();
  const seen: Seen = { fills: 0, liquidations: 0, deleveragings: 0, fundings: 0 };
  let played = 0;
  let failures = 0;
  const line = (text: string): void => void process.stdout.write(`${text}\n`);
  const summary = (): string =>
    `conserve: ${played} of ${sequences} sequences of ${STEPS} steps from seed ${seed}, ${failures} failed, ${Math.round(played / ((performance.now() - begun) / 1_000))} a second: ${JSON.stringify(seen)}`;
  const hear = (news: News): void => {
    played += news.played;
    add(seen, news.seen);
    if (news.failed === undefined) line(summary());
    else {
      failures += 1;
      line(`FAILED: npm run conserve -- --seed ${news.failed.seed} --sequences 1: ${news.failed.error}`);
    }
  };
  await Promise.all(
    Array.from({ length: workers }, (_, index) => {
      const workerData: Share = {
        seed: seed + index,
        every: workers,
        sequences: Math.ceil((sequences - index) / workers),
        seconds,
      };
      return new Promise<void>((resolve, reject) => {
        new Worker(new URL(import.meta.url), { workerData })
          .on('message', hear)
          .on('error', reject)
          .on('exit', () => resolve());
      });
    }),
  );
  line(summary());
  if (failures > 0 || played === 0 || seen.fills === 0) process.exitCode = 1;
}

if (isMainThread) await main();
else play(workerData as Share, (news) => parentPort?.postMessage(news));
