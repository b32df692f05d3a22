import type { FlagSpec, Flags } from './command.js';
import { DRIVING } from './market-flags.js';

/**
 * What every command that runs a strategy is told, by the same words with the same meaning: declared here and nowhere
 * else.
 */
const DECLARED = {
  data: {
    flags: '--data <file>',
    text: 'bars, CSV or Parquet: ts_ms,symbol,open,high,low,close,volume; ts_ms is the open',
  },
  funding: { flags: '--funding <file>', text: 'with --data: funding rates, CSV or Parquet: ts_ms,symbol,funding_rate' },
  catalog: {
    flags: '--catalog <dir>',
    text: 'in place of --data: a catalog made by data import; marks, index prices and funding come along',
  },
  symbol: {
    flags: '--symbol <name>',
    text: 'symbol; default: the only one there is. With --catalog repeated, several trade in one account',
    repeated: true,
  },
  kind: {
    flags: '--kind <name>',
    text: `with --catalog: ${DRIVING.join(', ')}; may be repeated; default: bars`,
    repeated: true,
  },
  interval: {
    flags: '--interval <duration>',
    text: 'with --catalog: which bars, as 1m; with --data: their length; without bars, how often the bot looks',
  },
  zone: {
    flags: '--zone <name>',
    text: 'with --data: where the clocks stood that wrote times without an offset; default: UTC',
  },
  from: { flags: '--from <time>', text: 'with --catalog: first instant, ISO-8601 in UTC' },
  to: { flags: '--to <time>', text: 'with --catalog: first instant that is not included any more' },
  strategy: {
    flags: '--strategy <file|name>',
    text: "a file with the strategy as its default export, or the name of a built-in one; default: the configuration's",
  },
  param: { flags: '--param <key=value>', text: 'setting of the strategy; may be repeated', repeated: true },
  set: {
    flags: '--set <path=value>',
    text: 'any setting of the configuration for this run, as simulation.matching.queue=probabilistic; may be repeated',
    repeated: true,
  },
  seed: { flags: '--seed <n>', text: 'seed of everything random' },
} as const satisfies Readonly<Record<string, FlagSpec>>;

export type RunFlag = keyof typeof DECLARED;

export const RUN_FLAGS = Object.keys(DECLARED) as readonly RunFlag[];

/** Those of the market that a run is over. */
export const MARKET_FLAGS = ['data', 'funding', 'catalog', 'symbol', 'kind', 'interval', 'zone', 'from', 'to'] as const;

/** What one command says of a flag beside what holds everywhere: other words, that it must be given, or why not. */
type Said = Partial<Pick<FlagSpec, 'text' | 'required' | 'idle' | 'flags'>>;

/** The flags of a command that runs a strategy. */
export const runFlags = (said: Readonly<Partial<Record<RunFlag, Said>>> = {}): readonly FlagSpec[] =>
  Object.entries(DECLARED).map(([name, flag]: [string, FlagSpec]) => ({ ...flag, ...said[name as RunFlag] }));

/** Spelling of the first of these flags that was given. */
export const givenOf = (names: readonly string[], flags: Flags): string | undefined => {
  const name = names.find((each) => flags.gave(each));
  return name === undefined ? undefined : `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
};

/** The flags of the run as they were given, to be given again. */
export function runWords(flags: Flags): string[] {
  const words: string[] = [];
  for (const [name, { repeated }] of Object.entries<FlagSpec>(DECLARED)) {
    const text = flags.text(name);
    for (const value of repeated === true ? flags.list(name) : text === undefined ? [] : [text])
      words.push(`--${name}`, value);
  }
  return words;
}
