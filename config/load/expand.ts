import type { z } from 'zod';
import { childOf, nodeOf } from '../schema/introspect.js';
import { isTree, UntypedText, type Tree } from '../schema/tree.js';

/** Text between two commas or semicolons; what stays empty is kept, so that it is refused. */
const parts = (text: string): string[] => text.split(/[,;]/).map((part) => part.trim());

/**
 * Untyped text as the schema needs it: `A,B` for a list, `BTC-PERP:5,ETH-PERP:3` for a map of single values. Text that
 * does not fit stays text, and the schema refuses it.
 */
export function expand(schema: z.ZodType, value: unknown): unknown {
  const node = nodeOf(schema);
  if (Array.isArray(value)) return value;
  if (isTree(value)) {
    const result: Tree = {};
    for (const [key, inner] of Object.entries(value)) {
      const child = childOf(schema, key);
      result[key] = child === undefined ? inner : expand(child, inner);
    }
    return result;
  }
  if (!(value instanceof UntypedText)) return value;
  if (node.kind === 'list') return parts(value.text).map((part) => new UntypedText(part));
  return node.kind === 'map' ? (entriesOf(value.text) ?? value) : value;
}

function entriesOf(text: string): Tree | undefined {
  const result: Tree = {};
  for (const part of parts(text)) {
    const colon = part.lastIndexOf(':');
    const key = part.slice(0, colon).trim();
    if (colon < 1 || Object.hasOwn(result, key)) return undefined;
    result[key] = new UntypedText(part.slice(colon + 1).trim());
  }
  return result;
}
