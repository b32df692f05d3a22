import { dirname, join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { Layer } from './layer.js';
import type { SourceFile } from './sources.js';
import { isTree, NumberText, type Tree } from '../schema/tree.js';

/** A shipped preset as it was read: its very text, what that says, and the line and column of each value. */
export interface ReadPreset {
  readonly text: string;
  readonly tree: Tree;
  readonly places: Readonly<Record<string, string>>;
}

/** In a tree that is written as JSON, a number by its text. */
const NUMBER = '#';
const known = new Map<string, readonly ReadPreset[]>();

/**
 * What `parseFile` gives for a shipped preset, without reading YAML, which costs a start more than all of its values:
 * `npm run --silent snippets` writes it beside the presets. Undefined for a text that is not, to the letter, a shipped
 * one.
 */
export function readPreset({ path, name, text }: SourceFile): Layer | undefined {
  const preset = presetsIn(dirname(path)).find((each) => each.text === text);
  if (preset === undefined) return undefined;
  const places = new Map(Object.entries(preset.places).map(([at, place]) => [at, `${name}:${place}`]));
  return { kind: 'profile', tree: valueOf(preset.tree) as Tree, places };
}

/** What is written of a layer that `parseFile` gave. */
export function writtenPreset(text: string, name: string, { tree, places }: Layer): ReadPreset {
  const written = (node: unknown): unknown => {
    if (node instanceof NumberText) return { [NUMBER]: node.text };
    if (Array.isArray(node)) return node.map(written);
    if (!isTree(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, written(value)]));
  };
  const at = Object.fromEntries([...places].map(([path, place]) => [path, place.slice(name.length + 1)]));
  return { text, tree: written(tree) as Tree, places: at };
}

/** A copy may be without them: then every preset is read as the file that it is. */
function presetsIn(directory: string): readonly ReadPreset[] {
  const last = known.get(directory);
  if (last !== undefined) return last;
  let presets: readonly ReadPreset[] = [];
  try {
    presets = JSON.parse(readFileSync(join(directory, 'read-presets.json'), 'utf8')) as readonly ReadPreset[];
  } catch {
    // Nothing is lost but time.
  }
  known.set(directory, presets);
  return presets;
}

function valueOf(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(valueOf);
  if (!isTree(node)) return node;
  const number = node[NUMBER];
  if (typeof number === 'string') return new NumberText(number);
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, valueOf(value)]));
}
