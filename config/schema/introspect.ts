import type { z } from 'zod';
import { fieldInfo, isSymbolMap, type FieldInfo } from './fields.js';

/** What a reader of the schema needs to know of one of its nodes. */
export type Node =
  | { readonly kind: 'field'; readonly info: FieldInfo }
  | { readonly kind: 'section'; readonly shape: Readonly<Record<string, z.ZodType>> }
  | { readonly kind: 'map'; readonly value: z.ZodType; readonly keys: 'symbols' | 'names' }
  | { readonly kind: 'list'; readonly item: z.ZodType };

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
}

const NODES = new WeakMap<z.ZodType, Node>();

/** Looks through optional and transforming wrappers. */
export function nodeOf(schema: z.ZodType): Node {
  const known = NODES.get(schema);
  if (known !== undefined) return known;
  const node = readNode(schema);
  NODES.set(schema, node);
  return node;
}

function readNode(schema: z.ZodType): Node {
  const info = fieldInfo(schema);
  if (info !== undefined) return { kind: 'field', info };
  const definition = schema.def as unknown as Definition;
  if (definition.shape !== undefined) return { kind: 'section', shape: definition.shape };
  if (definition.valueType !== undefined)
    return { kind: 'map', value: definition.valueType, keys: isSymbolMap(schema) ? 'symbols' : 'names' };
  if (definition.element !== undefined) return { kind: 'list', item: definition.element };
  const inner = definition.innerType ?? definition.in;
  if (inner === undefined)
    throw new TypeError(`Schema of type ${definition.type} must be a section, a map, a list or a field.`);
  return nodeOf(inner);
}

/** The schema of a section's key, or of a map's value. */
export function childOf(schema: z.ZodType, key: string): z.ZodType | undefined {
  const node = nodeOf(schema);
  if (node.kind === 'map') return node.value;
  return node.kind === 'section' && Object.hasOwn(node.shape, key) ? node.shape[key] : undefined;
}

/** Keys that a section knows; nothing for other nodes. */
export function keysOf(schema: z.ZodType): readonly string[] {
  const node = nodeOf(schema);
  return node.kind === 'section' ? Object.keys(node.shape) : [];
}

/** Dotted paths of every section key, maps and lists counting as one. */
export function* pathsOf(schema: z.ZodType, prefix = ''): Generator<string> {
  const node = nodeOf(schema);
  if (node.kind !== 'section') return;
  for (const [key, child] of Object.entries(node.shape)) {
    yield prefix + key;
    yield* pathsOf(child, `${prefix}${key}.`);
  }
}
