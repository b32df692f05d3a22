import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Judge, type Answer, type MutationKind } from '../../support/mutations/judge.js';

/**
 * Configurations and data files that something has happened to, each question in a process of its own: answered as
 * `Judge` says, with little memory and in time. Each seed that is not is printed; exits with 1 when there was one.
 */
const MOST_RSS_MB = 256;
const MOST_MS = 60_000;
const REPORT_EVERY = 50;
const TELL = 'data:text/javascript,process.on("exit",()=>process._rawDebug("RSS "+process.resourceUsage().maxRSS))';

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: '600' },
    data: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(cpus().length) },
  },
});
const line = (text: string): void => void process.stdout.write(`${text}\n`);
const counted = { questions: 0, refused: 0, mostRssMb: 0, mostMs: 0 };
const beyond: string[] = [];

/** What a process of its own answers; it says itself, as it ends, how much memory it had. */
function ask(words: readonly string[]): Promise<Answer> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['--import', TELL, 'dist/launch.js', ...words], { timeout: 2 * MOST_MS });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (part: Buffer) => stdout.push(part));
  child.stderr.on('data', (part: Buffer) => stderr.push(part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const ms = performance.now() - begun;
      const rssMb = Number(/RSS (\d+)/.exec(Buffer.concat(stderr).toString())?.[1] ?? NaN) / 1_024;
      counted.questions += 1;
      counted.refused += code === 0 ? 0 : 1;
      counted.mostRssMb = Math.max(counted.mostRssMb, rssMb);
      counted.mostMs = Math.max(counted.mostMs, ms);
      if (!(rssMb < MOST_RSS_MB && ms < MOST_MS))
        beyond.push(`${words.join(' ')}: ${Math.round(rssMb)} MB, ${Math.round(ms)} ms, exit ${code ?? 'by a signal'}`);
      resolve({ code: code ?? 1, stdout: Buffer.concat(stdout).toString() });
    });
  });
}

const directory = mkdtempSync(join(tmpdir(), 'pb-mutations-'));
const judge = new Judge(directory, ask);
const first = Number(values.seed);
const seeds = (['config', 'data'] as const).flatMap((kind): [MutationKind, number][] =>
  Array.from({ length: Number(values[kind]) }, (_, index) => [kind, first + index]),
);
const total = seeds.length;
const failed: string[] = [];
const begun = performance.now();

async function work(): Promise<void> {
  for (let next = seeds.shift(); next !== undefined; next = seeds.shift()) {
    const [kind, seed] = next;
    const found = await judge.wrong(kind, seed);
    if (found !== undefined) {
      failed.push(found);
      line(`FAILED: npm run mutations -- --config 0 --data 0 --${kind} 1 --seed ${seed}: ${found}`);
    }
    if ((total - seeds.length) % REPORT_EVERY === 0) line(`mutations: ${total - seeds.length} of ${total}`);
  }
}

try {
  await Promise.all(Array.from({ length: Number(values.workers) }, work));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
for (const found of beyond) line(`FAILED: ${found}`);
line(
  `mutations: seeds ${first} to ${first + Number(values.config) - 1} of config and to ${first + Number(values.data) - 1} of data, ${failed.length + beyond.length} failed; ${counted.questions} processes, ${counted.refused} refused, at most ${Math.round(counted.mostRssMb)} MB and ${Math.round(counted.mostMs)} ms; ${Math.round((performance.now() - begun) / 1_000)} s`,
);
if (failed.length + beyond.length > 0 || total === 0) process.exitCode = 1;
