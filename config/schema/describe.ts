import type { LoadedConfig } from '../load/loader.js';
import type { Origin } from '../load/layer.js';
import { looksSecret } from '../load/problems.js';
import { pathsOf } from './introspect.js';

export interface DescribeOptions {
  /** Name the winner of each value. */
  readonly origin?: boolean;
  /** Hide values whose name says that they are secrets. Default: true. */
  readonly redact?: boolean;
}

/** One value of a resolved configuration, as it would be written in a file. */
export interface ConfigLine {
  readonly path: string;
  readonly value: string;
  readonly origin?: Origin;
  /** `file:line:column` or the variable; absent for defaults. */
  readonly where?: string;
}

/** Every value that holds, in the order of the schema, with the layer that won if asked. */
export function describeConfig(
  loaded: LoadedConfig,
  { origin = false, redact = true }: DescribeOptions = {},
): ConfigLine[] {
  const order = new Map([...pathsOf(loaded.schema)].map((path, index) => [path, index]));
  const rankOf = (path: string): number => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
      const rank = order.get(path.slice(0, end));
      if (rank !== undefined) return rank;
    }
    return order.size;
  };
  return [...loaded.entries]
    .map(([path, entry]) => ({ path, entry, rank: rankOf(path) }))
    .sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1))
    .map(({ path, entry }) => ({
      path,
      value:
        redact && looksSecret(path.split('.').at(-1) ?? '') && !entry.written.startsWith('secret://')
          ? '[hidden]'
          : entry.written,
      ...(origin && { origin: entry.origin, ...(entry.where !== undefined && { where: entry.where }) }),
    }));
}
