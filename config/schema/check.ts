import type { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../src/domain/errors.js';
import type { Entries } from './entries.js';
import type { Problems } from '../load/problems.js';
import { configSchema } from './index.js';

interface CheckerOptions {
  /** Are origins known? Not for a configuration that a host resolved. */
  readonly layered?: boolean;
  readonly schema?: z.ZodType;
}

/** What a check may ask and say. Paths are dotted, in the grammar of the files. */
export class Checker {
  readonly layered: boolean;
  readonly schema: z.ZodType;

  constructor(
    readonly entries: Entries,
    private readonly refused: ReadonlySet<string>,
    private readonly problems: Problems,
    readonly warnings: string[],
    { layered = true, schema = configSchema }: CheckerOptions = {},
  ) {
    this.layered = layered;
    this.schema = schema;
  }

  /** Reports unless it holds. Says nothing of values that were refused before: what took their place is not theirs. */
  require(holds: boolean, code: ErrorCode, paths: readonly string[], message: string, fix: string): void {
    if (holds || paths.some((path) => this.isRefused(path))) return;
    this.problems.add(code, message, { where: this.whereOf(paths), fix });
  }

  /** Runs something that throws our errors, and reports them. */
  attempt(paths: readonly string[], action: () => void): void {
    try {
      action();
    } catch (error) {
      const { code, message, fix } = error as {
        readonly code?: ErrorCode;
        readonly message: string;
        readonly fix?: string;
      };
      if (code === undefined || !(code in ERRORS)) throw error;
      this.require(false, code, paths, message, fix ?? 'Correct the value.');
    }
  }

  warn(paths: readonly string[], message: string): void {
    const where = this.whereOf(paths);
    this.warnings.push(where === undefined ? message : `${where}: ${message}`);
  }

  isRefused(path: string): boolean {
    return this.refused.has(path) || [...this.refused].some((bad) => path.startsWith(`${bad}.`));
  }

  /** The place of whichever value was said last: the one that made the contradiction. */
  private whereOf(paths: readonly string[]): string | undefined {
    let last: { readonly where?: string; readonly rank: number } | undefined;
    for (const path of paths) {
      for (const [key, entry] of this.entries) {
        if ((key === path || key.startsWith(`${path}.`)) && entry.rank > (last?.rank ?? -1)) last = entry;
      }
    }
    return last?.where;
  }
}
