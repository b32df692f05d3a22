import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { barRow, generate, tradeRow } from './generated-rows.js';
import { CONFIG_FILE, recordedFile } from './market.js';
import { machine, rounded, spreadOf } from './method.js';

const ROUNDS = 15;
const ROWS = 1_000_000;
const BARS = '.cache/bench/million-bars.csv';
const TRADES = '.cache/bench/million-trades.csv';
const CATALOG = '.cache/bench/reading-catalog';
/** What the other build took over what this one took, the median of the rounds: at least so much. */
const LEAST = 0.97;
/** Of a strategy of the short form, which is told of more than it was. */
const LEAST_SHORT = 0.9;
/** Memory is what a whole process held at most, and moves with the moments of the collector. */
const MOST_MEMORY = 1.1;
const STRATEGY = ['--param', 'shortMa=400', '--param', 'longMa=2000'];
const SHORT = 'docs/examples/ema-cross.ts';

interface Taken {
  readonly cpuMs: number;
  readonly rssMb: number;
  readonly trace: string;
}

/**
 * Whole processes of `backtest`, reading included: the recorded month, a million bars and a million trades, and a short
 * strategy of the documents over the bars. With `--against=DIST`, the folder of another build, in turns with it: what
 * it took over what this one took, round by round, for the same trace.
 * A build that reads no trades with `--data` imports them and runs over its catalog.
 */
export async function readingBench(): Promise<Record<string, unknown>> {
  const before = machine();
  await generate(BARS, 'ts_ms,symbol,open,high,low,close,volume', barRow, ROWS);
  await generate(TRADES, 'ts_ms,symbol,price,size,side', tradeRow, ROWS);
  const against = process.argv.find((argument) => argument.startsWith('--against='))?.slice('--against='.length);
  const builds = { own: 'dist', ...(against === undefined ? {} : { other: resolve(against) }) };
  const cases: Record<string, unknown> = {};
  let ok = true;
  for (const [name, file] of Object.entries({ month: recordedFile(), bars: BARS, trades: TRADES, short: BARS })) {
    const taken: Record<string, Taken[]> = {};
    for (let round = 0; round < ROUNDS; round += 1) {
      const turn = Object.entries(builds);
      for (const [build, dist] of round % 2 === 0 ? turn : turn.reverse())
        (taken[build] ??= []).push(name === 'short' ? shortOver(dist, file) : over(dist, file, name === 'trades'));
    }
    const told = Object.fromEntries(Object.entries(taken).map(([build, rounds]) => [build, figuresOf(rounds)]));
    const { own, other } = told;
    const ratios = (taken['own'] ?? []).map(({ cpuMs }, round) => (taken['other']?.[round]?.cpuMs ?? NaN) / cpuMs);
    const ratio = other === undefined ? undefined : spreadOf(ratios, 3);
    // What a short strategy is told of grew: its records may differ.
    const isSame = name === 'short' || own?.traces[0] === other?.traces[0];
    const better =
      own !== undefined &&
      (other === undefined ||
        ((ratio?.median ?? NaN) >= (name === 'short' ? LEAST_SHORT : LEAST) &&
          own.rssMb <= other.rssMb * MOST_MEMORY &&
          isSame));
    const steady = Object.values(told).every(({ traces }) => traces.length === 1);
    ok &&= better && steady;
    cases[name] = { ok: better && steady, ...(ratio === undefined ? {} : { ratio }), ...told };
  }
  return { ok, cases, rounds: ROUNDS, machine: before };
}

const figuresOf = (rounds: readonly Taken[]) => {
  const cpu = rounds.map(({ cpuMs }) => cpuMs);
  return {
    cpuMs: spreadOf(cpu, 0).median,
    cpuLeastMs: rounded(Math.min(...cpu), 0),
    rssMb: spreadOf(
      rounds.map(({ rssMb }) => rssMb),
      0,
    ).median,
    traces: [...new Set(rounds.map(({ trace }) => trace))],
  };
};

/** A strategy of the documents, by a file that stands where the build's own package is found. */
function shortOver(dist: string, file: string): Taken {
  const strategy = join(dirname(resolve(dist)), 'bench-strategy.mjs');
  copyFileSync(SHORT, strategy);
  try {
    return launched(dist, ['backtest', '--json', '--config', CONFIG_FILE, '--strategy', strategy, '--data', file]);
  } finally {
    rmSync(strategy);
  }
}

/** A run over a file, by import where the build cannot read it itself. */
function over(dist: string, file: string, mayImport: boolean): Taken {
  const run = ['backtest', '--json', '--config', CONFIG_FILE, ...STRATEGY];
  const straight = launched(dist, [...run, '--data', file]);
  if (straight.trace !== '' || !mayImport) return straight;
  rmSync(CATALOG, { recursive: true, force: true });
  const brought = launched(dist, ['data', 'import', '--json', '--from', file, '--catalog', CATALOG]);
  const ran = launched(dist, [...run, '--catalog', CATALOG, '--kind', 'trades']);
  return { cpuMs: brought.cpuMs + ran.cpuMs, rssMb: Math.max(brought.rssMb, ran.rssMb), trace: ran.trace };
}

/** What a process of its own took, told by itself as it ends. */
function launched(dist: string, words: readonly string[]): Taken {
  const tell =
    'data:text/javascript,process.on("exit",()=>process._rawDebug("TAKEN "+JSON.stringify(process.resourceUsage())))';
  const { stdout, stderr } = spawnSync(
    'node',
    ['--import', tell, `${dist}/${existsSync(join(dist, 'launch.js')) ? 'launch.js' : 'di/launch.js'}`, ...words],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    },
  );
  const usage = JSON.parse(/TAKEN (.*)/.exec(stderr)?.[1] ?? '{}') as NodeJS.ResourceUsage;
  const { data } = JSON.parse(stdout) as { readonly data: { readonly traceHash?: string } | null };
  return {
    cpuMs: (usage.userCPUTime + usage.systemCPUTime) / 1_000,
    rssMb: usage.maxRSS / 1_024,
    trace: data?.traceHash ?? '',
  };
}
