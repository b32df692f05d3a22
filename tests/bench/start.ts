import { spawnSync } from 'node:child_process';
import { rounded, spreadOf } from './method.js';

const SAMPLE = [
  'backtest',
  '--data',
  'docs/sample/synthetic-bars.csv',
  '--param',
  'shortMa=10',
  '--param',
  'longMa=50',
];

/** Node alone is so short that one start is noise. */
const COMMANDS: Readonly<Record<string, { readonly words: readonly string[]; readonly times: number }>> = {
  nothing: { words: ['-e', '0'], times: 4 },
  version: { words: ['dist/launch.js', 'version'], times: 2 },
  sample: { words: ['dist/launch.js', ...SAMPLE], times: 1 },
  build: { words: ['config/build.mjs'], times: 2 },
};

/** CPU as many times that of an empty program of Node; the build's in seconds. The bounds hold on Node 20. */
const BOUNDS = { version: 2.8, sample: 6.5, buildS: 0.3 };

/**
 * What a person waits for before anything happens: CPU of whole processes with their children, in turns with an empty
 * program on the same Node. `--node=PATH` measures another Node, `--slack=3` allows three times the bounds,
 * `--rounds=5` is quicker. `build` is a build that finds nothing to do, as before every start and test.
 */
export function startBench(): Promise<Record<string, unknown>> {
  const node = flag('node') ?? process.execPath;
  const [slack, rounds] = [Number(flag('slack') ?? 1), Number(flag('rounds') ?? 15)];
  const cpuOf = (name: string): number => {
    const { words, times } = COMMANDS[name] as (typeof COMMANDS)[string];
    let spent = 0;
    for (let time = 0; time < times; time += 1) spent += cpuSeconds(node, words);
    return spent / times;
  };
  const names = Object.keys(COMMANDS);
  for (const name of names) cpuOf(name);
  const seconds: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1)
    for (const name of round % 2 === 0 ? names : [...names].reverse()) (seconds[name] ??= []).push(cpuOf(name));
  const ratios = (name: string) =>
    spreadOf(
      (seconds[name] ?? []).map((value, round) => value / (seconds['nothing']?.[round] ?? NaN)),
      2,
    );
  const figures = { version: ratios('version'), sample: ratios('sample'), buildS: spreadOf(seconds['build'] ?? [], 3) };
  const ok =
    figures.version.median <= BOUNDS.version * slack &&
    figures.sample.median <= BOUNDS.sample * slack &&
    figures.buildS.median <= BOUNDS.buildS * slack;
  const nothingMs = rounded(spreadOf(seconds['nothing'] ?? [], 4).median * 1_000, 1);
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  return Promise.resolve({ ok, node: version, ...figures, bounds: BOUNDS, nothingMs, rounds });
}

const flag = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);

/** User and system time of a process and all its children, by the shell's own clock of them. */
function cpuSeconds(node: string, words: readonly string[]): number {
  const { stderr, status } = spawnSync(
    'bash',
    ['-c', `TIMEFORMAT='CPU %3U %3S'; time "$@" >/dev/null 2>&1`, 'time', node, ...words],
    { encoding: 'utf8' },
  );
  const [, user, system] = /CPU (\S+) (\S+)/.exec(stderr) ?? [];
  if (status !== 0 || user === undefined) throw new Error(`${words.join(' ')} ended with ${status ?? 'a signal'}`);
  return Number(user) + Number(system);
}
