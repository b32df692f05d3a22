import { setFlagsFromString } from 'node:v8';

/** For processes that are ours: a library leaves its host's engine alone. Both are called before anything is hot. */
export const tuneEngine = (): void => {
  tuneMemory();
  tuneCompiler();
};

/**
 * Lets the room for young objects grow at once to where it ends: it starts at a megabyte, doubles by collections, and a
 * program that reads its configuration fills it four times over.
 */
export const tuneMemory = (): void => setFlagsFromString('--semi-space-growth-factor=16');

/**
 * Lets the compiler put more of the small services of a step into one piece of machine code: a backtest calls some
 * forty of them a bar, and with V8's usual budget half of them stay calls (a tenth of the time of a bar, measured). An
 * import has no such steps: to compile its loops that way takes a quarter of its time and gains nothing.
 */
export const tuneCompiler = (): void => setFlagsFromString('--max-inlined-bytecode-size-cumulative=4000');

/**
 * Lets machine code be made of what has run a few dozen times: an order of a live bot takes the way of a thousand
 * small functions, a few times a minute, and most of them would stay with the interpreter for hours (twice the time
 * through every gate, measured). Called before the bot is composed.
 */
export const tuneSeldom = (): void => {
  for (const flag of seldomFlags(process.versions.v8)) setFlagsFromString(flag);
};

/** An engine counted the bytes of code that it had run, and counts calls since its twelfth version (Node 22). */
const seldomFlags = (version: string): readonly string[] => [
  '--always-sparkplug',
  '--no-lazy-feedback-allocation',
  ...(Number(version.split('.')[0]) < 12
    ? ['--interrupt-budget=6000']
    : ['--invocation-count-for-maglev=40', '--invocation-count-for-turbofan=300']),
];
