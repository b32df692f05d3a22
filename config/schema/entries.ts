import type { z } from 'zod';
import { symbolGrammar } from './grammar.js';
import { childOf, nodeOf } from './introspect.js';
import { originOf, whereIn, type Layer, type Origin } from '../load/layer.js';
import type { ReadLayer } from '../load/read-layer.js';
import { dotted, isTree, leavesOf, NumberText, UntypedText, type Path } from './tree.js';

/** Where the value that holds came from. */
interface Entry {
  readonly origin: Origin;
  readonly where?: string;
  /** The value as it was written. */
  readonly written: string;
  /** Later layers have higher ranks. */
  readonly rank: number;
}
export type Entries = Map<string, Entry>;

/** The winner of every value, by dotted path in the grammar of the files. */
export function entriesOf(layers: readonly ReadLayer[], schema: z.ZodType): Entries {
  const entries: Entries = new Map();
  layers.forEach(({ layer, refused }, rank) => {
    for (const [path, value] of leavesOf(layer.tree)) {
      if (value === null || value === undefined || isRefused(path, refused)) continue;
      entries.set(dotted(canonical(path, schema)), entryOf(layer, path, value, rank));
    }
  });
  return entries;
}

function entryOf(layer: Layer, path: Path, value: unknown, rank: number): Entry {
  const where = whereIn(layer, path);
  return { origin: originOf(layer, path), written: render(value), rank, ...(where !== undefined && { where }) };
}

const isRefused = (path: Path, refused: ReadonlySet<string>): boolean => {
  if (refused.size === 0) return false;
  const full = dotted(path);
  return [...refused].some((bad) => full === bad || full.startsWith(`${bad}.`) || bad.startsWith(`${full}.`));
};

/** Symbols as they are known after reading: trimmed and upper-cased. */
function canonical(path: Path, root: z.ZodType): Path {
  let schema: z.ZodType | undefined = root;
  return path.map((key) => {
    const node = schema && nodeOf(schema);
    schema = schema && childOf(schema, String(key));
    return node?.kind === 'map' && node.keys === 'symbols' ? (symbolGrammar.parse(String(key)) ?? key) : key;
  });
}

function render(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(render).join(', ')}]`;
  // A row of a list: sections elsewhere are told value by value.
  if (isTree(value))
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${key}: ${render(inner)}`)
      .join(', ')} }`;
  if (value instanceof NumberText || value instanceof UntypedText) return value.text;
  return String(value);
}
