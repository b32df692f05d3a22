import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where a life ends, and at which passing of that place. */
export interface Death {
  readonly point: string;
  readonly nth: number;
}

export interface Life extends Death {
  readonly directory: string;
  readonly strategy: 'baseline' | 'churn';
  readonly seed: number;
  /** The life ends by itself after so many cycles. */
  readonly cycles: number;
  /** World time of a market that begins. */
  readonly startAt: number;
  /** Between two quotes of the market. */
  readonly stepMs: number;
  readonly tighten?: string;
  /** No order may be in doubt when it starts. */
  readonly settled?: boolean;
  readonly memory?: boolean;
}

/** What a life said of itself and the exchange before its first decision. */
export interface LifeVerdict {
  readonly point: string;
  readonly exchangeTime: number;
  readonly safety: string;
  readonly known: boolean;
  readonly problems: readonly string[];
  readonly orders: number;
  readonly open: number;
  readonly unsettled: number;
  readonly lost: number;
  readonly fills: number;
  readonly makerFills: number;
  readonly fundings: number;
}

export interface LifeEnd {
  readonly killed: boolean;
  readonly code: number | null;
  readonly errors: string;
}

export function requireBuild(): void {
  if (!existsSync(resolve('dist/index.js')))
    throw new Error(
      'dist/ must hold the built package, it is missing: run npm run build (npm test does it by itself).',
    );
}

const CHILD = '.cache/children/kill-child.cjs';
const noted = [resolve('tests/simulation/support/noted.mjs'), resolve(CHILD)];

/** A life that ends by itself, where none has yet: those after it start from what the engine noted of it. */
export async function requireNotes(life: Life): Promise<void> {
  requireBuild();
  if (!existsSync(`${CHILD}.notes`)) await live(life);
}

export async function live(life: Life): Promise<LifeEnd> {
  mkdirSync(life.directory, { recursive: true });
  const child = spawn(process.execPath, [...noted, JSON.stringify(life)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((done) =>
    child.once('close', (code, signal) => done({ killed: signal === 'SIGKILL', code, errors })),
  );
}

export const linesOf = (directory: string, name: string): string[] => {
  const path = join(directory, name);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
};

export const verdictsOf = (directory: string): LifeVerdict[] =>
  linesOf(directory, 'verdicts.jsonl').map((line) => JSON.parse(line) as LifeVerdict);

/** A seeded order of equal chances (mulberry32). */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const next = random(seed);
  const result = [...items];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
